"""Movements: every line that moved a balance, in order, with the balance after it."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.burndown import Step, StepKind
from ledger.domain.deliveries.postings import CONSUMES
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.recorded import Recorded
from ledger.projections.balances.accounts import balance_of
from ledger.projections.balances.settled import SettledOn, all_flows
from ledger.projections.learners import hidden_starts
from ledger.projections.question import Question


class Movement(NamedTuple):
    """One line that moved a balance."""

    step: Step
    balance: int
    """The amount after it: what remains, or (as needed) what was consumed."""
    recorded: Recorded | None
    """The event that moved it; None where a day did."""
    workspace: str | None
    """Where it was delivered, where that is one workspace."""
    elsewhere: bool
    """Whether it was delivered, wholly or in part, in a workspace out of scope."""
    summed: bool = False
    """Whether it is the sum of lines that the viewer may not tell apart: it has no instant."""


class Moved(NamedTuple):
    """What moved a balance since an instant."""

    forward: int
    """The balance before."""
    lines: list[Movement]


def movements(question: Question, package: Package, line: PackageLine) -> list[Movement]:
    """Return every line that moved the balance of a consumable until the as-of."""
    return moved_since(question, package, line, None).lines


def moved_since(
    question: Question, package: Package, line: PackageLine, start: int | None
) -> Moved:
    """Return what moved the balance of a consumable from an instant until the as-of."""
    found = _movements(question, package, line)
    before = [movement for movement in found if start is not None and movement.step.at < start]
    forward = before[-1].balance if before else 0
    hidden = hidden_starts(question, package, line)
    if not hidden:
        return Moved(forward, found[len(before) :])
    return Moved(forward, list(_summed(found[len(before) :], hidden, forward)))


def _summed(found: list[Movement], hidden: set[int], balance: int) -> Iterator[Movement]:
    """Yield the lines that a viewer may see, then the sums of those that learners hide.

    How much expired and when tells what others had started by then, so it is a sum, too.
    """
    sums: dict[StepKind, int] = {"consumed": 0, "expired": 0}
    for movement in found:
        step = movement.step
        if step.position in hidden or step.kind == "expired":
            sums[step.kind] += step.change
        else:
            balance += step.change
            yield movement._replace(balance=balance)
    for kind, change in sums.items():
        balance += change
        if change:
            step = Step(kind, FOREVER, None, change)
            yield Movement(step, balance, None, None, elsewhere=False, summed=True)


def _movements(question: Question, package: Package, line: PackageLine) -> list[Movement]:
    steps = _steps(question, package, line)
    events = question.events({step.position for step in steps if step.position is not None})
    delivered = _delivered(question, package, line)
    found = []
    balance = 0
    for step in steps:
        balance += step.change
        recorded = events[step.position] if step.position is not None else None
        where = delivered.get(step.position or 0, set())
        workspace = next(iter(where)) if len(where) == 1 else None
        elsewhere = not all(map(question.scope.holds, where))
        found.append(Movement(step, balance, recorded, workspace, elsewhere))
    return found


def _steps(question: Question, package: Package, line: PackageLine) -> list[Step]:
    if line.entitlement.limited:
        return balance_of(question.books, question.at, package, line, with_steps=True).steps
    return [
        Step("consumed" if flow.amount > 0 else "refunded", flow.at, flow.position, flow.amount)
        for flow in all_flows(question.books, question.at, package, line)
        if flow.amount
    ]


def _delivered(
    question: Question, package: Package, line: PackageLine
) -> dict[int, set[str | None]]:
    """Return the workspaces in which each event delivered, by its position."""
    unit = line.entitlement.unit
    assert unit is not None
    measures = CONSUMES[unit]
    found: dict[int, set[str | None]] = {}
    for position, workspace in question.books.rows(
        "SELECT DISTINCT position, workspace FROM postings WHERE package = ? AND entitlement = ?"
        f" AND measure IN ({','.join('?' * len(measures))})",
        (package.package, line.entitlement.entitlement, *measures),
    ):
        found.setdefault(position, set()).add(workspace)
    for _subject, posting in SettledOn(question.books, question.at, package, line).postings:
        if posting.measure in measures:
            found.setdefault(posting.position, set()).add(posting.workspace)
    return found
