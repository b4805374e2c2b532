"""The grid of cases: the main list, the additional ones, or every case that was opened."""

from ledger.projections.cases.columns import case_grid
from ledger.projections.cases.listing import Listed, listed_cases
from ledger.projections.drill_down import asked_entitlement
from ledger.projections.filters import Answer
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return the rows that the list and the filters show, by opening."""
    which = question.filters.which
    shown = (listed for listed in listed_cases(question, which) if _is_shown(question, listed))
    return question.answered(
        **asked_entitlement(question), **grid(question, case_grid(question), shown)
    )


def _is_shown(question: Question, listed: Listed) -> bool:
    filters, row = question.filters, listed.row
    return filters.support_type in {None, row.support_type} and filters.case in {None, row.case}
