"""The folds of what is counted once: credits, first starts, first set-ups, and presences."""

from collections.abc import Sequence

from ledger.domain.events.assessments import AssessmentConfigured, AssessmentFact
from ledger.domain.events.contacts import ContactAdded, ContactFact
from ledger.domain.events.courses import CourseFact, CourseStarted
from ledger.domain.events.credits import CreditConsumed, CreditFact
from ledger.domain.events.groups import GroupMemberAdded, GroupMemberRemoved
from ledger.domain.postings import (
    FOREVER,
    DeliveryKind,
    Derived,
    Measure,
    Placed,
    Posting,
    Presence,
)
from ledger.domain.quantities import SCALE
from ledger.domain.recorded import Recorded

SEPARATOR = "\x1f"
"""Stands between the parts of a composed id: no identifier can hold it."""


def fold_credit(events: Sequence[Recorded]) -> Derived:
    """Return what one movement of credits comes to."""
    derived = Derived()
    for recorded in events:
        event = recorded.event
        assert isinstance(event, CreditFact)
        consumed = isinstance(event, CreditConsumed)
        _post(derived, recorded, event, "credit", event.credits if consumed else -event.credits)
        if isinstance(event, CreditConsumed) and event.hours:
            _post(derived, recorded, event, "delivered", event.hours)
        _place(derived, recorded, event, "credit")
    return derived


def fold_course(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one learner on one item of one entitlement come to."""
    first = next((found for found in events if isinstance(found.event, CourseStarted)), None)
    return _first("activity", first)


def fold_assessment(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one technology in one environment of an entitlement come to."""
    first = next((found for found in events if isinstance(found.event, AssessmentConfigured)), None)
    return _first("assessment", first)


def _first(kind: DeliveryKind, first: Recorded | None) -> Derived:
    derived = Derived()
    if first is not None:
        event = first.event
        assert isinstance(event, CourseFact | AssessmentFact)
        measure: Measure = "activity" if kind == "activity" else "assessment"
        _post(derived, first, event, measure, SCALE)
        _place(derived, first, event, kind)
    return derived


def _post(
    derived: Derived,
    recorded: Recorded,
    event: CreditFact | CourseFact | AssessmentFact,
    measure: Measure,
    amount: int,
) -> None:
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


def _place(
    derived: Derived,
    recorded: Recorded,
    event: CreditFact | CourseFact | AssessmentFact | ContactFact,
    kind: DeliveryKind,
    until: int = FOREVER,
) -> None:
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


def fold_contact(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one contact on one entitlement come to: a level of 0 or 1."""
    derived = Derived()
    present: dict[str, Recorded] = {}
    taken_by: Recorded | None = None
    for recorded in events:
        event = recorded.event
        assert isinstance(event, ContactFact)
        before = bool(present)
        if isinstance(event, ContactAdded):
            present.setdefault(event.workspace, recorded)
        else:
            _leave(derived, present.pop(event.workspace, None), recorded.effective_at)
        if bool(present) != before:
            _free(derived, taken_by, recorded.effective_at)
            taken_by = recorded if present else None
            derived.postings.append(
                Posting(
                    recorded.effective_at,
                    recorded.position,
                    event.package,
                    event.entitlement,
                    "seat",
                    event.workspace,
                    SCALE if present else -SCALE,
                )
            )
    for since in present.values():
        _leave(derived, since, FOREVER)
    _free(derived, taken_by, FOREVER)
    return derived


def _free(derived: Derived, taken_by: Recorded | None, until: int) -> None:
    """Keep that a seat was taken, by an event, until an instant."""
    if taken_by is not None and taken_by.effective_at < until:
        assert isinstance(taken_by.event, ContactFact)
        _place(derived, taken_by, taken_by.event, "seat", until)


def _leave(derived: Derived, since: Recorded | None, until: int) -> None:
    """Keep that a contact was present in a workspace from `since` to `until`."""
    if since is None or since.effective_at == until:
        return
    event = since.event
    assert isinstance(event, ContactFact)
    place = SEPARATOR.join((event.package, event.entitlement))
    derived.presences.append(
        Presence(since.effective_at, until, place, event.contact, event.workspace)
    )


def fold_membership(events: Sequence[Recorded]) -> Derived:
    """Return when one user belongs to one group, by one workspace or more."""
    derived = Derived()
    since: dict[str, int] = {}
    for recorded in events:
        event = recorded.event
        if isinstance(event, GroupMemberAdded):
            since.setdefault(event.workspace, recorded.effective_at)
        elif isinstance(event, GroupMemberRemoved) and event.workspace in since:
            start = since.pop(event.workspace)
            if start < recorded.effective_at:
                derived.presences.append(
                    Presence(start, recorded.effective_at, event.group, event.user, event.workspace)
                )
    derived.presences.extend(
        Presence(start, FOREVER, event.group, event.user, workspace)
        for workspace, start in since.items()
        if isinstance(event := events[0].event, GroupMemberAdded | GroupMemberRemoved)
    )
    return derived
