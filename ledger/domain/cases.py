"""The fold of one case: from its events, in order, to its postings and to what it looks like.

A case consumes while it is opened, not cancelled and not waived. What it recorded before its
opening counts from its opening. When it moves, its debits go back to the old entitlement and come
to the new one, at the time of the move.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

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
from ledger.domain.packages import Place
from ledger.domain.postings import CaseRow, Derived, Labour, Measure, Placed, Posting, Share
from ledger.domain.quantities import MINUTE, SCALE
from ledger.domain.recorded import Recorded
from ledger.domain.rows import FOREVER


class Debit(NamedTuple):
    """Something that a case has consumed and holds: it goes back as it came."""

    place: Place
    measure: Measure
    workspace: str | None
    amount: int


class CaseFold:
    """The state of one case while its events are applied."""

    def __init__(self, opening: Recorded, opened: CaseOpened) -> None:
        """Start at the opening."""
        self.opened = opened
        self.opened_at = opening.effective_at
        self.placed_by = opening
        self.workspace: str | None = opened.workspace
        self.contract = opened.contract
        self.package = opened.package
        self.entitlement = opened.entitlement
        self.support_type: str = opened.support_type
        self.service_code = opened.service_code
        self.severity = opened.severity
        self.product = opened.product
        self.title = opened.title
        self.primary_contact = opened.primary_contact
        self.source_status: str | None = None
        self.closed_at: int | None = None
        self.cancelled = False
        self.waived = False
        self.labour: list[Recorded] = []
        self.sharing: dict[tuple[str, str], int] = {}
        self.debits: list[Debit] = []
        self.derived = Derived()
        self._row: CaseRow | None = None
        self._placed: Placed | None = None
        if opened.group is not None:
            self.sharing["group", opened.group] = opening.effective_at

    @property
    def place(self) -> Place | None:
        """The entitlement that it consumes, where it names one."""
        if self.package is None or self.entitlement is None:
            return None
        return (self.package, self.entitlement)

    @property
    def chargeable(self) -> bool:
        """Whether it consumes."""
        return not self.cancelled and not self.waived

    def apply(self, recorded: Recorded, at: int) -> None:
        """Apply one event that takes effect at `at`; `settle` posts what it moves."""
        apply = _APPLY.get(type(recorded.event))
        if apply is not None:
            apply(self, recorded, at)

    def settle(self, recorded: Recorded, when: Recorded) -> None:
        """Post what the case owes now against what it holds, and note what it looks like.

        It takes effect right after `when`: the event itself, or the opening for an earlier one.
        """
        place = self.place if self.chargeable else None
        if self.debits and self.debits[0].place != place:
            for debit in self.debits:
                self._post(recorded, when, debit._replace(amount=-debit.amount))
            self.debits = []
        if place is not None:
            if not self.debits:
                self._hold(recorded, when, Debit(place, "case", self.workspace, SCALE))
            for entry in self.labour[len(self.debits) - 1 :]:
                amount = _minutes(entry) * MINUTE
                self._hold(recorded, when, Debit(place, "labour", self.workspace, amount))
        kind = type(recorded.event)
        if kind not in _SAME_PLACE:
            self._note_placed(when.effective_at)
        if kind not in _SAME_LOOK:
            self._note_row(when.effective_at)

    def _hold(self, recorded: Recorded, when: Recorded, debit: Debit) -> None:
        self.debits.append(debit)
        self._post(recorded, when, debit)

    def _post(self, recorded: Recorded, when: Recorded, debit: Debit) -> None:
        package, entitlement = debit.place
        self.derived.postings.append(
            Posting(
                when.effective_at,
                recorded.position,
                package,
                entitlement,
                debit.measure,
                debit.workspace,
                debit.amount,
                when.position,
            )
        )

    def _note_placed(self, at: int) -> None:
        """Keep which delivery should count where, from when until when."""
        now = (
            Placed(
                at,
                FOREVER,
                self.placed_by.position,
                "case",
                self.package,
                self.entitlement,
                self.workspace,
                self.opened.contract,
                self.opened.workspace,
            )
            if self.chargeable
            else None
        )
        before = self._placed
        if before is not None and now is not None and before[2:] == now[2:]:
            return
        if before is not None and before.effective_at < at:
            self.derived.placed.append(before._replace(until=at))
        self._placed = now

    def _note_row(self, at: int) -> None:
        """Keep what the case looked like until now, and what it looks like from now."""
        opened = self.opened
        row = CaseRow(  # in the order of its fields: there are many of them, and names take long
            at,
            FOREVER,
            opened.case,
            self.contract,
            self.package,
            self.entitlement,
            self.workspace,
            self.service_code,
            self.support_type,
            "cancelled" if self.cancelled else "open" if self.closed_at is None else "closed",
            self.severity,
            self.product,
            self.title,
            self.primary_contact,
            opened.primary_contact,
            opened.contract,
            opened.workspace,
            self.opened_at,
            self.closed_at,
            self.source_status,
        )
        before = self._row
        if before is not None and before[2:] == row[2:]:
            return
        if before is not None and before.from_at < at:
            self.derived.cases.append(before._replace(until=at))
        self._row = row

    def share(self, kind: str, who: str, at: int) -> None:
        """Let a user, or instead of any other the group, see it."""
        if kind == "group":
            for other in [key for key in self.sharing if key[0] == "group" and key[1] != who]:
                self.unshare(*other, at)
        self.sharing.setdefault((kind, who), at)

    def unshare(self, kind: str, who: str, at: int) -> None:
        """End a sharing."""
        since = self.sharing.pop((kind, who), None)
        if since is not None and since < at:
            self._note_share(kind, who, since, at)

    def _note_share(self, kind: str, who: str, since: int, until: int) -> None:
        case = self.opened.case
        self.derived.shares.append(
            Share(since, until, case, "group" if kind == "group" else "user", who)
        )

    def finish(self) -> Derived:
        """Return everything, with what has not ended."""
        if self._row is not None:
            self.derived.cases.append(self._row)
        if self._placed is not None:
            self.derived.placed.append(self._placed)
        for (kind, who), since in self.sharing.items():
            self._note_share(kind, who, since, FOREVER)
        return self.derived


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
        fold.apply(recorded, opening.effective_at)
        fold.settle(recorded, opening)
        if recorded.effective_at < opening.effective_at:
            fold.derived.placed.append(_unopened(recorded, opening))
    for recorded in events[first + 1 :]:
        fold.apply(recorded, recorded.effective_at)
        fold.settle(recorded, recorded)
    return fold.finish()


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


def _minutes(entry: Recorded) -> int:
    assert isinstance(entry.event, CaseLabourRecorded)
    return entry.event.minutes


def _updated(fold: CaseFold, recorded: Recorded, _at: int) -> None:
    event = recorded.event
    assert isinstance(event, CaseUpdated)
    for name in ("title", "severity", "product", "primary_contact"):
        if event.given(name):
            setattr(fold, name, getattr(event, name))
    if event.status is not None:
        fold.source_status = event.status


def _laboured(fold: CaseFold, recorded: Recorded, at: int) -> None:
    fold.labour.append(recorded)
    fold.derived.labour.append(Labour(at, _minutes(recorded)))


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

_SAME_LOOK: Final = frozenset({CaseLabourRecorded, CaseShared, CaseUnshared})
"""Events after which a case looks as it did."""

_SAME_PLACE: Final = _SAME_LOOK | {CaseUpdated, CaseClosed, CaseReclassified}
"""Events after which it stands where it did."""
