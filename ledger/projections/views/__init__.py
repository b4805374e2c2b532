"""Every question that can be asked: a new view is one small file, and one line here."""

from collections.abc import Callable
from typing import Final

from ledger.projections.question import Answer, Question
from ledger.projections.views import (
    additional,
    cases,
    contracts,
    history,
    packages,
    statement,
    summary,
    unplaced,
    workspaces,
)

VIEWS: Final[dict[str, Callable[[Question], Answer]]] = {
    "summary": summary.answer,
    "packages": packages.answer,
    "additional": additional.answer,
    "cases": cases.answer,
    "contracts": contracts.answer,
    "workspaces": workspaces.answer,
    "unplaced": unplaced.answer,
    "statement": statement.answer,
    "history": history.answer,
}
"""The views by name."""
