"""`cpod trace SOURCE ID`: where one event is, what it does to balances, and who waits for it."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from cli.language.wording import N_, _
from cli.opening import operator_only
from cli.options.parameters import Identifier
from cli.render.cells import DASH, written
from cli.render.layout import Answer, Cell, Column, Kind, Layout, Row, Section, Style
from cli.run.progress import EVENTS, bar
from cli.view_command import question

if TYPE_CHECKING:
    from ledger.ledger import Ledger

_FIGURES: Final = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
    "delivered_hours",
)
_HELD: Final = ("number", "code", "file", "line", "reason", "raw", "waits_for", "received_at")


def _facts(answer: Answer) -> Iterator[Cell]:
    """Yield where the event is, in a few words."""
    event = answer.get("event")
    if not isinstance(event, Mapping):
        yield Cell(_("refused"), Style.BAD)
        return
    yield Cell(written(event["type"]))
    yield Cell(_("position {position}").format(position=event["position"]))
    if event["reversed_by"] is not None:
        yield Cell(_("reversed by {id}").format(id=written(event["reversed_by"]["id"])), Style.BAD)


def _reference(row: Row, key: str) -> Cell:
    other = row.get(key)
    if not isinstance(other, Mapping):
        return Cell(DASH)
    return Cell(f"{written(other['position'])} {written(other['id'])}")


def _moved(name: str) -> Any:
    """Return the maker of a cell that shows a figure without the event and with it."""

    def cell(row: Row) -> Cell:
        lacking, having = (
            side.get(name) if isinstance(side := row.get(key), Mapping) else None
            for key in ("without", "with")
        )
        if lacking == having:
            return Cell(written(having), Style.FAINT)
        return Cell(f"{written(lacking)} → {written(having)}")

    return cell


def _spread(row: Row) -> Iterator[Row]:
    flat: dict[str, object] = {key: row[key] for key in ("package", "entitlement")}
    for side in ("without", "with", "change"):
        figures = row.get(side)
        for name in _FIGURES:
            flat[f"{side}_{name}"] = figures[name] if isinstance(figures, Mapping) else None
    yield flat


def _held(name: str, heading: str) -> Section:
    return Section(
        name=name,
        heading=heading,
        columns=(
            Column("number", N_("Number"), Kind.NUMBER),
            Column("code", N_("Code")),
            Column("file", N_("File")),
            Column("line", N_("Line"), Kind.NUMBER),
            Column("reason", N_("Reason"), Kind.TEXT),
        ),
        fields=_HELD,
    )


LAYOUT: Final = Layout(
    title=N_("Event {identifier} of {source}"),
    main="balances",
    facts=_facts,
    sections=(
        Section(
            name="event",
            heading="",
            columns=(
                Column("stream", N_("Stream")),
                Column("version", N_("Version"), Kind.NUMBER),
                Column("effective_at", N_("Effective")),
                Column("recorded_at", N_("Recorded")),
                Column(
                    "reversed_by",
                    N_("Reversed by"),
                    cell=lambda row: _reference(row, "reversed_by"),
                    quiet=True,
                ),
                Column(
                    "reverses",
                    N_("Reverses"),
                    cell=lambda row: _reference(row, "reverses"),
                    quiet=True,
                ),
            ),
            fields=(
                *("position", "stream", "version", "type", "effective_at", "recorded_at"),
                *("reversed_by", "reverses", "data"),
            ),
        ),
        Section(
            name="postings",
            heading=N_("What it posts"),
            columns=(
                Column("effective_at", N_("Effective")),
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("measure", N_("Measure")),
                Column("quantity", N_("Quantity"), Kind.NUMBER),
                Column("workspace", N_("Workspace"), detail=True),
                Column("counts", N_("Counts")),
            ),
            fields=(
                *("package", "entitlement", "measure", "quantity", "effective_at"),
                *("workspace", "counts"),
            ),
        ),
        Section(
            name="balances",
            heading=N_("Balances without it and with it"),
            columns=(
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("granted", N_("Granted"), cell=_moved("granted")),
                Column("consumed", N_("Consumed"), cell=_moved("consumed")),
                Column("expired", N_("Expired"), cell=_moved("expired"), quiet=True),
                Column("reserved", N_("Reserved"), cell=_moved("reserved"), quiet=True),
                Column("remaining", N_("Remaining"), cell=_moved("remaining")),
            ),
            fields=(
                *("package", "entitlement"),
                *(f"{side}_{name}" for side in ("without", "with", "change") for name in _FIGURES),
            ),
            empty=N_("It moves no balance at this date."),
            spread=_spread,
        ),
        _held("refused", N_("Refused, and waiting in the quarantine")),
        _held("waiting", N_("Waiting for it in the quarantine")),
    ),
)


def _trace(ledger: "Ledger", asked: Mapping[str, Any]) -> Answer:
    operator_only(asked.get("viewer"))
    when = {key: asked[key] for key in ("as_of", "known_at") if key in asked}
    with bar(EVENTS) as progress:
        return ledger.trace(asked["source"], asked["identifier"], on_progress=progress, **when)


command = question(
    "trace",
    about=N_(
        "Show where one event is, and what it does. Its position, stream and times, what it posts,"
        " every balance with it and without it, what reverses it, and who waits for it; or why it"
        " was refused."
    ),
    examples=(
        "cpod trace urn:contoso:erp 0012",
        "cpod trace urn:contoso:erp 0012 --as-of 2025-09-30 --format json",
    ),
    layout=LAYOUT,
    filters=(
        click.Argument(["source"], type=Identifier(), metavar="SOURCE"),
        click.Argument(["identifier"], type=Identifier(), metavar="ID"),
    ),
    asks=_trace,
)
