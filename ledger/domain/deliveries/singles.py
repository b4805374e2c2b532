"""The folds of what stands alone: one movement of credits, and one user in one group."""

from collections.abc import Sequence

from ledger.domain.deliveries.counted import place, post
from ledger.domain.deliveries.postings import Derived, Presence
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.events.credits import CreditConsumed, CreditFact
from ledger.domain.events.groups import GroupMemberAdded
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
        post(derived, recorded, event, "credit", event.credits if consumed else -event.credits)
        if isinstance(event, CreditConsumed) and event.hours:
            post(derived, recorded, event, "credit_hours", event.hours)
        place(derived, recorded, event, "credit")
    return derived


def fold_membership(events: Sequence[Recorded]) -> Derived:
    """Return when one user belongs to one group, whichever workspaces the events name."""
    derived = Derived()
    joined: Recorded | None = None
    for recorded in events:
        if isinstance(recorded.event, GroupMemberAdded):
            joined = joined or recorded
        else:
            _belong(derived, joined, recorded.effective_at)
            joined = None
    _belong(derived, joined, FOREVER)
    return derived


def _belong(derived: Derived, joined: Recorded | None, until: int) -> None:
    """Keep that a user belonged to a group since an event, until an instant."""
    if joined is None or joined.effective_at == until:
        return
    event = joined.event
    assert isinstance(event, GroupMemberAdded)
    derived.presences.append(
        Presence(joined.effective_at, until, event.group, event.user, event.workspace)
    )
