"""Cases: support requests, from their opening to their end, and who else may see them."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from ledger.domain.events.fields import Fact, Identifier, Minutes, PersonId, PersonName, Text

SupportType = Literal["reactive", "advisory", "other"]


class CaseFact(Fact):
    """A fact about one case."""

    case: Identifier

    def subject(self) -> str:
        """Return the case."""
        return f"case:{self.case}"


class CaseOpened(CaseFact):
    """A support request was opened, perhaps with its place under a contract."""

    type_name: ClassVar[str] = "case.opened"

    workspace: Identifier
    title: Text
    support_type: SupportType
    contract: Identifier | None = None
    package: Identifier | None = None
    entitlement: Identifier | None = None
    service_code: Text | None = None
    severity: Text | None = None
    product: Text | None = None
    primary_contact: PersonId | None = None
    group: Identifier | None = None


class CaseUpdated(CaseFact):
    """Something that is shown of a case changed."""

    type_name: ClassVar[str] = "case.updated"

    title: Text | None = None
    severity: Text | None = None
    status: Text | None = None
    product: Text | None = None
    primary_contact: PersonId | None = None


class CaseLabourRecorded(CaseFact):
    """Somebody worked on a case, in whole minutes."""

    type_name: ClassVar[str] = "case.labour_recorded"

    minutes: Minutes
    engineer: PersonName | None = None


class CaseReassigned(CaseFact):
    """A case has another place or workspace; null clears."""

    type_name: ClassVar[str] = "case.reassigned"
    clears: ClassVar[frozenset[str]] = frozenset(
        {"workspace", "contract", "package", "entitlement"}
    )

    workspace: Identifier | None = None
    contract: Identifier | None = None
    package: Identifier | None = None
    entitlement: Identifier | None = None

    @model_validator(mode="after")
    def _something_to_reassign(self) -> Self:
        if not self.clears & self.model_fields_set:
            raise ValueError("give one or more of workspace, contract, package, entitlement")
        return self


class CaseReclassified(CaseFact):
    """A case is of another kind, or bears another service code; a null code clears it."""

    type_name: ClassVar[str] = "case.reclassified"
    clears: ClassVar[frozenset[str]] = frozenset({"service_code"})

    support_type: SupportType | None = None
    service_code: Text | None = None
    reason: Text


class _Share(CaseFact):
    user: PersonId | None = None
    group: Identifier | None = None

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.user is None) == (self.group is None):
            raise ValueError("give exactly one of user and group")
        return self


class CaseShared(_Share):
    """A user, or the one group that a case can have, may see it."""

    type_name: ClassVar[str] = "case.shared"


class CaseUnshared(_Share):
    """A user or a group no longer sees a case by its sharing."""

    type_name: ClassVar[str] = "case.unshared"


class _Step(CaseFact):
    reason: Text | None = None


class CaseClosed(_Step):
    """The work on a case ended."""

    type_name: ClassVar[str] = "case.closed"


class CaseReopened(_Step):
    """A closed or cancelled case goes on."""

    type_name: ClassVar[str] = "case.reopened"


class CaseCancelled(_Step):
    """A case was opened in error: what it consumed goes back."""

    type_name: ClassVar[str] = "case.cancelled"


class _Charge(CaseFact):
    reason: Text


class CaseChargeWaived(_Charge):
    """A case costs nothing from now on: what it consumed goes back."""

    type_name: ClassVar[str] = "case.charge_waived"


class CaseChargeRestored(_Charge):
    """A waived case costs again what it did."""

    type_name: ClassVar[str] = "case.charge_restored"
