"""`cpod chart PACKAGE`: how each balance has burned down, and when it runs out at this rate."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from cli.language.wording import N_, _
from cli.options.completion import KnownId
from cli.options.parameters import Identifier
from cli.render.cells import DOT, clean
from cli.render.fit import wrap
from cli.render.layout import Column, Kind, Layout, Row, Section, Style
from cli.render.words import word, worded
from cli.view_command import question

_RATE: Final = N_(
    "The rate is what was used from {first} to {today}, {days} days, both counted; each coming day"
    " uses as much, and lots start and expire as their dates say."
)


def _drawn(rows: Sequence[Row], width: int | None, colour: bool) -> Iterator[str]:
    """Yield the picture of each series, and what it says in words."""
    from cli.render.grid import Ink
    from cli.render.plot import plot, signs_for

    ink = Ink(colour=colour)
    signs = signs_for(sys.stdout.encoding)
    for number, series in enumerate(rows):
        if number:
            yield ""
        name = clean(f"{series['package']} {series['entitlement']}")
        yield f"{ink(name, Style.HEADING)}  {clean(str(series['name']))}{DOT}{_unit(series)}"
        if not series["as_needed"] and series["points"]:
            yield from plot(series, width, ink, signs)
        for text, style in _says(series):
            for line in [text] if width is None else wrap(text, width):
                yield ink(line, style)


def _unit(series: Row) -> str:
    return word("unit", series["unit"])


def _says(series: Row) -> Iterator[tuple[str, Style]]:
    """Yield what the picture says, and how the rate was found."""
    from cli.documents.report.sentences import burn_down_says

    points: Any = series["points"]
    if not points:
        yield _("It has not begun."), Style.PLAIN
        return
    if series["as_needed"]:
        used = points[-1]["consumed"]
        yield _("As needed: {used} used, with no limit.").format(used=used), Style.PLAIN
        return
    yield burn_down_says(series), Style.PLAIN
    ahead = series["forecast"]
    if isinstance(ahead, Mapping):
        said = _(_RATE).format(
            first=series["starts_on"], today=series["on"], days=ahead["days_elapsed"]
        )
        yield said, Style.FAINT


def _spread(series: Row) -> Iterator[Row]:
    """Yield a row for each day on which something moved, then for each of the forecast."""
    own = {key: series[key] for key in ("package", "entitlement", "name", "unit")}
    points: Any = series["points"]
    yield from ({**own, "kind": "actual", **point} for point in points)
    ahead: Any = series["forecast"] or {}
    yield from ({**own, "kind": "forecast", **point} for point in ahead.get("points", ()))


LAYOUT: Final = Layout(
    title=N_("Burn-down of {package}"),
    main="series",
    sections=(
        Section(
            name="series",
            heading="",
            columns=(
                Column("entitlement", N_("Entitlement")),
                Column("unit", N_("Unit"), cell=worded("unit")),
                Column("kind", N_("Kind"), cell=worded("chart", "kind")),
                Column("on", N_("Day")),
                Column("granted", N_("Granted"), Kind.NUMBER),
                Column("consumed", N_("Consumed"), Kind.NUMBER),
                Column("expired", N_("Expired"), Kind.NUMBER, quiet=True),
                Column("remaining", N_("Remaining"), Kind.NUMBER),
            ),
            fields=(
                *("package", "entitlement", "name", "unit", "kind", "on"),
                *("granted", "consumed", "expired", "remaining"),
            ),
            empty=N_("This package has no limited entitlement that you may see."),
            spread=_spread,
            drawn=_drawn,
        ),
        Section(
            name="left_out",
            heading=N_("Left out: you may not see all that feeds them"),
            columns=(
                Column("entitlement", N_("Entitlement")),
                Column("name", N_("Name"), Kind.TEXT),
            ),
            fields=("package", "entitlement", "name"),
        ),
    ),
)

command = question(
    "chart",
    about=N_(
        "Draw how the entitlements of a package burn down. What was granted, what is left, the"
        " forecast to the end of the package at the present rate, and the day on which it runs"
        " out."
    ),
    examples=(
        "cpod chart BASE-17",
        "cpod chart BASE-17 CREDITS --as-of 2025-09-30",
        "cpod chart BASE-17 CREDITS --format json",
    ),
    layout=LAYOUT,
    filters=(
        click.Argument(["package"], type=KnownId("package"), metavar="PACKAGE"),
        click.Argument(["entitlement"], type=Identifier(), metavar="[ENTITLEMENT]", required=False),
    ),
)
