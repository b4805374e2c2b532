"""The grid of engagements: workshops, time of designated engineers, and proactive services."""

from collections.abc import Iterator
from functools import partial
from operator import attrgetter
from typing import Final

from ledger.domain.deliveries.rows import EngagementRow
from ledger.domain.values.quantities import parse_quantity
from ledger.projections.balances.engagement_amounts import EngagementAmounts
from ledger.projections.drill_down import asked_entitlement, rows_in_scope, zone_of
from ledger.projections.filters import Answer
from ledger.projections.grid.columns import Column, Grid, Kind
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question

_KINDS: Final[dict[str, Kind]] = {
    "scheduled": "quantity",
    "scheduled_at": "instant",
    "starts_at": "instant",
    "ends_at": "instant",
    "delivered_at": "instant",
    "cancelled_at": "instant",
    "charge": "quantity",
}
_FIGURES: Final = ("delivered_hours", "consumed", "reserved")


def answer(question: Question) -> Answer:
    """Return every engagement in scope, by its date: delivered, else begun, else planned.

    One that was on several entitlements has a row for each in whose balance something of it is.
    """
    amounts = EngagementAmounts(question)
    return question.answered(
        **asked_entitlement(question),
        **grid(question, _shape(question, amounts), _rows(question, amounts)),
    )


def _rows(question: Question, amounts: EngagementAmounts) -> Iterator[EngagementRow]:
    """Yield each engagement where it is, and where else something of it is in a balance."""
    here = {row.engagement: row for row in rows_in_scope(question, EngagementRow)}
    yield from here.values()
    yield from amounts.elsewhere(here)


def _shape(question: Question, amounts: EngagementAmounts) -> Grid[EngagementRow]:
    contract: Column[EngagementRow] = Column(
        "contract", "text", lambda row: question.contract_of(row.package)
    )
    hours, consumed, reserved = (
        Column(name, "quantity", partial(amounts.of, name), amounts.prepare) for name in _FIGURES
    )
    return Grid(
        columns=(
            *map(_plain, ("engagement", "kind", "title", "state", "workspace")),
            contract,
            *map(_plain, ("package", "entitlement", "scheduled", "scheduled_at", "starts_at")),
            *map(_plain, ("ends_at", "mode", "delivered_at", "cancelled_at")),
            hours,
            Column("unit", "text", amounts.unit),
            consumed,
            reserved,
            Column("quantity", "quantity", amounts.quantity, amounts.prepare),
            *map(_plain, ("charge", "reason")),
        ),
        identity=lambda row: [row.engagement, row.package or "", row.entitlement or ""],
        order=lambda row: [_date(row)],
        date=_date,
        zone=partial(zone_of, question),
        choices={"status": attrgetter("state")},
        places=lambda row: (question.contract_of(row.package), row.package, row.entitlement),
    )


def _plain(name: str) -> Column[EngagementRow]:
    kind, of = _KINDS.get(name, "text"), attrgetter(name)
    if kind != "quantity":
        return Column(name, kind, of)
    return Column(name, kind, lambda row: None if of(row) is None else parse_quantity(of(row)))


def _date(row: EngagementRow) -> int:
    for at in (row.delivered_at, row.starts_at, row.scheduled_at, row.cancelled_at):
        if at is not None:
            return at
    return row.from_at
