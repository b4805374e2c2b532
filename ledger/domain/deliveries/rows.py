"""Rows: what an engagement, a course, a contact or an assessment looks like, and since when.

Each row holds from `from_at` until `until` (exclusive), like those of cases. The zone in which a
row is cut never changes: it is that of `zone_package` where known, else of `zone_workspace`.
Quantities are written as they are answered: as exact decimals.
"""

from typing import Final, Literal, NamedTuple, TypeVar

FOREVER: Final = 2**63 - 1
"""The end of what has not ended."""

EngagementState = Literal["scheduled", "in_delivery", "delivered", "cancelled", "cancelled_charged"]
AssessmentState = Literal["configured", "removed"]


class EngagementRow(NamedTuple):
    """A workshop, a proactive service or time of a designated engineer."""

    from_at: int
    until: int
    zone_package: str | None
    zone_workspace: str | None
    engagement: str
    kind: str
    title: str | None
    workspace: str | None
    package: str | None
    entitlement: str | None
    state: EngagementState
    scheduled: str | None
    """The quantity that is planned; None where nothing is."""
    scheduled_at: int | None
    starts_at: int | None
    ends_at: int | None
    mode: str | None
    delivered_at: int | None
    """The last delivery."""
    cancelled_at: int | None
    charge: str
    reason: str | None
    """Why it was cancelled."""
    moved: int
    """1 where it is, or comes to be, on other entitlements too; else 0."""


class CourseRow(NamedTuple):
    """One learner on one item of an entitlement, or of none."""

    from_at: int
    until: int
    zone_package: str | None
    zone_workspace: str
    learner: str
    item: str
    title: str | None
    item_type: str | None
    product: str | None
    level: str | None
    language: str | None
    workspace: str
    package: str | None
    entitlement: str | None
    started_at: int | None
    last_activity_at: int
    completed_at: int | None
    attempts: int
    score: str | None


class ContactRow(NamedTuple):
    """A contact in one workspace."""

    from_at: int
    until: int
    zone_package: str
    zone_workspace: str
    contact: str
    name: str | None
    email: str | None
    workspace: str
    package: str
    entitlement: str
    since: int


class AssessmentRow(NamedTuple):
    """An assessment of a technology in an environment, on an entitlement or on none."""

    from_at: int
    until: int
    zone_package: str | None
    zone_workspace: str
    technology: str
    environment: str
    workspace: str
    package: str | None
    entitlement: str | None
    state: AssessmentState
    configured_at: int | None
    last_run_at: int | None
    runs: int
    quality_index: str | None
    findings: int | None


DerivedRow = TypeVar("DerivedRow", EngagementRow, CourseRow, ContactRow, AssessmentRow)


def note(rows: list[DerivedRow], row: DerivedRow) -> None:
    """Add what something looks like from now on; `rows` are of one thing, by time."""
    if rows and rows[-1].until == FOREVER:
        if rows[-1][2:] == row[2:]:
            return
        end(rows, row.from_at)
    rows.append(row)


def end(rows: list[DerivedRow], at: int) -> None:
    """Let what something looked like last end now; what never held for an instant is dropped."""
    last = rows.pop()
    if last.from_at < at:
        rows.append(last._replace(until=at))
