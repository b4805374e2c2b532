"""Sums: what was consumed on one entitlement, added up by the database as far as that is exact.

Between two moments at which something else happens (a lot starts or ends, a term gives or takes,
a delivery goes back) the order of deliveries does not matter: each takes from the same lots in the
same order. So one flow of their sum leaves the same balance, and it costs nothing to read.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.burndown import Flow
from ledger.domain.balance.lots import Supply
from ledger.domain.deliveries.postings import CONSUMES
from ledger.domain.values.instants import LAST_INSTANT, within_facts
from ledger.domain.values.quantities import SCALE, round_up
from ledger.projections.books.books import Books
from ledger.projections.conditions import Condition, among

Point = tuple[int, int]
"""An instant, and after which event of that instant: postings are in order of (at, turn)."""

_FEW: Final = 20
"""Deliveries for each one that goes back, below which all of them are read."""


class _Sum(NamedTuple):
    """The postings of a stretch of time."""

    amount: int
    postings: int
    goes_back: bool
    """Whether some of them are below zero."""


def drawn(amount: int, measure: str, increment: int | None) -> int:
    """Return what an entry draws: work on a case is rounded up to the increment, by itself."""
    if increment is None or measure != "labour":
        return amount
    return round_up(amount, increment) if amount > 0 else -round_up(-amount, increment)


def place_condition(package: Package, line: PackageLine, cut: int) -> Condition:
    """Return the condition for what counts on an entitlement until a cut, in its own unit."""
    unit = line.entitlement.unit
    assert unit is not None
    place = (package.package, line.entitlement.entitlement)
    return (
        Condition("package = ? AND entitlement = ?", place)
        .both(among("measure", CONSUMES[unit]))
        .asking("effective_at <= ?", within_facts(cut))
    )


def consumed_until(
    books: Books,
    package: Package,
    line: PackageLine,
    cut: int,
    workspaces: Sequence[str] | None = None,
) -> int:
    """Return what was consumed until a cut, less what went back; `workspaces` alone if given."""
    where = place_condition(package, line, cut)
    if workspaces is not None:
        where = where.both(among("workspace", workspaces))
    return _sum(books, line, where).amount


def flows(books: Books, package: Package, line: PackageLine, cut: int) -> list[Flow]:
    """Return what each event consumed (or gave back) on an entitlement until a cut, in order."""
    return _read(books, line, place_condition(package, line, cut))


def summed_flows(
    books: Books, package: Package, line: PackageLine, cut: int, supplied: Supply
) -> list[Flow]:
    """Return flows that leave the same balance as all those until a cut: runs of them as one."""
    place = place_condition(package, line, cut)
    points = _points(supplied, cut)
    found: list[Flow] = []
    for after, before in zip([None, *points], [*points, None], strict=True):
        found += _run(books, line, place, after, before)
    return found


def _points(supplied: Supply, cut: int) -> list[Point]:
    """Return the moments at which something else than a delivery happens; no delivery is at one."""
    last = min(cut, LAST_INSTANT)
    days = {at for lot in supplied.dated for at in (lot.start, lot.end)}
    days |= {lot.end for lot in supplied.arriving}
    terms = {(lot.start, lot.position) for lot in supplied.arriving}
    terms |= {(taken.at, taken.position) for taken in supplied.taken}
    points = {(within_facts(at), 0) for at in days if at <= last}
    return sorted(points | {(at, turn) for at, turn in terms if at <= last})


def _run(
    books: Books, line: PackageLine, place: Condition, after: Point | None, before: Point | None
) -> list[Flow]:
    """Return the flows between two points: one, where nothing goes back between them."""
    where = _between(place, after, before)
    found = _sum(books, line, where)
    if not found.postings:
        return []
    if not found.goes_back:
        return [Flow(*_moment(after), 0, found.amount)]
    back = books.rows(
        f"SELECT DISTINCT effective_at, turn FROM postings WHERE {where.text} AND whole < 0"
        " ORDER BY effective_at, turn",
        where.parameters,
    )
    if len(back) * _FEW > found.postings:
        return _read(books, line, where)
    flows: list[Flow] = []
    for at, turn in back:
        flows += _run(books, line, place, after, (at, turn))
        flows += _read(books, line, place.asking("effective_at = ? AND turn = ?", at, turn))
        after = (at, turn)
    return [*flows, *_run(books, line, place, after, before)]


def _moment(point: Point | None) -> Point:
    """Return when a run is taken to be: right after what comes before it."""
    return point if point is not None else (within_facts(-(2**127)), 0)


def _between(place: Condition, after: Point | None, before: Point | None) -> Condition:
    found = place
    if after is not None:
        found = found.asking("(effective_at, turn) > (?, ?)", *after)
    if before is not None:
        found = found.asking("(effective_at, turn) < (?, ?)", *before)
    return found


def _sum(books: Books, line: PackageLine, where: Condition) -> _Sum:
    """Return the sum of postings; entries that are rounded up are added by their size."""
    increment = line.entitlement.draw_increment
    if increment is None:
        ((whole, fraction, postings, lowest),) = books.rows(
            "SELECT sum(whole), sum(fraction), count(*), min(whole)"
            f" FROM postings WHERE {where.text}",
            where.parameters,
        )
        if not postings:
            return _Sum(0, 0, goes_back=False)
        return _Sum(int(whole) * SCALE + int(fraction), postings, lowest < 0)
    rows = books.rows(
        "SELECT measure, sum(whole), sum(fraction), count(*), min(whole)"
        f" FROM postings WHERE {where.text} GROUP BY measure, whole, fraction",
        where.parameters,
    )
    amount = postings = 0
    goes_back = False
    for measure, whole, fraction, times, lowest in rows:
        total = int(whole) * SCALE + int(fraction)
        amount += drawn(total // times, measure, increment) * times
        postings += times
        goes_back = goes_back or lowest < 0
    return _Sum(amount, postings, goes_back)


def _read(books: Books, line: PackageLine, where: Condition) -> list[Flow]:
    """Return one flow for each event."""
    rows = books.rows(
        "SELECT effective_at, turn, position, whole, fraction, measure FROM postings"
        f" WHERE {where.text} ORDER BY effective_at, turn, entry",
        where.parameters,
    )
    return _joined(rows, line.entitlement.draw_increment)


def _joined(
    rows: Iterable[tuple[int, int, int, int, int, str]], increment: int | None
) -> list[Flow]:
    joined: list[Flow] = []
    for at, turn, position, whole, fraction, measure in rows:
        amount = drawn(whole * SCALE + fraction, measure, increment)
        if joined and joined[-1].position == position and joined[-1].at == at:
            joined[-1] = joined[-1]._replace(amount=joined[-1].amount + amount)
        else:
            joined.append(Flow(at, turn, position, amount))
    return joined
