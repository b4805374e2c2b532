"""Support contacts: the named people who occupy seats."""

from typing import ClassVar

from ledger.domain.events.fields import ContactText, Fact, Identifier, PersonId


class ContactFact(Fact):
    """A fact about one contact on an entitlement in a workspace."""

    package: Identifier
    entitlement: Identifier
    workspace: Identifier
    contact: PersonId
    name: ContactText | None = None
    email: ContactText | None = None


class ContactAdded(ContactFact):
    """A contact is present in a workspace from now on."""

    type_name: ClassVar[str] = "contact.added"


class ContactRemoved(ContactFact):
    """A contact is no longer present in a workspace."""

    type_name: ClassVar[str] = "contact.removed"
