"""`cpod packages`: what each package holds, what was used of it, and what is left."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click

from cli.language.wording import N_, _
from cli.options.parameters import FILTERS, Option
from cli.options.shared import CONTRACT, FROM, PACKAGE, WORKSPACE
from cli.render import balances
from cli.render.cells import DOT, clean, written
from cli.render.layout import Band, Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import state, word, worded
from cli.view_command import question

_CLASSES: Final = {"consumables": "consumable", "benefits": "benefit"}


def _lines(package: Row, key: str) -> list[Row]:
    lines = package.get(key)
    return [line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []


def _arranged(packages: Sequence[Row]) -> Iterator[Row | Band]:
    """Yield each package: what it is, its consumables, its benefits."""
    for number, package in enumerate(packages):
        if number:
            yield Band([])
        yield Band([Cell(written(package.get(key)), Style.HEADING) for key in ("package", "name")])
        yield Band(list(_facts(package)), indent=2, between=DOT)
        yield from _lines(package, "consumables")
        for benefit in _lines(package, "benefits"):
            words = [
                clean(str(benefit[key])) for key in ("name", "description") if benefit.get(key)
            ]
            name = Cell(f"+ {written(benefit.get('entitlement'))}")
            yield Band([name, *(Cell(text, Style.FAINT) for text in words)], indent=2)


def _facts(package: Row) -> Iterator[Cell]:
    """Yield what is to be known of a package."""
    yield Cell(word("kind", package.get("kind")))
    yield Cell(_("contract {id}").format(id=written(package.get("contract"))))
    yield state(package)
    if package.get("reason") is not None:
        yield Cell(word("reason", package.get("reason")), Style.FAINT)
    first, last = written(package.get("starts_on")), written(package.get("ends_on"))
    yield Cell(_("{first} to {last}").format(first=first, last=last))
    ends = balances.days_left(package)
    if ends is not None:
        yield ends


def _spread(package: Row) -> Iterator[Row]:
    """Yield a row of csv for each consumable and benefit; one for a package that has neither."""
    own = {("package_name" if key == "name" else key): value for key, value in package.items()}
    lines = [
        {**own, "class": name, **line}
        for key, name in _CLASSES.items()
        for line in _lines(package, key)
    ]
    yield from lines or [own]


LAYOUT: Final = Layout(
    title=N_("Packages"),
    main="packages",
    sections=(
        Section(
            name="packages",
            heading="",
            columns=(
                Column("entitlement", N_("Entitlement")),
                Column("name", N_("Name"), Kind.TEXT),
                Column("unit", N_("Unit"), cell=worded("unit")),
                balances.GRANTED,
                balances.CONSUMED,
                balances.BAR,
                balances.IN_PERIOD,
                balances.ELSEWHERE,
                balances.EXPIRED,
                balances.REMAINING,
                balances.RESERVED,
                balances.AVAILABLE,
                balances.HOURS,
            ),
            fields=(
                *("contract", "package", "kind", "package_name", "state", "reason"),
                *("starts_on", "ends_on", "days_left"),
                *("class", "entitlement", "name", "description", "service", "unit"),
                *balances.FIELDS,
            ),
            empty=N_("No such packages; --kind all --state all shows every package there is."),
            indent=2,
            spread=_spread,
            arranged=_arranged,
        ),
    ),
)

command = question(
    "packages",
    about=N_(
        "Show packages, and what is left of each entitlement. Without filters these are the active"
        " add-on packages (enhanced solutions)."
    ),
    examples=(
        "cpod packages",
        "cpod packages --kind all --state all --as-of 2025-09-30",
        "cpod packages --contract C-2025-17 --expiring 90",
        "cpod packages --from 2025-07-01 --as-of 2025-09-30",
    ),
    layout=LAYOUT,
    filters=(
        CONTRACT,
        PACKAGE,
        WORKSPACE,
        Option(
            "--kind",
            type=click.Choice(("enterprise", "addon", "all")),
            heading=FILTERS,
            help=N_("Enterprise-wide packages, add-ons, or both. Default: addon."),
        ),
        Option(
            "--state",
            type=click.Choice(("active", "inactive", "all")),
            heading=FILTERS,
            help=N_("Only packages in this state. Default: active."),
        ),
        Option(
            "--expiring",
            metavar="DAYS",
            type=click.IntRange(min=0),
            heading=FILTERS,
            help=N_("Only packages that end within so many days."),
        ),
        FROM,
    ),
)
