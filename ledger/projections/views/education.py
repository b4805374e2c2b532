"""The grid of on-demand education: who started what, how far they came, and totals for everyone."""

from collections.abc import Iterable
from functools import partial
from operator import attrgetter
from typing import Final

from ledger.domain.deliveries.rows import CourseRow
from ledger.domain.values.quantities import parse_quantity
from ledger.projections.drill_down import asked_entitlement, rows_in_scope, zone_of
from ledger.projections.filters import Answer
from ledger.projections.grid.columns import Column, Grid, Kind
from ledger.projections.grid.filters import on_place
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question

_KINDS: Final[dict[str, Kind]] = {
    "started_at": "instant",
    "last_activity_at": "instant",
    "completed_at": "instant",
    "attempts": "count",
}


def answer(question: Question) -> Answer:
    """Return the totals of the scope, and the rows of learners whom the viewer may see.

    The totals are of all learners on the places asked for; no other filter narrows them, for what
    it left over would tell of rows that the viewer may not see.
    """
    shape, scope = _shape(question), question.scope
    courses = list(rows_in_scope(question, CourseRow))
    visible = [row for row in courses if scope.sees_learner(row.workspace, row.learner)]
    page = grid(question, shape, visible)
    return question.answered(
        **asked_entitlement(question),
        totals=_totals(on_place(question, shape, courses)),
        **page,
    )


def _totals(courses: Iterable[CourseRow]) -> dict[str, object]:
    begun = [row for row in courses if row.started_at is not None]
    return {
        "activities": len(begun),
        "learners": len({row.learner for row in begun}),
        "completed": sum(row.completed_at is not None for row in begun),
    }


def _shape(question: Question) -> Grid[CourseRow]:
    contract: Column[CourseRow] = Column(
        "contract", "text", lambda row: question.contract_of(row.package)
    )
    return Grid(
        columns=(
            *map(_plain, ("learner", "item", "title", "item_type", "product", "level")),
            *map(_plain, ("language", "workspace")),
            contract,
            *map(_plain, ("package", "entitlement", "started_at", "last_activity_at")),
            *map(_plain, ("completed_at", "attempts")),
            Column("score", "quantity", _score),
        ),
        identity=lambda row: [
            *(row.learner, row.item, row.package or "", row.entitlement or "", row.workspace)
        ],
        order=lambda row: [_date(row)],
        date=_date,
        zone=partial(zone_of, question),
        choices={"product": attrgetter("product")},
        places=lambda row: (question.contract_of(row.package), row.package, row.entitlement),
    )


def _plain(name: str) -> Column[CourseRow]:
    return Column(name, _KINDS.get(name, "text"), attrgetter(name))


def _date(row: CourseRow) -> int:
    return row.last_activity_at if row.started_at is None else row.started_at


def _score(row: CourseRow) -> int | None:
    return None if row.score is None else parse_quantity(row.score)
