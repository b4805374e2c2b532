"""The additional cases: those that no line of the page holds, each with its reasons."""

from collections import Counter

from ledger.domain.deliveries.additional import SERVICES
from ledger.projections.cases.columns import additional_grid
from ledger.projections.cases.listing import listed_cases
from ledger.projections.filters import Answer
from ledger.projections.grid.filters import placed
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return the two services with their counts, whatever the page, and the additional cases."""
    wanted, shape = question.filters.support_type, additional_grid(question)
    found = [
        listed
        for listed in listed_cases(question, "additional")
        if wanted in {None, listed.row.support_type}
    ]
    found = placed(question, shape, found)
    counts = Counter(SERVICES[listed.row.support_type] for listed in found)
    page = grid(question, shape, found)
    return question.answered(
        services=[
            {"service": service, "cases": counts[service]} for service in sorted(SERVICES.values())
        ],
        cases=page.pop("rows"),
        **page,
    )
