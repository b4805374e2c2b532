"""The additional cases: those that no line of the page holds, each with its reasons."""

from collections import Counter

from ledger.domain.additional import SERVICES
from ledger.domain.instants import format_instant
from ledger.projections.case_list import Listed, listed_cases
from ledger.projections.question import Answer, Question


def answer(question: Question) -> Answer:
    """Return the two services with their counts, and every additional case."""
    found = [
        listed
        for listed in listed_cases(question)
        if listed.additional and _is_shown(question, listed)
    ]
    counts = Counter(SERVICES[listed.row.support_type] for listed in found)
    return question.answered(
        services=[
            {"service": service, "cases": counts[service]} for service in sorted(SERVICES.values())
        ],
        cases=[_case(listed) for listed in found],
    )


def _is_shown(question: Question, listed: Listed) -> bool:
    wanted = question.filters.support_type
    contracts = question.filters.contracts
    return (wanted is None or listed.row.support_type == wanted) and (
        not contracts or listed.row.contract in contracts
    )


def _case(listed: Listed) -> dict[str, object]:
    row = listed.row
    return {
        "case": row.case,
        "workspace": row.workspace,
        "support_type": row.support_type,
        "service_code": row.service_code,
        "title": row.title,
        "opened_at": format_instant(row.opened_at),
        "status": row.status,
        "source_status": row.source_status,
        "contract": row.contract,
        "reasons": list(listed.reasons),
    }
