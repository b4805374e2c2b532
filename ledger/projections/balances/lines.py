"""Pieces: what moved one balance until an as-of, each on its lot, as far as a viewer may know."""

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.attribution import Piece, attributed
from ledger.domain.deliveries.postings import CONSUMES, RESERVES
from ledger.domain.values.instants import within_facts
from ledger.domain.values.quantities import SCALE
from ledger.errors import NotAllowed, NotFound, UsageError
from ledger.projections.balances.accounts import balance_of
from ledger.projections.balances.settled import SettledOn, all_flows
from ledger.projections.drill_down import is_recorded
from ledger.projections.question import Question


def explainable(question: Question) -> tuple[Package | None, PackageLine | None]:
    """Return the entitlement that is asked for; None where it does not count at the as-of.

    Raises UsageError where it is not named, NotFound where it is not recorded, and NotAllowed
    where it would give hidden cases away.
    """
    name, entitlement = question.filters.package, question.filters.entitlement
    if name is None or entitlement is None:
        raise UsageError("name the package and the entitlement")
    if name not in question.package_ids():
        raise NotFound("there is no package {name}", name=name)
    if not is_recorded(question, name, entitlement):
        raise NotFound(
            "package {name} has no entitlement {entitlement}", name=name, entitlement=entitlement
        )
    line = question.at.line(name, entitlement)
    unit = line.entitlement.unit if line is not None else None
    if unit is not None and question.hides(unit):
        raise NotAllowed(
            "{entitlement} is fed by cases that you may not all see", entitlement=entitlement
        )
    return question.at.package(name), line


def pieces_of(question: Question, package: Package, line: PackageLine) -> list[Piece]:
    """Return what moved the balance until the as-of, in its order, each piece on its lot.

    As needed there are no lots: a piece without one is what was consumed, or went back.
    """
    if line.entitlement.limited:
        balance = balance_of(question.books, question.at, package, line, with_steps=True)
        return list(attributed(balance.steps))
    return [
        Piece(
            "burned" if flow.amount > 0 else "returned", flow.at, flow.position, None, flow.amount
        )
        for flow in all_flows(question.books, question.at, package, line)
        if flow.amount
    ]


def elsewhere(question: Question, package: Package, line: PackageLine) -> set[int | None]:
    """Return the events that delivered on a line, wholly or in part, out of the scope."""
    if question.scope.workspaces is None:
        return set()
    unit = line.entitlement.unit
    assert unit is not None
    measures = [*CONSUMES[unit], *RESERVES.get(unit, ())]
    rows = question.books.rows(
        "SELECT DISTINCT position, workspace FROM postings WHERE package = ? AND entitlement = ?"
        f" AND measure IN ({','.join('?' * len(measures))})",
        (package.package, line.entitlement.entitlement, *measures),
    )
    rows += [
        (posting.position, posting.workspace)
        for _subject, posting in SettledOn(question.books, question.at, package, line).postings
        if posting.measure in measures
    ]
    return {position for position, workspace in rows if not question.scope.holds(workspace)}


def reserved_by_event(
    question: Question, package: Package, line: PackageLine, cut: int
) -> list[tuple[int, int, int]]:
    """Return the (position, instant, amount) of what events hold back, or release, until a cut."""
    return [row[1:] for row in _reservations(question, package, line, cut)]


def reserved_by(
    question: Question, package: Package, line: PackageLine, cut: int
) -> dict[int, int]:
    """Return what each engagement holds back (amounts), by the last event that changed it."""
    held: dict[int, tuple[int, int]] = {}
    for subject, position, _at, amount in _reservations(question, package, line, cut):
        before = held.get(subject, (0, 0))[1]
        held[subject] = (position, before + amount)
    return {position: amount for position, amount in held.values() if amount}


def _reservations(
    question: Question, package: Package, line: PackageLine, cut: int
) -> list[tuple[int, int, int, int]]:
    """Return the (subject, position, instant, amount) of what is held back, or released."""
    measures = RESERVES.get(line.entitlement.unit or "", ())
    rows = question.books.rows(
        "SELECT subject, position, effective_at, whole, fraction FROM postings"
        " WHERE package = ? AND entitlement = ? AND effective_at <= ?"
        f" AND measure IN ({','.join('?' * len(measures))}) ORDER BY effective_at, turn, entry",
        (package.package, line.entitlement.entitlement, within_facts(cut), *measures),
    )
    settled = SettledOn(question.books, question.at, package, line)
    more = settled.until(within_facts(cut), measures)
    return [
        *((subject, at, when, whole * SCALE + part) for subject, at, when, whole, part in rows),
        *((subject, p.position, p.effective_at, p.amount) for subject, p in more),
    ]
