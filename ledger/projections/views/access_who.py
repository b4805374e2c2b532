"""Who may see a case, and through which rule: every one that holds, and the page it needs."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger.domain.access import PAGE, CaseRule, case_rules
from ledger.domain.deliveries.postings import CaseRow
from ledger.domain.persons import marks_erased
from ledger.domain.recorded import Recorded, in_order
from ledger.domain.roles import Grant, grants_in_force, reaches
from ledger.domain.values.instants import format_instant
from ledger.errors import NotFound, UsageError
from ledger.projections.cases.listing import case_at
from ledger.projections.filters import Answer
from ledger.projections.memberships import members
from ledger.projections.question import Question


class _Circle(NamedTuple):
    """All that says who may see a case."""

    grants: Mapping[Grant, Recorded]
    """The roles that reach its workspace."""
    groups: Mapping[str, set[str]]
    """The members of each group."""
    contact: str | None
    """The primary contact named at its opening."""
    shared_with: frozenset[str]
    """`user:ID` and `group:ID`."""

    def principals(self, user: str) -> set[str]:
        """Return a user, and the groups to which the user belongs."""
        groups = {f"group:{group}" for group, who in self.groups.items() if user in who}
        return {f"user:{user}", *groups}

    def users(self) -> list[str]:
        """Return everybody whom a rule or a role may concern: who is erased is nobody."""
        named = {*self.shared_with, *(grant.principal for grant in self.grants)}
        found = {self.contact} if self.contact is not None else set()
        for principal in named:
            kind, _, name = principal.partition(":")
            found |= {name} if kind == "user" else self.groups.get(name, set())
        return sorted(user for user in found if not marks_erased(user))


def answer(question: Question) -> Answer:
    """Return who may see a case at the moment asked; in `without_page` who only lacks the page."""
    question.operator_only("access who")
    case = question.filters.case
    if case is None:
        raise UsageError("name the case")
    if not question.books.rows("SELECT 1 FROM subjects WHERE name = ?", (f"case:{case}",)):
        raise NotFound("there is no case {case}", case=case)
    row = case_at(question, case)
    circle = _circle(question, row) if row is not None else None
    found = [_user(circle, user) for user in circle.users()] if circle is not None else []
    found = [user for user in found if user["because"]]
    return question.answered(
        case=case,
        workspace=row.workspace if row is not None else None,
        moment=format_instant(question.moment),
        users=[user for user in found if user["page"]],
        without_page=[user for user in found if not user["page"]],
    )


def _circle(question: Question, row: CaseRow) -> _Circle:
    moment, workspace = question.moment, row.workspace
    created = question.terms.workspaces.get(workspace or "")
    terms = [term for term in in_order(question.terms.roles) if term.effective_at <= moment]
    grants = grants_in_force(terms) if created is not None else {}
    shares = question.books.rows(
        "SELECT h.kind, h.who FROM shares h JOIN subjects s ON s.number = h.subject"
        " WHERE s.name = ? AND h.from_at <= ? AND h.until > ?",
        (f"case:{row.case}", moment, moment),
    )
    return _Circle(
        grants={
            grant: recorded
            for grant, recorded in grants.items()
            if created is not None and reaches(grant, created.customer, created.workspace)
        },
        groups=members(question.books, moment),
        contact=row.opening_contact,
        shared_with=frozenset(f"{kind}:{who}" for kind, who in shares),
    )


def _user(circle: _Circle, user: str) -> dict[str, object]:
    """Return by what a user sees the case, and by what the page."""
    principals = circle.principals(user)
    held = sorted(grant for grant in circle.grants if grant.principal in principals)
    groups = {name.removeprefix("group:") for name in principals if name.startswith("group:")}
    rules = list(
        case_rules(user, {grant.role for grant in held}, groups, circle.contact, circle.shared_with)
    )
    return {
        "user": user,
        "rules": rules,
        "because": [
            reason for rule in rules for reason in _because(circle, rule, principals, held)
        ],
        "page": [_granted(circle, grant) for grant in held if grant.role in PAGE],
    }


def _because(
    circle: _Circle, rule: CaseRule, principals: Iterable[str], held: Iterable[Grant]
) -> list[dict[str, object]]:
    """Return what makes a rule hold: role grants, sharings, or the opening."""
    if rule in {"group", "shared"}:
        kind = "group:" if rule == "group" else "user:"
        shared = sorted(name for name in circle.shared_with.intersection(principals))
        return [
            {"rule": rule, "through": name, "scope": None, "position": None}
            for name in shared
            if name.startswith(kind)
        ]
    if rule == "primary_contact":
        through = f"user:{circle.contact}"
        return [{"rule": rule, "through": through, "scope": None, "position": None}]
    return [{"rule": rule, **_granted(circle, grant)} for grant in held if grant.role == rule]


def _granted(circle: _Circle, grant: Grant) -> dict[str, object]:
    return {
        "role": grant.role,
        "through": grant.principal,
        "scope": grant.scope,
        "position": circle.grants[grant].position,
    }
