"""The grid of engagements: workshops, time of designated engineers, and proactive services."""

from functools import partial
from operator import attrgetter
from typing import Final

from ledger.domain.quantities import parse_quantity
from ledger.domain.rows import EngagementRow
from ledger.projections.columns import Column, Grid, Kind
from ledger.projections.drill_down import asked_entitlement, rows_in_scope, zone_of
from ledger.projections.filters import Answer
from ledger.projections.grid import grid
from ledger.projections.question import Question

_KINDS: Final[dict[str, Kind]] = {
    "scheduled": "quantity",
    "scheduled_at": "instant",
    "starts_at": "instant",
    "ends_at": "instant",
    "delivered_at": "instant",
    "cancelled_at": "instant",
    "delivered_hours": "quantity",
    "quantity": "quantity",
    "charge": "quantity",
}


def answer(question: Question) -> Answer:
    """Return every engagement in scope, by its date: delivered, else begun, else planned."""
    return question.answered(
        **asked_entitlement(question),
        **grid(question, _shape(question), rows_in_scope(question, EngagementRow)),
    )


def _shape(question: Question) -> Grid[EngagementRow]:
    contract: Column[EngagementRow] = Column(
        "contract", "text", lambda row: question.contract_of(row.package)
    )
    return Grid(
        columns=(
            *map(_plain, ("engagement", "kind", "title", "state", "workspace")),
            contract,
            *map(_plain, ("package", "entitlement", "scheduled", "scheduled_at", "starts_at")),
            *map(_plain, ("ends_at", "mode", "delivered_at", "cancelled_at", "delivered_hours")),
            Column("unit", "text", partial(_unit, question)),
            Column("consumed", "quantity", partial(_counted, question, "hours", "quantity")),
            Column(
                "reserved",
                "quantity",
                partial(_counted, question, "reserved_hours", "reserved_quantity"),
            ),
            *map(_plain, ("quantity", "charge", "reason")),
        ),
        identity=lambda row: [row.engagement],
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


def _unit(question: Question, row: EngagementRow) -> str | None:
    """Return the unit of the entitlement that it is placed on, where the viewer may see that."""
    if not question.knows_package(row.package):
        return None
    line = question.at.line(row.package, row.entitlement)
    return line.entitlement.unit if line is not None else None


def _counted(question: Question, in_hours: str, otherwise: str, row: EngagementRow) -> int:
    """Return an amount as the unit counts it."""
    return parse_quantity(getattr(row, in_hours if _unit(question, row) == "hour" else otherwise))
