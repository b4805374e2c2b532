"""Who may see what: the one policy that turns a viewer into a scope, with reasons.

Roles, groups and shares are judged as they are now, never as of a past date. Without a viewer the
caller is the operator of the ledger, who sees everything.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger.domain.recorded import Recorded
from ledger.domain.roles import grants_held, roles_on
from ledger.messages import Words

PAGE: Final = frozenset({"customer_admin", "workspace_admin", "customer_activity"})
"""Roles that open the page of a workspace."""

ADMINISTRATOR: Final = frozenset({"customer_admin", "workspace_admin"})
"""Roles that see all of a workspace."""


LEARNERS: Final = ADMINISTRATOR | {"learning_manager"}
"""Roles that see what every learner of a workspace does."""


CaseRule = Literal[
    "customer_admin",
    "workspace_admin",
    "view_all_requests",
    "group",
    "shared",
    "primary_contact",
]
"""Why a case is seen by one who has the page of its workspace. One is enough."""

ALL_CASES: Final[tuple[CaseRule, ...]] = ("customer_admin", "workspace_admin", "view_all_requests")
"""Roles that see every case of a workspace."""


def case_rules(
    user: str,
    roles: Collection[str],
    groups: Collection[str],
    opening_contact: str | None,
    shared_with: Collection[str],
) -> Iterator[CaseRule]:
    """Yield every rule by which a user sees a case, the page of its workspace set aside.

    `roles` are those of the user on its workspace; `shared_with` are `user:ID` and `group:ID`.
    """
    for role in ALL_CASES:
        if role in roles:
            yield role
    if any(f"group:{group}" in shared_with for group in groups):
        yield "group"
    if f"user:{user}" in shared_with:
        yield "shared"
    if opening_contact == user:
        yield "primary_contact"


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

    def sees_all_learners(self, workspace: str | None) -> bool:
        """Return whether every learner of a workspace in the scope is visible."""
        if self.viewer is None:
            return True
        return not LEARNERS.isdisjoint(self.roles.get(workspace or "", frozenset()))

    def sees_learner(self, workspace: str | None, learner: str) -> bool:
        """Return whether what a learner does in a workspace is visible: one sees oneself."""
        if not self.holds(workspace):
            return False
        return self.sees_all_learners(workspace) or learner == self.viewer

    def sees_case(
        self, workspace: str | None, opening_contact: str | None, shared_with: Collection[str]
    ) -> bool:
        """Return whether a case row is visible; `shared_with` are `user:ID` and `group:ID`."""
        if not self.holds(workspace):
            return False
        if self.viewer is None:
            return True
        roles = self.roles.get(workspace or "", frozenset())
        rules = case_rules(self.viewer, roles, self.groups, opening_contact, shared_with)
        return next(rules, None) is not None


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
        return Denied(
            Words("{viewer} may open no workspace: ask an administrator for a role", viewer=viewer)
        )
    for workspace in requested:
        if workspace not in allowed:
            return Denied(
                Words(
                    "{viewer} may not open workspace {workspace}",
                    viewer=viewer,
                    workspace=workspace,
                )
            )
    scope = frozenset(requested) or frozenset(allowed)
    return Scope(
        viewer=viewer,
        workspaces=scope,
        roles={workspace: roles[workspace] for workspace in scope},
        groups=groups,
    )
