"""Which events are folded together, and by what: every fact belongs to one subject."""

from collections.abc import Callable, Sequence
from typing import Final

from ledger.domain.deliveries.assessment import fold_assessment
from ledger.domain.deliveries.case import fold_case
from ledger.domain.deliveries.contact import fold_contact
from ledger.domain.deliveries.course import fold_course
from ledger.domain.deliveries.engagement import fold_engagement
from ledger.domain.deliveries.postings import Derived
from ledger.domain.deliveries.singles import SEPARATOR, fold_credit, fold_membership
from ledger.domain.events.assessments import AssessmentFact
from ledger.domain.events.contacts import ContactFact
from ledger.domain.events.courses import CourseFact
from ledger.domain.events.credits import CreditFact
from ledger.domain.events.fields import Event
from ledger.domain.events.groups import GroupMemberAdded, GroupMemberRemoved
from ledger.domain.recorded import Recorded

Fold = Callable[[Sequence[Recorded]], Derived]

FOLDS: Final[dict[str, Fold]] = {
    "case": fold_case,
    "engagement": fold_engagement,
    "credit": fold_credit,
    "course": fold_course,
    "assessment": fold_assessment,
    "contact": fold_contact,
    "member": fold_membership,
}
"""The fold of each kind of subject: what stands before the first colon of its name."""


def subject_of(event: Event, position: int) -> str:
    """Return the subject of a fact: the events of one subject are folded together."""
    subject = event.subject()
    if subject is not None:
        return subject
    match event:
        case CreditFact():
            return f"credit:{position}"
        case CourseFact():
            return _name("course", event.learner, event.item)
        case AssessmentFact():
            return _name("assessment", event.technology, event.environment)
        case ContactFact():
            return _name("contact", event.package, event.entitlement, event.contact)
        case GroupMemberAdded() | GroupMemberRemoved():
            return _name("member", event.group, event.user)
        case _:
            raise TypeError(f"{event.type_name} is not a fact")


def _name(kind: str, *parts: str) -> str:
    return f"{kind}:" + SEPARATOR.join(parts)


def fold_subject(subject: str, events: Sequence[Recorded]) -> Derived:
    """Return what the events of a subject, in order, come to."""
    return FOLDS[subject.partition(":")[0]](events) if events else Derived()
