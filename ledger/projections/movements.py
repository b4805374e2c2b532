"""Movements: every line that moved a balance, in order, with the balance after it."""

from typing import NamedTuple

from ledger.domain.burndown import Step
from ledger.domain.packages import Line, Package
from ledger.domain.postings import CONSUMES
from ledger.domain.recorded import Recorded
from ledger.projections.accounts import balance_of
from ledger.projections.question import Question
from ledger.projections.sums import flows


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


def movements(question: Question, package: Package, line: Line) -> list[Movement]:
    """Return every line that moved the balance of a consumable until the as-of."""
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


def _steps(question: Question, package: Package, line: Line) -> list[Step]:
    if line.entitlement.limited:
        return balance_of(question.books, question.at, package, line, with_steps=True).steps
    cut = question.at.cut(package.package)
    return [
        Step("consumed" if flow.amount > 0 else "refunded", flow.at, flow.position, flow.amount)
        for flow in flows(question.books, package, line, cut)
        if flow.amount
    ]


def _delivered(question: Question, package: Package, line: Line) -> dict[int, set[str | None]]:
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
    return found
