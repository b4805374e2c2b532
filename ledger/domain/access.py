"""Who may see what: the one policy that turns a viewer into a scope, with reasons.

Roles, groups and shares are judged as they are now, never as of a past date. Without a viewer the
caller is the operator of the ledger, who sees everything.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ledger.domain.recorded import Recorded
from ledger.domain.roles import grants_held, roles_on

PAGE: Final = frozenset({"customer_admin", "workspace_admin", "customer_activity"})
"""Roles that open the page of a workspace."""

ADMINISTRATOR: Final = frozenset({"customer_admin", "workspace_admin"})
"""Roles that see all of a workspace."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which workspaces a question reads, and which rows of them its viewer may see."""

    viewer: str | None = None
    workspaces: frozenset[str] | None = None
    """None is everything: the operator's own scope, cases of unknown workspaces too."""
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The roles of the viewer on each workspace of the scope."""
    groups: frozenset[str] = frozenset()

    @property
    def limited(self) -> bool:
        """Whether rows are hidden: the viewer is not an administrator of all of the scope."""
        return self.viewer is not None and not all(
            roles & ADMINISTRATOR for roles in self.roles.values()
        )

    def holds(self, workspace: str | None) -> bool:
        """Return whether a workspace is in the scope."""
        return self.workspaces is None or workspace in self.workspaces

    def sees_all_cases(self, workspace: str | None) -> bool:
        """Return whether every case of a workspace in the scope is visible."""
        if self.viewer is None:
            return True
        roles = self.roles.get(workspace or "", frozenset())
        return bool(roles & ADMINISTRATOR) or "view_all_requests" in roles

    def sees_case(
        self, workspace: str | None, opening_contact: str | None, shared_with: Collection[str]
    ) -> bool:
        """Return whether a case row is visible; `shared_with` are `user:ID` and `group:ID`."""
        if not self.holds(workspace):
            return False
        if self.sees_all_cases(workspace):
            return True
        if opening_contact is not None and opening_contact == self.viewer:
            return True
        mine = {f"user:{self.viewer}", *(f"group:{group}" for group in self.groups)}
        return not mine.isdisjoint(shared_with)


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a viewer may not ask, in one sentence."""

    reason: str


def scope_of(
    viewer: str,
    requested: Collection[str],
    customers: Mapping[str, str],
    role_terms: Iterable[Recorded],
    groups: frozenset[str],
) -> Scope | Denied:
    """Return what a viewer may read of the workspaces requested (none: of all allowed).

    `customers` gives the customer of each workspace; `role_terms` are the role terms that count
    now, in order; `groups` are those that the viewer belongs to now. A workspace that does not
    exist is as little allowed as one that is closed to the viewer.
    """
    held = grants_held(viewer, groups, role_terms)
    roles = {
        workspace: frozenset(roles_on(held, customer, workspace))
        for workspace, customer in customers.items()
    }
    allowed = {workspace for workspace, names in roles.items() if names & PAGE}
    if not allowed:
        return Denied(f"{viewer} may open no workspace: ask an administrator for a role")
    for workspace in requested:
        if workspace not in allowed:
            return Denied(f"{viewer} may not open workspace {workspace}")
    scope = frozenset(requested) or frozenset(allowed)
    return Scope(
        viewer=viewer,
        workspaces=scope,
        roles={workspace: roles[workspace] for workspace in scope},
        groups=groups,
    )
