"""The folds of what stands alone: one movement of credits, and one user in one group."""

from collections.abc import Sequence

from ledger.domain.counted import place, post
from ledger.domain.events.credits import CreditConsumed, CreditFact
from ledger.domain.events.groups import GroupMemberAdded, GroupMemberRemoved
from ledger.domain.postings import Derived, Presence
from ledger.domain.recorded import Recorded
from ledger.domain.rows import FOREVER

SEPARATOR = "\x1f"
"""Stands between the parts of a composed id: no identifier can hold it."""


def fold_credit(events: Sequence[Recorded]) -> Derived:
    """Return what one movement of credits comes to."""
    derived = Derived()
    for recorded in events:
        event = recorded.event
        assert isinstance(event, CreditFact)
        consumed = isinstance(event, CreditConsumed)
        post(derived, recorded, event, "credit", event.credits if consumed else -event.credits)
        if isinstance(event, CreditConsumed) and event.hours:
            post(derived, recorded, event, "credit_hours", event.hours)
        place(derived, recorded, event, "credit")
    return derived


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
