"""Settled: what engagements post whose amounts depend on the terms, by the terms of a question.

What is in no balance has consumed nothing, and which entitlements are balances only terms say. Most
engagements post the same in any case; of the few others the books have the steps.
"""

from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ledger.domain.aggregates.package import EntitlementRef, Package, PackageLine
from ledger.domain.aggregates.terms import TermsAt
from ledger.domain.balance.burndown import Flow
from ledger.domain.deliveries.engagement import InBalance, settle
from ledger.domain.deliveries.postings import CONSUMES, FITS, EngagementStep, Posting
from ledger.domain.values.quantities import parse_quantity
from ledger.projections.balances.consumption import flows
from ledger.projections.books.books import Books
from ledger.projections.conditions import Condition

_STEPS: Final = (
    "SELECT subject, effective_at, position, package, entitlement, workspace, kind, quantity,"
    " hours, final FROM engagement_steps"
)
_BY_SUBJECT: Final = itemgetter(0)


class Settled(NamedTuple):
    """A posting of an engagement."""

    subject: int
    """Whose it is."""
    posting: Posting


def settled(books: Books, subjects: Condition, in_balance: InBalance) -> list[Settled]:
    """Return what engagements post, wherever they do."""
    rows = books.rows(
        f"{_STEPS} WHERE {subjects.text} ORDER BY subject, effective_at, position",
        subjects.parameters,
    )
    return [
        Settled(subject, posting)
        for subject, own in groupby(rows, key=_BY_SUBJECT)
        for posting in settle(map(_step, own), in_balance)
    ]


def _step(row: Sequence[Any]) -> EngagementStep:
    _subject, *plain, quantity, hours, final = row
    amount = None if quantity is None else parse_quantity(quantity)
    return EngagementStep._make([*plain, amount, parse_quantity(hours), bool(final)])


def settled_by(books: Books, position: int, in_balance: InBalance) -> list[Posting]:
    """Return what one event of such an engagement posts."""
    its_own = Condition(
        "subject IN (SELECT subject FROM engagement_steps WHERE position = ?)", (position,)
    )
    found = settled(books, its_own, in_balance)
    return [posting for _subject, posting in found if posting.position == position]


def holds_engagements(terms: TermsAt, place: EntitlementRef) -> bool:
    """Return whether a place is a balance in which engagements count."""
    line = terms.line(*place)
    return line is not None and line.entitlement.unit in FITS["engagement"]


class SettledOn:
    """What such engagements post on one entitlement."""

    def __init__(self, books: Books, terms: TermsAt, package: Package, line: PackageLine) -> None:
        """Settle all that ever were there: none where the unit takes no engagements."""
        self._unit = line.entitlement.unit or ""
        self.postings: list[Settled] = []
        if self._unit not in FITS["engagement"]:
            return
        place = (package.package, line.entitlement.entitlement)
        there = Condition(
            "subject IN (SELECT subject FROM engagement_steps"
            " WHERE package = ? AND entitlement = ?)",
            place,
        )
        self.postings = [
            found
            for found in settled(books, there, partial(holds_engagements, terms))
            if (found.posting.package, found.posting.entitlement) == place
        ]

    def until(self, cut: int, measures: Collection[str]) -> list[Settled]:
        """Return what is posted in some measures until a cut, in order."""
        found = [
            each
            for each in self.postings
            if each.posting.measure in measures and each.posting.effective_at <= cut
        ]
        return sorted(found, key=lambda each: each.posting[:2])

    def total(
        self, cut: int, measures: Collection[str], workspaces: Collection[str] | None = None
    ) -> int:
        """Return the sum of that; of some workspaces alone where they are given."""
        return sum(
            posting.amount
            for _subject, posting in self.until(cut, measures)
            if workspaces is None or posting.workspace in workspaces
        )

    def with_flows(self, found: list[Flow], cut: int) -> list[Flow]:
        """Return flows, or sums of them, in order with those that are settled here."""
        own = [
            Flow(posting.effective_at, posting.position, posting.position, posting.amount)
            for _subject, posting in self.until(cut, CONSUMES[self._unit])
        ]
        return sorted([*found, *own], key=lambda flow: flow[:2]) if own else found


def all_flows(books: Books, terms: TermsAt, package: Package, line: PackageLine) -> list[Flow]:
    """Return what each event consumed (or gave back) until the as-of, in order."""
    cut = terms.cut(package.package)
    return SettledOn(books, terms, package, line).with_flows(flows(books, package, line, cut), cut)


def companions(books: Books, package: str) -> set[EntitlementRef]:
    """Return every place on which amounts may depend on the terms of a package."""
    rows = books.rows(
        "SELECT DISTINCT package, entitlement FROM engagement_steps WHERE package IS NOT NULL"
        " AND entitlement IS NOT NULL"
        " AND subject IN (SELECT subject FROM engagement_steps WHERE package = ?)",
        (package,),
    )
    return {(name, entitlement) for name, entitlement in rows}
