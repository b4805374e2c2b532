"""The state of one case while its events are applied: what it holds, and what it looks like.

What it has consumed is a debit, which goes back as it came. Everything that it comes to is noted as
a span of time: it ends when the next one begins.
"""

from typing import Final, NamedTuple

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.postings import CaseRow, Derived, Measure, Placed, Posting, Share
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.events.cases import (
    CaseClosed,
    CaseLabourRecorded,
    CaseOpened,
    CaseReclassified,
    CaseShared,
    CaseUnshared,
    CaseUpdated,
)
from ledger.domain.recorded import Recorded
from ledger.domain.values.bulk import named
from ledger.domain.values.quantities import MINUTE, SCALE

_SAME_LOOK: Final = frozenset({CaseLabourRecorded, CaseShared, CaseUnshared})
"""Events after which a case looks as it did."""

_SAME_PLACE: Final = _SAME_LOOK | {CaseUpdated, CaseClosed, CaseReclassified}
"""Events after which it stands where it did."""

_SAME_DEBITS: Final = _SAME_PLACE - {CaseLabourRecorded}
"""Events after which it owes what it did."""


class Debit(NamedTuple):
    """Something that a case has consumed and holds: it goes back as it came."""

    place: EntitlementRef
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
        self.labour: list[int] = []
        """The minutes of its entries, in order."""
        self.sharing: dict[tuple[str, str], int] = {}
        self.debits: list[Debit] = []
        self.derived = Derived()
        self._row: CaseRow | None = None
        self._placed: Placed | None = None
        if opened.group is not None:
            self.sharing["group", opened.group] = opening.effective_at

    @property
    def place(self) -> EntitlementRef | None:
        """The entitlement that it consumes, where it names one."""
        if self.package is None or self.entitlement is None:
            return None
        return (self.package, self.entitlement)

    @property
    def chargeable(self) -> bool:
        """Whether it consumes."""
        return not self.cancelled and not self.waived

    def settle(self, recorded: Recorded, when: Recorded) -> None:
        """Post what the case owes now against what it holds, and note what it looks like.

        It takes effect right after `when`: the event itself, or the opening for an earlier one.
        """
        kind = type(recorded.event)
        if kind not in _SAME_DEBITS:
            self._settle_debits(recorded, when)
        if kind not in _SAME_PLACE:
            self._note_placed(when.effective_at)
        if kind not in _SAME_LOOK:
            self._note_row(when.effective_at)

    def _settle_debits(self, recorded: Recorded, when: Recorded) -> None:
        place = self.place if self.chargeable else None
        if self.debits and self.debits[0].place != place:
            for debit in self.debits:
                self._post(recorded, when, debit._replace(amount=-debit.amount))
            self.debits = []
        if place is not None:
            if not self.debits:
                self._hold(recorded, when, Debit(place, "case", self.workspace, SCALE))
            for minutes in self.labour[len(self.debits) - 1 :]:
                fields = (place, "labour", self.workspace, minutes * MINUTE)
                self._hold(recorded, when, named(Debit, fields))

    def _hold(self, recorded: Recorded, when: Recorded, debit: Debit) -> None:
        self.debits.append(debit)
        self._post(recorded, when, debit)

    def _post(self, recorded: Recorded, when: Recorded, debit: Debit) -> None:
        package, entitlement = debit.place
        self.derived.postings.append(
            named(
                Posting,
                (
                    when.effective_at,
                    recorded.position,
                    package,
                    entitlement,
                    debit.measure,
                    debit.workspace,
                    debit.amount,
                    when.position,
                ),
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
        fields = (
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
        row: CaseRow = named(CaseRow, fields)
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
