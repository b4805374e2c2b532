"""The fold of one learner on one item: it is counted at its first start, on each entitlement.

What names no package and entitlement, and begins nothing, belongs to what the learner began last
in that workspace; where there is no such thing it stands by itself.
"""

from collections.abc import Sequence

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.counted import place, place_of, post
from ledger.domain.deliveries.postings import Derived
from ledger.domain.deliveries.rows import FOREVER, CourseRow, note
from ledger.domain.events.courses import CourseCompleted, CourseFact, CourseStarted
from ledger.domain.recorded import Recorded
from ledger.domain.values.quantities import SCALE, format_quantity

_DESCRIBED = ("title", "item_type", "product", "level", "language")
"""What events say of the item; the last one to say it is right."""


def fold_course(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one learner on one item come to."""
    derived = Derived()
    courses: dict[EntitlementRef | str, list[CourseRow]] = {}
    begun: set[EntitlementRef | None] = set()
    for recorded in events:
        event = recorded.event
        assert isinstance(event, CourseFact)
        where = place_of(event)
        if isinstance(event, CourseStarted) and where not in begun:
            begun.add(where)
            post(derived, recorded, event, "activity", SCALE)
            place(derived, recorded, event, "activity")
        rows = courses.setdefault(where or _begun_last(courses, event), [])
        note(rows, _now(recorded, event, rows[-1] if rows else None))
    derived.courses = [row for rows in courses.values() for row in rows]
    return derived


def _begun_last(
    courses: dict[EntitlementRef | str, list[CourseRow]], event: CourseFact
) -> EntitlementRef | str:
    """Return what an event without a place belongs to: a course, or (by its name) a workspace."""
    if not isinstance(event, CourseStarted):
        here = [
            (rows[-1].started_at, key)
            for key, rows in courses.items()
            if rows[-1].workspace == event.workspace and rows[-1].started_at is not None
        ]
        if here:
            return max(here, key=lambda course: course[0])[1]
    return event.workspace


def _now(recorded: Recorded, event: CourseFact, before: CourseRow | None) -> CourseRow:
    """Return what a course looks like after an event."""
    at = recorded.effective_at
    starts = isinstance(event, CourseStarted)
    row = before or CourseRow(
        from_at=at,
        until=FOREVER,
        zone_package=event.package,
        zone_workspace=event.workspace,
        learner=event.learner,
        item=event.item,
        title=None,
        item_type=None,
        product=None,
        level=None,
        language=None,
        workspace=event.workspace,
        package=event.package,
        entitlement=event.entitlement,
        started_at=None,
        last_activity_at=at,
        completed_at=None,
        attempts=0,
        score=None,
    )
    first = starts and row.started_at is None
    described = {name: getattr(event, name) or getattr(row, name) for name in _DESCRIBED}
    return row._replace(
        from_at=at,
        until=FOREVER,
        workspace=event.workspace if first else row.workspace,
        started_at=at if first else row.started_at,
        last_activity_at=at,
        completed_at=at if isinstance(event, CourseCompleted) else row.completed_at,
        attempts=row.attempts + starts,
        score=row.score if event.score is None else format_quantity(event.score),
        **described,
    )
