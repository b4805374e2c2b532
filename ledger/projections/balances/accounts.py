"""Accounts: what one entitlement was given, has used and has left, at one as-of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.aggregates.terms import TermsAt
from ledger.domain.balance.burndown import Balance, burn_down
from ledger.domain.balance.lots import Supply, supply
from ledger.domain.deliveries.postings import CONSUMES, DELIVERS, RESERVES
from ledger.domain.deliveries.singles import SEPARATOR
from ledger.domain.values.calendar import day_start
from ledger.domain.values.instants import within_facts
from ledger.domain.values.quantities import SCALE
from ledger.projections.balances.consumption import consumed_until, summed_flows
from ledger.projections.balances.settled import SettledOn, all_flows
from ledger.projections.books.books import Books

NEVER: Final = 2**127
"""When a lot of seats ends."""


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of one consumable (amounts); None where it is as needed."""

    package: Package
    line: PackageLine
    granted: int | None
    consumed: int
    consumed_in_scope: int
    expired: int
    reserved: int
    remaining: int | None
    overage: int
    delivered_hours: int

    @property
    def available(self) -> int | None:
        """What is left and not held back."""
        return None if self.remaining is None else self.remaining - self.reserved

    @property
    def used_elsewhere(self) -> int:
        """What was consumed out of scope."""
        return self.consumed - self.consumed_in_scope

    @property
    def unit(self) -> str:
        """The unit that it is counted in."""
        assert self.line.entitlement.unit is not None
        return self.line.entitlement.unit


def account(
    books: Books,
    terms: TermsAt,
    package: Package,
    line: PackageLine,
    workspaces: Collection[str] | None = None,
) -> Account:
    """Return the figures of a consumable; `workspaces` are those in scope (None: all)."""
    cut = within_facts(terms.cut(package.package))
    unit = line.entitlement.unit
    assert unit is not None
    posted = _Posted(books, terms, package, line)
    balance = balance_of(books, terms, package, line) if line.entitlement.limited else None
    consumed = balance.consumed if balance else posted.consumed(cut)
    return Account(
        package=package,
        line=line,
        granted=balance.granted if balance else None,
        consumed=consumed,
        consumed_in_scope=consumed if workspaces is None else posted.in_scope(cut, workspaces),
        expired=balance.expired if balance else 0,
        reserved=posted.total(RESERVES.get(unit, ()), cut),
        remaining=balance.remaining if balance else None,
        overage=balance.overage if balance else 0,
        delivered_hours=posted.total(DELIVERS.get(unit, ()), cut),
    )


@dataclass(frozen=True, slots=True)
class Period:
    """What was used of one consumable from the start of a day to the as-of (amounts)."""

    consumed: int
    consumed_in_scope: int
    delivered_hours: int


def period(
    books: Books,
    terms: TermsAt,
    package: Package,
    line: PackageLine,
    first: date,
    workspaces: Collection[str] | None = None,
) -> Period:
    """Return what was used since a day began, in the zone of the package's contract."""
    cut = within_facts(terms.cut(package.package))
    before = within_facts(day_start(first, terms.terms.package_zone(package.package)) - 1)
    before = min(before, cut)
    posted = _Posted(books, terms, package, line)
    consumed = in_scope = posted.consumed(cut) - posted.consumed(before)
    if workspaces is not None:
        in_scope = posted.in_scope(cut, workspaces) - posted.in_scope(before, workspaces)
    measures = DELIVERS.get(line.entitlement.unit or "", ())
    hours = posted.total(measures, cut) - posted.total(measures, before)
    return Period(consumed, in_scope, hours)


def balance_of(
    books: Books, terms: TermsAt, package: Package, line: PackageLine, *, with_steps: bool = False
) -> Balance:
    """Return the burn-down of a limited entitlement at the as-of.

    Only with its steps it needs every delivery by itself.
    """
    cut = terms.cut(package.package)
    supply = supplied(terms, package, line)
    if with_steps:
        return burn_down(supply, all_flows(books, terms, package, line), cut, with_steps=True)
    found = summed_flows(books, package, line, cut, supply)
    found = SettledOn(books, terms, package, line).with_flows(found, cut)
    return burn_down(supply, found, cut)


def supplied(terms: TermsAt, package: Package, line: PackageLine) -> Supply:
    """Return what gives a limited entitlement its quantity, and takes it away again."""
    found = supply(package, line, terms.terms.package_zone(package.package))
    return _seats(found) if line.entitlement.unit == "seat" else found


def _seats(found: Supply) -> Supply:
    """Return lots of seats: they never expire, and know no burn order."""
    return Supply(
        dated=tuple(lot._replace(end=NEVER, priority=0) for lot in found.dated),
        arriving=tuple(lot._replace(end=NEVER) for lot in found.arriving),
        taken=found.taken,
    )


class _Posted:
    """What was posted on one entitlement, added up."""

    def __init__(self, books: Books, terms: TermsAt, package: Package, line: PackageLine) -> None:
        self._books = books
        self._package = package
        self._line = line
        self._unit = line.entitlement.unit or ""
        self._place = (package.package, line.entitlement.entitlement)
        self._settled = SettledOn(books, terms, package, line)

    def consumed(self, cut: int, workspaces: Sequence[str] | None = None) -> int:
        """Return what was consumed until a cut, by all workspaces, or by some alone."""
        found = consumed_until(self._books, self._package, self._line, cut, workspaces)
        return found + self._settled.total(cut, CONSUMES[self._unit], workspaces)

    def in_scope(self, cut: int, workspaces: Collection[str]) -> int:
        """Return what the workspaces in scope consumed."""
        names = sorted(workspaces)
        if self._unit != "seat":
            return self.consumed(cut, names)
        rows = self._books.rows(
            "SELECT count(DISTINCT who) FROM presences WHERE place = ? AND from_at <= ?"
            f" AND until > ? AND workspace IN ({','.join('?' * len(names))})",
            (SEPARATOR.join(self._place), cut, cut, *names),
        )
        return int(rows[0][0]) * SCALE

    def total(self, measures: Collection[str], cut: int) -> int:
        """Return the sum of what was posted in some measures until a cut."""
        whole, fraction = self._books.rows(
            "SELECT coalesce(sum(whole), 0), coalesce(sum(fraction), 0) FROM postings"
            " WHERE package = ? AND entitlement = ? AND effective_at <= ?"
            f" AND measure IN ({','.join('?' * len(measures))})",
            (*self._place, cut, *measures),
        )[0]
        return int(whole) * SCALE + int(fraction) + self._settled.total(cut, measures)
