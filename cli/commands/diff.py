"""`cpod diff`: what changed between two pairs of dates, and exactly which events moved it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened
from cli.options.parameters import DATES, FILTERS, Identifier, Option, PlainText
from cli.options.shared import CONTRACT, FORMAT, PACKAGE, VIEWER, WHERE, WORKSPACE, section_option
from cli.render.cells import DASH, DOT, written
from cli.render.layout import Answer, Band, Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.show import show
from cli.render.words import word, worded
from cli.run.progress import EVENTS, bar

_BALANCE: Final = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
)
_SIDES: Final = ("from", "to", "change")


def _facts(answer: Answer) -> Iterator[Cell]:
    """Yield the dates from which the difference is."""
    before = answer.get("from")
    if isinstance(before, Mapping):
        text = _("from {as_of} known at {known_at}, position {position}, to")
        yield Cell(text.format_map({key: written(before[key]) for key in before}))


def _from_to(key: str) -> Any:
    """Return the maker of a cell that shows a figure before and after."""

    def cell(row: Row) -> Cell:
        was, now = (
            side.get(key) if isinstance(side := row.get(name), Mapping) else None
            for name in ("from", "to")
        )
        if was == now:
            return Cell(written(now), Style.FAINT)
        return Cell(f"{written(was)} → {written(now)}")

    return cell


def _spread(entitlement: Row) -> Iterator[Row]:
    """Yield the one row of csv: each figure from, to, and its change."""
    flat: dict[str, object] = {key: entitlement[key] for key in ("package", "entitlement", "unit")}
    for side in _SIDES:
        figures = entitlement.get(side)
        for name in _BALANCE:
            flat[f"{side}_{name}"] = figures[name] if isinstance(figures, Mapping) else None
    yield flat


def _arranged(moves: Sequence[Row]) -> Iterator[Row | Band]:
    """Yield the moves under what they moved, later knowledge apart from new business."""
    before: object = None
    for number, move in enumerate(moves):
        place = [move.get(key) for key in ("package", "entitlement", "stride")]
        if place != before:
            before = place
            if number:
                yield Band([])
            name = Cell(f"{written(place[0])} {written(place[1])}", Style.HEADING)
            yield Band([name, Cell(word("stride", place[2]))], between=DOT)
        yield move


def _because(move: Row) -> Cell:
    causes = move.get("because")
    if not isinstance(causes, list) or not causes:
        return Cell(DASH)
    return Cell(", ".join(f"{written(each['position'])} {written(each['id'])}" for each in causes))


def _state(side: object) -> Cell:
    if not isinstance(side, Mapping):
        return Cell(DASH)
    state = word("state", side.get("state"))
    return Cell(f"{state}: {word('reason', side['reason'])}" if side.get("reason") else state)


def _states(name: str, heading: str) -> Section:
    return Section(
        name=f"{name}s",
        heading=heading,
        columns=(
            Column(name, ""),
            Column("from", "", Kind.TEXT, lambda row: _state(row.get("from"))),
            Column("arrow", "", cell=lambda _row: Cell("→")),
            Column("to", "", Kind.TEXT, lambda row: _state(row.get("to"))),
        ),
        fields=(name, "from", "to"),
    )


def _reasons(side: str) -> Any:
    def cell(row: Row) -> Cell:
        reasons = row.get(side)
        if not isinstance(reasons, list):
            return Cell(DASH)
        return Cell(", ".join(word("additional", reason) for reason in reasons))

    return cell


LAYOUT: Final = Layout(
    title=N_("Difference"),
    main="moves",
    facts=_facts,
    sections=(
        Section(
            name="entitlements",
            heading=N_("Balances"),
            columns=(
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("granted", N_("Granted"), cell=_from_to("granted")),
                Column("consumed", N_("Consumed"), cell=_from_to("consumed")),
                Column("expired", N_("Expired"), cell=_from_to("expired"), quiet=True),
                Column("reserved", N_("Reserved"), cell=_from_to("reserved"), quiet=True),
                Column("remaining", N_("Remaining"), cell=_from_to("remaining")),
            ),
            fields=(
                *("package", "entitlement", "unit"),
                *(f"{side}_{name}" for side in _SIDES for name in _BALANCE),
            ),
            empty=N_("No balance has changed."),
            spread=_spread,
        ),
        Section(
            name="moves",
            heading=N_("What moved them"),
            columns=(
                Column("effective_at", N_("Effective")),
                Column("figure", N_("Figure"), cell=worded("figure")),
                Column("change", N_("Change"), Kind.NUMBER),
                Column("type", N_("Type"), detail=True),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
                Column("recorded_at", N_("Recorded"), detail=True),
                Column("source", N_("Source"), detail=True),
                Column("id", N_("Id"), detail=True),
                Column("lot", N_("Lot"), Kind.NUMBER, quiet=True, detail=True),
                Column("because", N_("Because of"), Kind.IDS, _because, quiet=True, detail=True),
            ),
            fields=(
                *("package", "entitlement", "stride", "figure", "change", "effective_at"),
                *("position", "source", "id", "type", "recorded_at", "lot", "because"),
            ),
            indent=2,
            arranged=_arranged,
        ),
        _states("contract", N_("Contracts")),
        _states("package", N_("Packages")),
        Section(
            name="additional",
            heading=N_("Additional cases"),
            columns=(
                Column("case", N_("Case")),
                Column("from", N_("From"), Kind.TEXT, _reasons("from")),
                Column("to", N_("To"), Kind.TEXT, _reasons("to")),
            ),
            fields=("case", "from", "to"),
        ),
    ),
)


def _diff(before: str, after: str | None, viewer: str | None, **given: Any) -> None:
    from ledger.projections.history.diff_answer import is_different

    form, section = str(given["format"]), given["section"]
    if form == "json" and section is not None:
        raise click.UsageError(_("--section is not for json: it holds every section"))
    filters = {key: given[key] for key in ("workspaces", "contracts", "packages", "entitlement")}
    with opened() as ledger, bar(EVENTS) as progress:
        found = ledger.diff(before, after, viewer=viewer, on_progress=progress, **filters)
    show(found, LAYOUT, form, section, {})
    if is_different(found):
        click.get_current_context().exit(1)


command = Command(
    name="diff",
    callback=_diff,
    examples=(
        "cpod diff --from 2025-03-31@2025-04-02 --to 2025-06-30",
        "cpod diff --from 2025-12-31@812 --to 2025-12-31 --package BASE-17",
        "cpod diff --from 2025-09-30 --to 2025-12-31 --section moves --format csv",
    ),
    help=N_(
        "Show what changed between two pairs of dates, and which events moved it. What is known"
        " later of what had happened stands apart from what happened since; ends with 1 where"
        " anything has changed."
    ),
    params=[
        Option(
            "--from",
            "before",
            metavar="AS_OF[@KNOWN_AT]",
            type=PlainText(),
            required=True,
            heading=DATES,
            help=N_("The dates from which: 2025-03-31, 2025-03-31@812 or @812."),
        ),
        Option(
            "--to",
            "after",
            metavar="AS_OF[@KNOWN_AT]",
            type=PlainText(),
            heading=DATES,
            help=N_("The dates to which. Default: now, with all that is known."),
        ),
        VIEWER,
        CONTRACT,
        PACKAGE,
        Option(
            "--entitlement",
            metavar="ID",
            type=Identifier(),
            heading=FILTERS,
            help=N_("Only this entitlement of the packages."),
        ),
        WORKSPACE,
        FORMAT,
        section_option(LAYOUT.names),
        *WHERE,
    ],
)
