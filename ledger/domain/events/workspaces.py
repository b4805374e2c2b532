"""Workspaces: the security and reporting partitions of a customer."""

from typing import ClassVar

from ledger.domain.events.fields import Identifier, Term, Text, ZoneName


class WorkspaceCreated(Term):
    """A workspace of a customer exists from now on."""

    type_name: ClassVar[str] = "workspace.created"

    workspace: Identifier
    customer: Identifier
    name: Text
    timezone: ZoneName | None = None
