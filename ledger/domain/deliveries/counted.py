"""What an event that is counted once comes to: its posting, and that it should count somewhere."""

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.postings import DeliveryKind, Derived, Measure, Placed, Posting
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.events.assessments import AssessmentFact
from ledger.domain.events.contacts import ContactFact
from ledger.domain.events.courses import CourseFact
from ledger.domain.events.credits import CreditFact
from ledger.domain.recorded import Recorded


def post(
    derived: Derived,
    recorded: Recorded,
    event: CreditFact | CourseFact | AssessmentFact | ContactFact,
    measure: Measure,
    amount: int,
) -> None:
    """Post an amount of an event on the place that it names, if it names one."""
    if event.package is not None and event.entitlement is not None:
        derived.postings.append(
            Posting(
                recorded.effective_at,
                recorded.position,
                event.package,
                event.entitlement,
                measure,
                event.workspace,
                amount,
            )
        )


def place(
    derived: Derived,
    recorded: Recorded,
    event: CreditFact | CourseFact | AssessmentFact | ContactFact,
    kind: DeliveryKind,
    until: int = FOREVER,
) -> None:
    """Keep that an event should count somewhere, until an instant."""
    derived.placed.append(
        Placed(
            recorded.effective_at,
            until,
            recorded.position,
            kind,
            event.package,
            event.entitlement,
            event.workspace,
        )
    )


def place_of(event: CourseFact | AssessmentFact) -> EntitlementRef | None:
    """Return the place of an activity, where it names a package and an entitlement."""
    if event.package is None or event.entitlement is None:
        return None
    return (event.package, event.entitlement)
