"""The fold of one technology in one environment: it is counted when it is first configured.

What names no package and entitlement, and configures nothing, belongs to what was configured last
in that workspace; where there is no such thing it stands by itself.
"""

from collections.abc import Sequence

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.counted import place, place_of, post
from ledger.domain.deliveries.postings import Derived
from ledger.domain.deliveries.rows import FOREVER, AssessmentRow, AssessmentState, note
from ledger.domain.events.assessments import (
    AssessmentConfigured,
    AssessmentFact,
    AssessmentRemoved,
    AssessmentRun,
)
from ledger.domain.recorded import Recorded
from ledger.domain.values.quantities import SCALE, format_quantity


def fold_assessment(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one technology in one environment come to."""
    derived = Derived()
    assessments: dict[EntitlementRef | str, list[AssessmentRow]] = {}
    configured: set[EntitlementRef | None] = set()
    for recorded in events:
        event = recorded.event
        assert isinstance(event, AssessmentFact)
        where = place_of(event)
        if isinstance(event, AssessmentConfigured) and where not in configured:
            configured.add(where)
            post(derived, recorded, event, "assessment", SCALE)
            place(derived, recorded, event, "assessment")
        rows = assessments.setdefault(where or _configured_last(assessments, event), [])
        note(rows, _now(recorded, event, rows[-1] if rows else None))
    derived.assessments = [row for rows in assessments.values() for row in rows]
    return derived


def _configured_last(
    assessments: dict[EntitlementRef | str, list[AssessmentRow]], event: AssessmentFact
) -> EntitlementRef | str:
    """Return what an event without a place belongs to: an assessment, or (by name) a workspace."""
    if not isinstance(event, AssessmentConfigured):
        here = [
            (rows[-1].configured_at, key)
            for key, rows in assessments.items()
            if rows[-1].workspace == event.workspace and rows[-1].configured_at is not None
        ]
        if here:
            return max(here, key=lambda assessment: assessment[0])[1]
    return event.workspace


def _now(recorded: Recorded, event: AssessmentFact, before: AssessmentRow | None) -> AssessmentRow:
    """Return what an assessment looks like after an event."""
    at = recorded.effective_at
    row = before or AssessmentRow(
        from_at=at,
        until=FOREVER,
        zone_package=event.package,
        zone_workspace=event.workspace,
        technology=event.technology,
        environment=event.environment,
        workspace=event.workspace,
        package=event.package,
        entitlement=event.entitlement,
        state="configured",
        configured_at=None,
        last_run_at=None,
        runs=0,
        quality_index=None,
        findings=None,
    )
    first = isinstance(event, AssessmentConfigured) and row.configured_at is None
    runs = isinstance(event, AssessmentRun)
    return row._replace(
        from_at=at,
        until=FOREVER,
        workspace=event.workspace if first else row.workspace,
        state=_state(event, row.state),
        configured_at=at if first else row.configured_at,
        last_run_at=at if runs else row.last_run_at,
        runs=row.runs + runs,
        quality_index=(
            row.quality_index
            if event.quality_index is None
            else format_quantity(event.quality_index)
        ),
        findings=row.findings if event.findings is None else event.findings,
    )


def _state(event: AssessmentFact, before: AssessmentState) -> AssessmentState:
    if isinstance(event, AssessmentRemoved):
        return "removed"
    return "configured" if isinstance(event, AssessmentConfigured) else before
