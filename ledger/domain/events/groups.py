"""Groups of users, to which cases are given and roles granted."""

from typing import ClassVar

from ledger.domain.events.fields import Fact, Identifier, PersonId


class _Membership(Fact):
    group: Identifier
    workspace: Identifier
    user: PersonId


class GroupMemberAdded(_Membership):
    """A user belongs to a group from now on."""

    type_name: ClassVar[str] = "group.member_added"


class GroupMemberRemoved(_Membership):
    """A user no longer belongs to a group, whichever workspace is named."""

    type_name: ClassVar[str] = "group.member_removed"
