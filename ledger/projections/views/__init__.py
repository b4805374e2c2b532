"""Every question that can be asked: a new view is one small file, and one line here."""

from collections.abc import Callable
from typing import Final

from ledger.projections.filters import Answer
from ledger.projections.question import Question
from ledger.projections.views import (
    access_show,
    access_who,
    additional,
    assessments,
    cases,
    chart,
    contacts,
    contracts,
    credits,  # noqa: A004 - Python's own one is for prompts only
    education,
    engagements,
    explain,
    history,
    packages,
    report,
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
    "engagements": engagements.answer,
    "credits": credits.answer,
    "education": education.answer,
    "contacts": contacts.answer,
    "assessments": assessments.answer,
    "contracts": contracts.answer,
    "workspaces": workspaces.answer,
    "unplaced": unplaced.answer,
    "statement": statement.answer,
    "explain": explain.answer,
    "history": history.answer,
    "chart": chart.answer,
    "report": report.answer,
    "access_show": access_show.answer,
    "access_who": access_who.answer,
}
"""The views by name."""

OF_THE_MOMENT: Final = frozenset({"access_show", "access_who"})
"""Views of who may see what at the moment of `known_at`; their as-of is that moment, too."""
