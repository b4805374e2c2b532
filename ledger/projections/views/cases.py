"""The grid of cases: the main list, the additional ones, or every case that was opened."""

from ledger.errors import NotAllowed, NotFound
from ledger.projections.case_list import Listed, case_answer, listed_cases
from ledger.projections.question import Answer, Question
from ledger.projections.views.packages import consumable_answer


def answer(question: Question) -> Answer:
    """Return the rows that the list and the filters show, by opening."""
    parts: dict[str, object] = {}
    if question.filters.entitlement is not None:
        parts["entitlement"] = entitlement_answer(question)
    rows = [
        case_answer(question, listed.row)
        for listed in listed_cases(question)
        if _is_shown(question, listed)
    ]
    return question.answered(**parts, rows=rows)


def _is_shown(question: Question, listed: Listed) -> bool:
    filters, row = question.filters, listed.row
    in_list = {"main": listed.main, "additional": listed.additional, "all": True}
    return (
        in_list[filters.which]
        and filters.support_type in {None, row.support_type}
        and filters.package in {None, row.package}
        and filters.entitlement in {None, row.entitlement}
        and filters.case in {None, row.case}
        and (not filters.contracts or row.contract in filters.contracts)
    )


def entitlement_answer(question: Question) -> dict[str, object] | None:
    """Return the entitlement that a drill-down is asked for, with its balance.

    It is null where it does not count at the as-of. Raises NotFound where it is not recorded.
    """
    filters = question.filters
    if filters.package is None:
        raise NotFound("name the package of the entitlement, with --package")
    if filters.package not in question.package_ids():
        raise NotFound(f"there is no package {filters.package}")
    package = question.at.package(filters.package)
    line = question.at.line(filters.package, filters.entitlement)
    if package is None or line is None:
        return None
    if question.scope.viewer is not None and package.contract not in question.mapped:
        raise NotAllowed(f"package {filters.package} is of no workspace in scope")
    entitlement = line.entitlement
    return {
        "package": filters.package,
        "entitlement": entitlement.entitlement,
        "name": entitlement.name,
        "description": entitlement.description,
        "action_url": entitlement.action_url,
        "balance": consumable_answer(question, package, line) if entitlement.tracked else None,
    }
