"""Learners: what a viewer may know of the courses that others have started."""

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.values.instants import within_facts
from ledger.projections.question import Question


def hidden_starts(question: Question, package: Package, line: PackageLine) -> set[int]:
    """Return the events by which, until the as-of, learners whom a viewer may not see consumed.

    Of these a viewer knows their sum, and nothing that tells one from another: no event, no
    instant, and no lot, for the order in which lots are burned is that of the instants.
    """
    scope = question.scope
    if scope.viewer is None or line.entitlement.unit != "activity":
        return set()
    cut = within_facts(question.at.cut(package.package))
    rows = question.books.rows(
        "SELECT DISTINCT p.position, p.workspace, c.learner FROM postings p"
        " JOIN courses c ON c.subject = p.subject"
        " WHERE p.package = ? AND p.entitlement = ? AND p.measure = 'activity'"
        " AND p.effective_at <= ?",
        (package.package, line.entitlement.entitlement, cut),
    )
    return {
        position
        for position, workspace, learner in rows
        if not scope.sees_learner(workspace, learner)
    }
