"""The grid of on-demand assessments: what is configured, when it ran last, and what it found."""

from functools import partial
from operator import attrgetter
from typing import Final

from ledger.domain.deliveries.rows import AssessmentRow
from ledger.domain.values.quantities import parse_quantity
from ledger.projections.drill_down import asked_entitlement, rows_in_scope, zone_of
from ledger.projections.filters import Answer
from ledger.projections.grid.columns import Column, Grid, Kind
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question

_KINDS: Final[dict[str, Kind]] = {
    "configured_at": "instant",
    "last_run_at": "instant",
    "runs": "count",
    "findings": "count",
}


def answer(question: Question) -> Answer:
    """Return every assessment in scope, those that were removed too, by technology."""
    return question.answered(
        **asked_entitlement(question),
        **grid(question, _shape(question), rows_in_scope(question, AssessmentRow)),
    )


def _shape(question: Question) -> Grid[AssessmentRow]:
    contract: Column[AssessmentRow] = Column(
        "contract", "text", lambda row: question.contract_of(row.package)
    )
    return Grid(
        columns=(
            *map(_plain, ("technology", "environment", "state", "workspace")),
            contract,
            *map(_plain, ("package", "entitlement", "configured_at", "last_run_at", "runs")),
            Column("quality_index", "quantity", _quality_index),
            _plain("findings"),
        ),
        identity=_identity,
        order=_identity,
        date=lambda row: row.last_run_at if row.configured_at is None else row.configured_at,
        zone=partial(zone_of, question),
        choices={"status": attrgetter("state")},
        places=lambda row: (question.contract_of(row.package), row.package, row.entitlement),
    )


def _plain(name: str) -> Column[AssessmentRow]:
    return Column(name, _KINDS.get(name, "text"), attrgetter(name))


def _identity(row: AssessmentRow) -> list[str]:
    place = (row.package or "", row.entitlement or "")
    return [row.technology, row.environment, *place, row.workspace]


def _quality_index(row: AssessmentRow) -> int | None:
    return None if row.quality_index is None else parse_quantity(row.quality_index)
