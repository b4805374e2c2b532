"""The agenda: what one engagement looks like, from its first plan to its delivery or its end."""

from ledger.domain.deliveries.postings import EngagementStep
from ledger.domain.deliveries.rows import FOREVER, EngagementRow, EngagementState, note
from ledger.domain.events.engagements import (
    EngagementCancelled,
    EngagementDelivered,
    EngagementScheduled,
)
from ledger.domain.recorded import Recorded
from ledger.domain.values.quantities import format_quantity


class Agenda:
    """What is known of one engagement while its events are applied; it moves no quantity."""

    def __init__(self) -> None:
        """Start with nothing known of it."""
        self._rows: list[EngagementRow] = []
        self._kind: str | None = None
        self._title: str | None = None
        self._state: EngagementState = "scheduled"
        self._plan: EngagementScheduled | None = None
        self._scheduled_at: int | None = None
        self._delivered_at: int | None = None
        self._cancelled_at: int | None = None
        self._charge = 0
        self._reason: str | None = None

    def follow(self, recorded: Recorded, step: EngagementStep) -> None:
        """Take in an event, and where the engagement is by then; keep what it looks like since."""
        match recorded.event:
            case EngagementScheduled() as event:
                self._schedule(recorded, event)
            case EngagementDelivered() as event:
                self._deliver(recorded, event, final=step.final)
            case EngagementCancelled() as event:
                self._cancel(recorded, event)
            case _:
                pass
        self._note(recorded, step)

    def _schedule(self, recorded: Recorded, event: EngagementScheduled) -> None:
        """Plan it: what was delivered of it before stays begun."""
        self._kind = _kind(event.type_name)
        self._plan, self._title = event, event.title
        self._scheduled_at = recorded.effective_at
        self._cancelled_at = self._reason = None
        if self._state != "in_delivery":
            self._state = "scheduled"

    def _deliver(self, recorded: Recorded, event: EngagementDelivered, *, final: bool) -> None:
        """Deliver it, or a part of it."""
        self._kind = _kind(event.type_name)
        self._title = event.title or self._title
        self._delivered_at = recorded.effective_at
        if final:
            self._state = "delivered"
        elif self._state != "delivered":
            self._state = "in_delivery"

    def _cancel(self, recorded: Recorded, event: EngagementCancelled) -> None:
        """Cancel it, perhaps at a charge."""
        self._kind = self._kind or _kind(event.type_name)
        self._cancelled_at, self._reason = recorded.effective_at, event.reason
        self._charge += event.charge or 0
        self._state = "cancelled_charged" if event.charge else "cancelled"

    def _note(self, recorded: Recorded, step: EngagementStep) -> None:
        """Keep what it looks like from now on."""
        plan = self._plan
        assert self._kind is not None
        row = EngagementRow(
            from_at=recorded.effective_at,
            until=FOREVER,
            zone_package=None,
            zone_workspace=None,
            engagement=_engagement(recorded),
            kind=self._kind,
            title=self._title,
            workspace=step.workspace,
            package=step.package,
            entitlement=step.entitlement,
            state=self._state,
            scheduled=format_quantity(plan.quantity) if plan else None,
            scheduled_at=self._scheduled_at,
            starts_at=plan.starts_at if plan else None,
            ends_at=plan.ends_at if plan else None,
            mode=plan.mode if plan else None,
            delivered_at=self._delivered_at,
            cancelled_at=self._cancelled_at,
            charge=format_quantity(self._charge),
            reason=self._reason,
            moved=0,
        )
        note(self._rows, row)

    def rows(self, *, moved: bool) -> list[EngagementRow]:
        """Return the rows, in the zone of the first package and workspace that were named."""
        package = next((row.package for row in self._rows if row.package is not None), None)
        workspace = next((row.workspace for row in self._rows if row.workspace is not None), None)
        return [
            row._replace(zone_package=package, zone_workspace=workspace, moved=int(moved))
            for row in self._rows
        ]


def _kind(type_name: str) -> str:
    """Return what an engagement is, of the name of a type: `workshop.scheduled`."""
    return type_name.partition(".")[0]


def _engagement(recorded: Recorded) -> str:
    event = recorded.event
    assert isinstance(event, EngagementScheduled | EngagementDelivered | EngagementCancelled)
    return event.engagement
