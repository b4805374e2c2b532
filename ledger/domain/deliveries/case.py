"""The fold of one case: from its events, in order, to its postings and to what it looks like.

A case consumes while it is opened, not cancelled and not waived. What it recorded before its
opening counts from its opening. When it moves, its debits go back to the old entitlement and come
to the new one, at the time of the move.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from ledger.domain.deliveries.case_state import CaseFold
from ledger.domain.deliveries.postings import Derived, Labour, Placed
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.events.cases import (
    CaseCancelled,
    CaseChargeRestored,
    CaseChargeWaived,
    CaseClosed,
    CaseLabourRecorded,
    CaseOpened,
    CaseReassigned,
    CaseReclassified,
    CaseReopened,
    CaseShared,
    CaseUnshared,
    CaseUpdated,
)
from ledger.domain.events.fields import Event
from ledger.domain.recorded import Recorded
from ledger.domain.values.bulk import named


def fold_case(events: Sequence[Recorded]) -> Derived:
    """Return what the events of one case, in order, come to."""
    first = next((n for n, found in enumerate(events) if isinstance(found.event, CaseOpened)), None)
    if first is None:
        return Derived(placed=[_unopened(found) for found in events])
    opening = events[first]
    assert isinstance(opening.event, CaseOpened)
    fold = CaseFold(opening, opening.event)
    fold.settle(opening, opening)
    for recorded in events[:first]:
        _apply(fold, recorded, opening.effective_at)
        fold.settle(recorded, opening)
        if recorded.effective_at < opening.effective_at:
            fold.derived.placed.append(_unopened(recorded, opening))
    for recorded in events[first + 1 :]:
        _apply(fold, recorded, recorded.effective_at)
        fold.settle(recorded, recorded)
    return fold.finish()


def _apply(fold: CaseFold, recorded: Recorded, at: int) -> None:
    """Apply one event that takes effect at `at`; `settle` posts what it moves."""
    apply = _APPLY.get(type(recorded.event))
    if apply is not None:
        apply(fold, recorded, at)


def _unopened(recorded: Recorded, opening: Recorded | None = None) -> Placed:
    """Return that a fact belongs to a case that is not opened, yet or at all."""
    event = recorded.event
    opened = opening.event if opening is not None else None
    return Placed(
        recorded.effective_at,
        opening.effective_at if opening is not None else FOREVER,
        recorded.position,
        "unopened",
        getattr(event, "package", None),
        getattr(event, "entitlement", None),
        getattr(event, "workspace", None),
        getattr(opened, "contract", None),
        getattr(opened, "workspace", None),
    )


def _updated(fold: CaseFold, recorded: Recorded, _at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseUpdated)
    if event.title is not None:
        fold.title = event.title
    if event.severity is not None:
        fold.severity = event.severity
    if event.product is not None:
        fold.product = event.product
    if event.primary_contact is not None:
        fold.primary_contact = event.primary_contact
    if event.status is not None:
        fold.source_status = event.status


def _laboured(fold: CaseFold, recorded: Recorded, at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseLabourRecorded)
    fold.labour.append(event.minutes)
    fold.derived.labour.append(named(Labour, (at, event.minutes)))


def _reassigned(fold: CaseFold, recorded: Recorded, _at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseReassigned)
    before = (fold.package, fold.entitlement)
    for name in event.clears:
        if event.given(name):
            setattr(fold, name, getattr(event, name))
    if (fold.package, fold.entitlement) != before:
        fold.placed_by = recorded


def _reclassified(fold: CaseFold, recorded: Recorded, _at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseReclassified)
    if event.support_type is not None:
        fold.support_type = event.support_type
    if event.given("service_code"):
        fold.service_code = event.service_code


def _shared(fold: CaseFold, recorded: Recorded, at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseShared | CaseUnshared)
    change = fold.share if isinstance(event, CaseShared) else fold.unshare
    if event.group is not None:
        change("group", event.group, at)
    elif event.user is not None:
        change("user", event.user, at)


def _closed(fold: CaseFold, _recorded: Recorded, at: int) -> None:
    fold.closed_at = at


def _reopened(fold: CaseFold, _recorded: Recorded, _at: int) -> None:
    fold.closed_at = None
    fold.cancelled = False


def _cancelled(fold: CaseFold, _recorded: Recorded, _at: int) -> None:
    fold.cancelled = True


def _waived(fold: CaseFold, _recorded: Recorded, _at: int) -> None:
    fold.waived = True


def _restored(fold: CaseFold, _recorded: Recorded, _at: int) -> None:
    fold.waived = False


_APPLY: Final[dict[type[Event], Callable[[CaseFold, Recorded, int], Any]]] = {
    CaseUpdated: _updated,
    CaseLabourRecorded: _laboured,
    CaseReassigned: _reassigned,
    CaseReclassified: _reclassified,
    CaseShared: _shared,
    CaseUnshared: _shared,
    CaseClosed: _closed,
    CaseReopened: _reopened,
    CaseCancelled: _cancelled,
    CaseChargeWaived: _waived,
    CaseChargeRestored: _restored,
}
