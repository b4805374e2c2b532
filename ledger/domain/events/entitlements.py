"""Entitlements: what is added to a package, taken out, given, corrected and moved."""

from typing import ClassVar

from pydantic import ConfigDict, Field

from ledger.domain.events.fields import (
    Date,
    Identifier,
    NotZero,
    Part,
    PersonName,
    Positive,
    Term,
    Text,
    WholeNumber,
)
from ledger.domain.events.packages import Entitlement


class EntitlementAdded(Entitlement, Term):
    """An entitlement joins a package, as if it had been bought with it."""

    type_name: ClassVar[str] = "entitlement.added"

    package: Identifier


class EntitlementWithdrawn(Term):
    """A wrong line is taken out, as if it had never been in the package."""

    type_name: ClassVar[str] = "entitlement.withdrawn"

    package: Identifier
    entitlement: Identifier
    reason: Text
    authorised_by: PersonName


class EntitlementGranted(Term):
    """A further lot, valid for its own dates or for those of the package."""

    type_name: ClassVar[str] = "entitlement.granted"

    package: Identifier
    entitlement: Identifier
    quantity: Positive
    starts_on: Date | None = None
    expires_on: Date | None = None
    priority: WholeNumber | None = None
    reason: Text


class EntitlementAdjusted(Term):
    """A correction of the quantity granted, up or down, at its own time."""

    type_name: ClassVar[str] = "entitlement.adjusted"

    package: Identifier
    entitlement: Identifier
    quantity: NotZero
    reason: Text
    approved_by: PersonName


class Place(Part):
    """An entitlement of a package."""

    package: Identifier
    entitlement: Identifier


class EntitlementTransferred(Term):
    """A quantity leaves one entitlement and arrives, at a rate, on another."""

    type_name: ClassVar[str] = "entitlement.transferred"
    model_config = ConfigDict(populate_by_name=True)

    origin: Place = Field(alias="from")
    target: Place = Field(alias="to")
    quantity: Positive
    rate: Positive | None = None
    authorised_by: PersonName
    reason: Text

    @property
    def places(self) -> tuple[Place, Place]:
        """Where it leaves, and where it arrives; both may be one."""
        return (self.origin, self.target)

    def names(self) -> dict[str, str]:
        """Return the package that it leaves."""
        return {"package": self.origin.package}
