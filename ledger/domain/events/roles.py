"""Roles: who may open the page, and see what."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from ledger.domain.events.fields import PersonName, PrincipalId, ScopeId, Term

Role = Literal[
    "customer_admin",
    "workspace_admin",
    "customer_activity",
    "view_all_requests",
    "learning_manager",
]


class _RoleTerm(Term):
    principal: PrincipalId
    role: Role
    scope: ScopeId
    granted_by: PersonName | None = None

    @model_validator(mode="after")
    def _an_administrator_of_a_customer(self) -> Self:
        if self.role == "customer_admin" and not self.scope.startswith("customer:"):
            raise ValueError("customer_admin is a role on a customer: give scope customer:ID")
        return self

    def names(self) -> dict[str, str]:
        """Return the workspace of the scope, where it is one."""
        kind, _, name = self.scope.partition(":")
        return {"workspace": name} if kind == "workspace" else {}


class RoleGranted(_RoleTerm):
    """A user or a group holds a role on a customer or workspace from now on."""

    type_name: ClassVar[str] = "role.granted"


class RoleRevoked(_RoleTerm):
    """A user or a group no longer holds a role."""

    type_name: ClassVar[str] = "role.revoked"
