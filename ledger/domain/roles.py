"""Roles: who holds which, by themselves or through a group."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ledger.domain.events.roles import RoleGranted, RoleRevoked
from ledger.domain.persons import marks_erased
from ledger.domain.recorded import Recorded


class Grant(NamedTuple):
    """A role that somebody holds."""

    principal: str
    role: str
    scope: str


def grants_in_force(terms: Iterable[Recorded]) -> dict[Grant, Recorded]:
    """Return every role that is held, with the grant that gave it.

    `terms` are role terms in order; what was granted last or revoked last holds.
    """
    held: dict[Grant, Recorded] = {}
    for recorded in terms:
        match recorded.event:
            case RoleGranted(principal=principal, role=role, scope=scope):
                held[Grant(principal, role, scope)] = recorded
            case RoleRevoked(principal=principal, role=role, scope=scope):
                held.pop(Grant(principal, role, scope), None)
            case _:
                pass
    return held


def grants_held(
    user: str, groups: Collection[str], terms: Iterable[Recorded]
) -> dict[Grant, Recorded]:
    """Return the roles of a user and of the groups, with the grant that gave each.

    What marks an erased person is no user: the roles of who is erased are nobody's.
    """
    principals = {f"group:{group}" for group in groups}
    if not marks_erased(user):
        principals.add(f"user:{user}")
    return {
        grant: recorded
        for grant, recorded in grants_in_force(terms).items()
        if grant.principal in principals
    }


def reaches(grant: Grant, customer: str, workspace: str | None) -> bool:
    """Return whether a role reaches a workspace of a customer (or the customer itself)."""
    if grant.scope == f"customer:{customer}":
        return True
    return workspace is not None and grant.scope == f"workspace:{workspace}"


def roles_on(held: Iterable[Grant], customer: str, workspace: str | None) -> set[str]:
    """Return which of the roles reach a workspace of a customer (or the customer itself)."""
    return {grant.role for grant in held if reaches(grant, customer, workspace)}


def administers(
    user: str,
    groups: Collection[str],
    terms: Iterable[Recorded],
    customer: str,
    workspace: str | None,
) -> bool:
    """Return whether a user administers a workspace, or (None) all of a customer."""
    roles = roles_on(grants_held(user, groups, terms), customer, workspace)
    return "customer_admin" in roles or (workspace is not None and "workspace_admin" in roles)
