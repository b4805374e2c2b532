"""The fold of one engagement: scheduled, delivered in parts or at once, cancelled.

It is counted on two tracks side by side, in its quantity and in hours; the unit of the
entitlement picks the one that counts. What it looks like is kept by
`ledger.domain.deliveries.schedule`.

What a final delivery consumes by default, and what stays reserved, depends on what the engagement
has consumed before; and what is in no balance has consumed nothing. Which places are balances only
the terms say. Nearly always that changes no amount, and the postings are final; else the steps are
kept, to be settled by the terms of a question.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.postings import Derived, EngagementStep, Measure, Placed, Posting
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.deliveries.schedule import Agenda
from ledger.domain.events.engagements import (
    EngagementCancelled,
    EngagementDelivered,
    EngagementScheduled,
)
from ledger.domain.recorded import Recorded
from ledger.domain.values.quantities import SCALE

InBalance = Callable[[EntitlementRef], bool]
"""Says whether an engagement that is delivered on a place counts in a balance there."""

_MANY: Final = 8
"""Places beyond which nobody looks whether amounts depend on the terms: they may."""


def fold_engagement(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one engagement, in order, come to."""
    derived = Derived()
    agenda = Agenda()
    steps: list[EngagementStep] = []
    for recorded in events:
        step = _step(recorded, steps[-1] if steps else None)
        steps.append(step)
        agenda.follow(recorded, step)
        if step.delivers:
            derived.placed.append(_placed(step))
    places = {place for step in steps if (place := step.place) is not None}
    derived.engagements = agenda.rows(moved=len(places) > 1)
    if _depends_on_terms(steps, places):
        derived.engagement_steps = steps
    else:
        derived.postings = settle(steps, lambda _place: True)
    return derived


def _step(recorded: Recorded, before: EngagementStep | None) -> EngagementStep:
    """Return what an event does; where it names no place, the engagement is where it was."""
    event = recorded.event
    at = (recorded.effective_at, recorded.position)
    package, entitlement, workspace = before[2:5] if before is not None else (None, None, None)
    match event:
        case EngagementScheduled():
            where = (event.package, event.entitlement, event.workspace)
            return EngagementStep(*at, *where, "scheduled", event.quantity, 0, final=False)
        case EngagementDelivered():
            package = event.package or package
            entitlement = event.entitlement or entitlement
            here = (package, entitlement, event.workspace or workspace)
            final = event.final is not False
            return EngagementStep(*at, *here, "delivered", event.quantity, event.hours, final)
        case _:
            assert isinstance(event, EngagementCancelled)
            charge = event.charge or 0
            return EngagementStep(
                *at, package, entitlement, workspace, "cancelled", charge, charge, final=True
            )


def _placed(step: EngagementStep) -> Placed:
    """Return that a delivery should count somewhere."""
    return Placed(step.effective_at, FOREVER, step.position, "engagement", *step[2:5])


def _depends_on_terms(steps: Sequence[EngagementStep], places: set[EntitlementRef]) -> bool:
    """Return whether an amount on a place may depend on which of the others are balances.

    The more of them are, the more was consumed before, and the less every amount is: so it depends
    on none where it is the same with all of them and with its own alone.
    """
    if len(places) < 2:  # noqa: PLR2004 - others
        return False
    if len(places) > _MANY:
        return True
    with_all = settle(steps, lambda _place: True)
    return any(_on(place, with_all) != _on(place, settle(steps, place.__eq__)) for place in places)


def _on(place: EntitlementRef, postings: Iterable[Posting]) -> list[Posting]:
    return [posting for posting in postings if (posting.package, posting.entitlement) == place]


def settle(steps: Iterable[EngagementStep], in_balance: InBalance) -> list[Posting]:
    """Return the postings of an engagement where terms say which places are balances."""
    settling = _Settling(in_balance)
    for step in steps:
        settling.take(step)
    return settling.postings


class _Settling:
    """What an engagement has consumed and holds back while its steps are taken."""

    def __init__(self, in_balance: InBalance) -> None:
        self.in_balance = in_balance
        self.postings: list[Posting] = []
        self.scheduled: int | None = None
        self.pending = False
        self.consumed: dict[Measure, int] = {"quantity": 0, "hours": 0}
        self.reserved: dict[Measure, int] = {"reserved_quantity": 0, "reserved_hours": 0}
        self.reserved_on: EngagementStep | None = None

    def take(self, step: EngagementStep) -> None:
        """Consume what a step delivers or charges; then hold back what is planned and left."""
        if step.kind == "scheduled":
            self.reserve(step, 0, 0)
            self.scheduled, self.pending, self.reserved_on = step.quantity, True, step
        else:
            self.consume(step)
            self.pending = self.pending and not step.final
        planned = self.scheduled if self.pending and self.scheduled is not None else 0
        self.reserve(
            step,
            max(0, planned - self.consumed["quantity"]),
            max(0, planned - self.consumed["hours"]),
        )

    def consume(self, step: EngagementStep) -> None:
        quantity = step.quantity if step.quantity is not None else self.default(step)
        if step.place is None:
            return
        self.post(step, step, "quantity", quantity)
        self.post(step, step, "hours", step.hours)
        if step.kind == "delivered":
            self.post(step, step, "delivered", step.hours)
        if self.in_balance(step.place):
            self.consumed["quantity"] += quantity
            self.consumed["hours"] += step.hours

    def default(self, step: EngagementStep) -> int:
        """Return the quantity of a delivery that names none."""
        if not step.final:
            return 0
        whole = self.scheduled if self.scheduled is not None else SCALE
        return max(0, whole - self.consumed["quantity"])

    def reserve(self, step: EngagementStep, quantity: int, hours: int) -> None:
        """Hold back so much, by a step, where it was planned last."""
        wanted: dict[Measure, int] = {"reserved_quantity": quantity, "reserved_hours": hours}
        if self.reserved_on is not None:
            for measure, amount in wanted.items():
                self.post(step, self.reserved_on, measure, amount - self.reserved[measure])
            self.reserved = wanted

    def post(
        self, step: EngagementStep, where: EngagementStep, measure: Measure, amount: int
    ) -> None:
        """Post an amount by a step, where that step or another one took place."""
        if amount:
            assert where.place is not None, "it is posted where there is a place"
            at = (step.effective_at, step.position, *where.place)
            self.postings.append(Posting(*at, measure, where.workspace, amount))
