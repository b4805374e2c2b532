"""Accounts: what one entitlement was given, has used and has left, at one as-of."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.burndown import Balance, burn_down
from ledger.domain.calendar import day_start
from ledger.domain.instants import within_facts
from ledger.domain.lots import Supply, supply
from ledger.domain.packages import Line, Package
from ledger.domain.postings import DELIVERS, RESERVES
from ledger.domain.quantities import SCALE
from ledger.domain.singles import SEPARATOR
from ledger.domain.terms import TermsAt
from ledger.projections.books import Books
from ledger.projections.sums import consumed_until, flows, summed_flows

NEVER: Final = 2**127
"""When a lot of seats ends."""


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of one consumable (amounts); None where it is as needed."""

    package: Package
    line: Line
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
    line: Line,
    workspaces: Collection[str] | None = None,
) -> Account:
    """Return the figures of a consumable; `workspaces` are those in scope (None: all)."""
    place = (package.package, line.entitlement.entitlement)
    cut = within_facts(terms.cut(package.package))
    unit = line.entitlement.unit
    assert unit is not None
    consumed, balance = _consumption(books, terms, package, line, cut)
    in_scope = consumed
    if workspaces is not None:
        in_scope = _in_scope(books, package, line, cut, workspaces)
    reserved = _total(books, place, RESERVES.get(unit, ()), cut)
    return Account(
        package=package,
        line=line,
        granted=balance.granted if balance else None,
        consumed=consumed,
        consumed_in_scope=in_scope,
        expired=balance.expired if balance else 0,
        reserved=reserved,
        remaining=balance.remaining if balance else None,
        overage=balance.overage if balance else 0,
        delivered_hours=_total(books, place, DELIVERS.get(unit, ()), cut),
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
    line: Line,
    first: date,
    workspaces: Collection[str] | None = None,
) -> Period:
    """Return what was used since a day began, in the zone of the package's contract."""
    place = (package.package, line.entitlement.entitlement)
    cut = within_facts(terms.cut(package.package))
    before = within_facts(day_start(first, terms.terms.package_zone(package.package)) - 1)
    before = min(before, cut)
    consumed = consumed_until(books, package, line, cut)
    consumed -= consumed_until(books, package, line, before)
    in_scope = consumed
    if workspaces is not None:
        in_scope = _in_scope(books, package, line, cut, workspaces)
        in_scope -= _in_scope(books, package, line, before, workspaces)
    measures = DELIVERS.get(line.entitlement.unit or "", ())
    hours = _total(books, place, measures, cut) - _total(books, place, measures, before)
    return Period(consumed, in_scope, hours)


def _consumption(
    books: Books, terms: TermsAt, package: Package, line: Line, cut: int
) -> tuple[int, Balance | None]:
    """Return what is consumed, and the balance where the entitlement is limited."""
    if not line.entitlement.limited:
        return consumed_until(books, package, line, cut), None
    balance = balance_of(books, terms, package, line)
    return balance.consumed, balance


def balance_of(
    books: Books, terms: TermsAt, package: Package, line: Line, *, with_steps: bool = False
) -> Balance:
    """Return the burn-down of a limited entitlement at the as-of.

    Only with its steps it needs every delivery by itself.
    """
    cut = terms.cut(package.package)
    supply = supplied(terms, package, line)
    if with_steps:
        return burn_down(supply, flows(books, package, line, cut), cut, with_steps=True)
    return burn_down(supply, summed_flows(books, package, line, cut, supply), cut)


def supplied(terms: TermsAt, package: Package, line: Line) -> Supply:
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


def _total(books: Books, place: tuple[str, str], measures: Collection[str], cut: int) -> int:
    whole, fraction = books.rows(
        "SELECT coalesce(sum(whole), 0), coalesce(sum(fraction), 0) FROM postings"
        " WHERE package = ? AND entitlement = ? AND effective_at <= ?"
        f" AND measure IN ({','.join('?' * len(measures))})",
        (*place, cut, *measures),
    )[0]
    return int(whole) * SCALE + int(fraction)


def _in_scope(
    books: Books, package: Package, line: Line, cut: int, workspaces: Collection[str]
) -> int:
    """Return what the workspaces in scope consumed."""
    names = sorted(workspaces)
    if line.entitlement.unit != "seat":
        return consumed_until(books, package, line, cut, names)
    place = SEPARATOR.join((package.package, line.entitlement.entitlement))
    rows = books.rows(
        "SELECT count(DISTINCT who) FROM presences WHERE place = ? AND from_at <= ?"
        f" AND until > ? AND workspace IN ({','.join('?' * len(names))})",
        (place, cut, cut, *names),
    )
    return int(rows[0][0]) * SCALE
