"""Accounts: what one entitlement was given, has used and has left, at one as-of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.burndown import Balance, Flow, burn_down
from ledger.domain.calendar import day_start
from ledger.domain.instants import within_facts
from ledger.domain.lots import Supply, supply
from ledger.domain.packages import Line, Package
from ledger.domain.postings import CONSUMES, DELIVERS, RESERVES
from ledger.domain.quantities import SCALE, round_up
from ledger.domain.singles import SEPARATOR
from ledger.domain.terms import TermsAt
from ledger.projections.books import Books

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

    @property
    def fed_by_cases(self) -> bool:
        """Whether cases consume it, so that its figures would give hidden cases away."""
        return self.unit in {"case", "hour"}


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
        in_scope = _in_scope(books, line, place, cut, workspaces)
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
    consumed = sum(flow.amount for flow in flows(books, package, line, cut) if flow.at > before)
    in_scope = consumed
    if workspaces is not None:
        in_scope = _in_scope(books, line, place, cut, workspaces)
        in_scope -= _in_scope(books, line, place, before, workspaces)
    measures = DELIVERS.get(line.entitlement.unit or "", ())
    hours = _total(books, place, measures, cut) - _total(books, place, measures, before)
    return Period(consumed, in_scope, hours)


def _consumption(
    books: Books, terms: TermsAt, package: Package, line: Line, cut: int
) -> tuple[int, Balance | None]:
    """Return what is consumed, and the balance where the entitlement is limited."""
    if not line.entitlement.limited:
        return sum(flow.amount for flow in flows(books, package, line, cut)), None
    balance = balance_of(books, terms, package, line)
    return balance.consumed, balance


def balance_of(
    books: Books, terms: TermsAt, package: Package, line: Line, *, with_steps: bool = False
) -> Balance:
    """Return the burn-down of a limited entitlement at the as-of."""
    cut = terms.cut(package.package)
    moved = flows(books, package, line, cut)
    return burn_down(supplied(terms, package, line), moved, cut, with_steps=with_steps)


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


def flows(books: Books, package: Package, line: Line, cut: int) -> list[Flow]:
    """Return what each event consumed (or gave back) on an entitlement until a cut, in order."""
    unit = line.entitlement.unit
    assert unit is not None
    measures = CONSUMES[unit]
    marks = ",".join("?" * len(measures))
    rows = books.rows(
        "SELECT effective_at, turn, position, whole, fraction, measure FROM postings"
        f" WHERE package = ? AND entitlement = ? AND measure IN ({marks}) AND effective_at <= ?"
        " ORDER BY effective_at, turn, rowid",
        (package.package, line.entitlement.entitlement, *measures, within_facts(cut)),
    )
    return _joined(rows, line.entitlement.draw_increment)


def _joined(
    rows: Iterable[tuple[int, int, int, int, int, str]], increment: int | None
) -> list[Flow]:
    """Return one flow for each event."""
    joined: list[Flow] = []
    for at, turn, position, whole, fraction, measure in rows:
        amount = drawn(whole * SCALE + fraction, measure, increment)
        if joined and joined[-1].position == position and joined[-1].at == at:
            joined[-1] = joined[-1]._replace(amount=joined[-1].amount + amount)
        else:
            joined.append(Flow(at, turn, position, amount))
    return joined


def drawn(amount: int, measure: str, increment: int | None) -> int:
    """Return what an entry draws: work on a case is rounded up to the increment, by itself."""
    if increment is None or measure != "labour":
        return amount
    return round_up(amount, increment) if amount > 0 else -round_up(-amount, increment)


def _total(books: Books, place: tuple[str, str], measures: Collection[str], cut: int) -> int:
    whole, fraction = books.rows(
        "SELECT coalesce(sum(whole), 0), coalesce(sum(fraction), 0) FROM postings"
        " WHERE package = ? AND entitlement = ? AND effective_at <= ?"
        f" AND measure IN ({','.join('?' * len(measures))})",
        (*place, cut, *measures),
    )[0]
    return int(whole) * SCALE + int(fraction)


def _in_scope(
    books: Books, line: Line, place: tuple[str, str], cut: int, workspaces: Collection[str]
) -> int:
    """Return what the workspaces in scope consumed."""
    unit = line.entitlement.unit
    assert unit is not None
    names = sorted(workspaces)
    marks = ",".join("?" * len(names))
    if unit == "seat":
        query = (
            "SELECT count(DISTINCT who) FROM presences WHERE place = ? AND from_at <= ?"
            f" AND until > ? AND workspace IN ({marks})"
        )
        present = books.rows(query, (SEPARATOR.join(place), cut, cut, *names))[0][0]
        return int(present) * SCALE
    measures = CONSUMES[unit]
    rows = books.rows(
        "SELECT measure, whole, fraction, count(*) FROM postings"
        f" WHERE package = ? AND entitlement = ? AND measure IN ({','.join('?' * len(measures))})"
        f" AND effective_at <= ? AND workspace IN ({marks})"
        " GROUP BY measure, whole, fraction",
        (*place, *measures, cut, *names),
    )
    increment = line.entitlement.draw_increment
    return sum(
        drawn(whole * SCALE + fraction, measure, increment) * times
        for measure, whole, fraction, times in rows
    )
