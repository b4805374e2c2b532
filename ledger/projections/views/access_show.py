"""What a user may see, and why: roles and groups, and what they open in each workspace."""

from collections.abc import Mapping

from ledger.domain.access import ADMINISTRATOR, ALL_CASES, LEARNERS, PAGE
from ledger.domain.recorded import Recorded, in_order
from ledger.domain.roles import Grant, grants_held, reaches
from ledger.domain.values.instants import format_instant
from ledger.errors import UsageError
from ledger.projections.filters import Answer
from ledger.projections.memberships import groups_of
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return the roles and groups of a user at the moment asked, and the workspaces they open.

    Apart from the operator, everybody may ask this of themselves.
    """
    user = question.filters.user
    if user is None:
        raise UsageError("name the user")
    if question.scope.viewer != user:
        question.operator_only("access show")
    terms = [
        term for term in in_order(question.terms.roles) if term.effective_at <= question.moment
    ]
    groups = groups_of(question.books, user, question.moment)
    held = grants_held(user, groups, terms)
    return question.answered(
        user=user,
        moment=format_instant(question.moment),
        roles=[_role(grant, held[grant]) for grant in sorted(held)],
        groups=sorted(groups),
        workspaces=[
            _workspace(workspace, created.customer, created.name, held)
            for workspace, created in sorted(question.terms.workspaces.items())
            if any(reaches(grant, created.customer, workspace) for grant in held)
        ],
    )


def _role(grant: Grant, recorded: Recorded) -> dict[str, object]:
    return {
        "role": grant.role,
        "scope": grant.scope,
        "through": grant.principal,
        "since": format_instant(recorded.effective_at),
        "granted_by": getattr(recorded.event, "granted_by", None),
        "position": recorded.position,
        "source": recorded.source,
        "id": recorded.id,
    }


def _workspace(
    workspace: str, customer: str, name: str, held: Mapping[Grant, Recorded]
) -> dict[str, object]:
    """Return what a user's roles open in a workspace."""
    reaching = sorted(grant for grant in held if reaches(grant, customer, workspace))
    roles = {grant.role for grant in reaching}
    page = not roles.isdisjoint(PAGE)
    return {
        "workspace": workspace,
        "customer": customer,
        "name": name,
        "page": page,
        "administrator": not roles.isdisjoint(ADMINISTRATOR),
        "cases": _how_many(page, every=not roles.isdisjoint(ALL_CASES)),
        "learners": _how_many(page, every=not roles.isdisjoint(LEARNERS)),
        "because": [f"{grant.role} on {grant.scope} as {grant.principal}" for grant in reaching],
    }


def _how_many(page: bool, *, every: bool) -> str:  # noqa: FBT001 - the page, or not
    """Return which rows are seen: all, those of one's own, or none without the page."""
    if not page:
        return "none"
    return "all" if every else "own"
