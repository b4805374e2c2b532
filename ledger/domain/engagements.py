"""The fold of one engagement: scheduled, delivered in parts or at once, cancelled.

It is counted on two tracks side by side, in its quantity and in hours; the unit of the
entitlement picks the one that counts. What it looks like is kept by `ledger.domain.agenda`.
"""

from collections.abc import Sequence

from ledger.domain.agenda import Agenda
from ledger.domain.events.engagements import (
    EngagementCancelled,
    EngagementDelivered,
    EngagementScheduled,
)
from ledger.domain.packages import Place
from ledger.domain.postings import Derived, Measure, Placed, Posting
from ledger.domain.quantities import SCALE
from ledger.domain.recorded import Recorded
from ledger.domain.rows import FOREVER


class EngagementFold:
    """The state of one engagement while its events are applied."""

    def __init__(self) -> None:
        """Start with nothing known of it."""
        self.package: str | None = None
        self.entitlement: str | None = None
        self.workspace: str | None = None
        self.scheduled: int | None = None
        self.pending = False
        self.consumed: dict[Measure, int] = {"quantity": 0, "hours": 0}
        self.reserved: dict[Measure, int] = {"reserved_quantity": 0, "reserved_hours": 0}
        self.reserved_on: tuple[Place, str | None] | None = None
        self.derived = Derived()
        self.agenda = Agenda()

    @property
    def place(self) -> Place | None:
        """The entitlement that it is delivered on, where it names one."""
        if self.package is None or self.entitlement is None:
            return None
        return (self.package, self.entitlement)

    def schedule(self, recorded: Recorded, event: EngagementScheduled) -> None:
        """Plan it, in place of what was planned before."""
        self.package, self.entitlement = event.package, event.entitlement
        self.workspace = event.workspace
        self.scheduled = event.quantity
        self.pending = True
        self.agenda.schedule(recorded, event)
        self.reserve(recorded)

    def deliver(self, recorded: Recorded, event: EngagementDelivered) -> None:
        """Deliver it, or a part of it."""
        self.package = event.package or self.package
        self.entitlement = event.entitlement or self.entitlement
        self.workspace = event.workspace or self.workspace
        final = event.final is not False
        quantity = event.quantity if event.quantity is not None else self._default(final=final)
        self._consume(recorded, "quantity", quantity)
        self._consume(recorded, "hours", event.hours)
        self._post(recorded, "delivered", event.hours)
        self._note(recorded)
        self.pending = self.pending and not final
        self.agenda.deliver(recorded, event, final=final)
        self.reserve(recorded)

    def cancel(self, recorded: Recorded, event: EngagementCancelled) -> None:
        """Cancel it; a charge is consumed, in whatever unit the entitlement has."""
        if event.charge:
            self._consume(recorded, "quantity", event.charge)
            self._consume(recorded, "hours", event.charge)
            self._note(recorded)
        self.pending = False
        self.agenda.cancel(recorded, event)
        self.reserve(recorded)

    def _default(self, *, final: bool) -> int:
        """Return the quantity of a delivery that names none."""
        if not final:
            return 0
        whole = self.scheduled if self.scheduled is not None else SCALE
        return max(0, whole - self.consumed["quantity"])

    def _consume(self, recorded: Recorded, measure: Measure, amount: int) -> None:
        self.consumed[measure] += amount
        self._post(recorded, measure, amount)

    def _post(self, recorded: Recorded, measure: Measure, amount: int) -> None:
        if self.place is not None and amount:
            self._add(recorded, self.place, measure, self.workspace, amount)

    def _add(
        self,
        recorded: Recorded,
        place: Place,
        measure: Measure,
        workspace: str | None,
        amount: int,
    ) -> None:
        self.derived.postings.append(
            Posting(recorded.effective_at, recorded.position, *place, measure, workspace, amount)
        )

    def _note(self, recorded: Recorded) -> None:
        """Keep that this delivery should count somewhere."""
        self.derived.placed.append(
            Placed(
                recorded.effective_at,
                FOREVER,
                recorded.position,
                "engagement",
                self.package,
                self.entitlement,
                self.workspace,
            )
        )

    def note_row(self, recorded: Recorded) -> None:
        """Keep what it looks like from now on."""
        self.agenda.note(
            recorded,
            (self.package, self.entitlement, self.workspace),
            {**self.consumed, **self.reserved},
        )

    def reserve(self, recorded: Recorded) -> None:
        """Hold back what is planned and not yet consumed, and release what was held before."""
        wanted: dict[Measure, int] = {"reserved_quantity": 0, "reserved_hours": 0}
        if self.pending and self.scheduled is not None:
            wanted["reserved_quantity"] = max(0, self.scheduled - self.consumed["quantity"])
            wanted["reserved_hours"] = max(0, self.scheduled - self.consumed["hours"])
        if isinstance(recorded.event, EngagementScheduled):
            self._release(recorded)
            self.reserved_on = (
                (recorded.event.package, recorded.event.entitlement),
                recorded.event.workspace,
            )
        if self.reserved_on is None:
            return
        place, workspace = self.reserved_on
        for measure, amount in wanted.items():
            change = amount - self.reserved[measure]
            if change:
                self._add(recorded, place, measure, workspace, change)
        self.reserved = wanted

    def _release(self, recorded: Recorded) -> None:
        if self.reserved_on is None:
            return
        place, workspace = self.reserved_on
        for measure, amount in self.reserved.items():
            if amount:
                self._add(recorded, place, measure, workspace, -amount)
        self.reserved = {"reserved_quantity": 0, "reserved_hours": 0}


def fold_engagement(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one engagement, in order, come to."""
    fold = EngagementFold()
    for recorded in events:
        match recorded.event:
            case EngagementScheduled() as event:
                fold.schedule(recorded, event)
            case EngagementDelivered() as event:
                fold.deliver(recorded, event)
            case EngagementCancelled() as event:
                fold.cancel(recorded, event)
            case _:
                pass
        fold.note_row(recorded)
    fold.derived.engagements = fold.agenda.rows()
    return fold.derived
