"""Packages: what was bought under a contract, with the entitlements that they hold."""

from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from ledger.domain.events.fields import (
    Date,
    Identifier,
    NotNegative,
    Part,
    Positive,
    Service,
    Term,
    Text,
    Unit,
)
from ledger.messages import Words


class Entitlement(Part):
    """One line of a package: a consumable, which is tracked, or a benefit, which is listed."""

    model_config = ConfigDict(populate_by_name=True)

    entitlement: Identifier
    service: Service
    entitlement_class: Literal["consumable", "benefit"] = Field(alias="class")
    name: Text
    description: Text | None = None
    action_url: Text | None = None
    unit: Unit | None = None
    quantity: NotNegative | None = None
    draw_increment: Positive | None = None
    cap_per_case: NotNegative | None = None

    @model_validator(mode="after")
    def _a_unit_for_what_is_tracked(self) -> Self:
        if self.entitlement_class == "consumable" and self.unit is None:
            raise ValueError("a consumable has a unit")
        if self.entitlement_class == "benefit" and self.unit is not None:
            raise ValueError("a benefit has no unit: it is not tracked")
        if self.entitlement_class == "benefit" and self.quantity is not None:
            raise ValueError("a benefit has no quantity: it is not tracked")
        return self

    @property
    def tracked(self) -> bool:
        """Whether its use is tracked."""
        return self.entitlement_class == "consumable"

    @property
    def limited(self) -> bool:
        """Whether it has a balance: a consumable that is not as needed."""
        return self.tracked and self.quantity is not None


class PackagePurchased(Term):
    """A package was bought under a contract; each limited entitlement is a lot of its period."""

    type_name: ClassVar[str] = "package.purchased"

    contract: Identifier
    package: Identifier
    kind: Literal["enterprise", "addon"]
    name: Text
    starts_on: Date
    ends_on: Date
    entitlements: tuple[Entitlement, ...]

    @model_validator(mode="after")
    def _each_entitlement_once(self) -> Self:
        seen: set[str] = set()
        for line in self.entitlements:
            if line.entitlement in seen:
                raise ValueError(
                    Words(
                        "entitlement {entitlement} stands twice in the package",
                        entitlement=line.entitlement,
                    )
                )
            seen.add(line.entitlement)
        return self


class PackageAmended(Term):
    """Some terms of a package changed; the lots that follow its dates move with them."""

    type_name: ClassVar[str] = "package.amended"

    package: Identifier
    name: Text | None = None
    starts_on: Date | None = None
    ends_on: Date | None = None
    reason: Text


class _Activation(Term):
    package: Identifier
    reason: Text


class PackageDeactivated(_Activation):
    """A package is shown as inactive from now on; its lots stay."""

    type_name: ClassVar[str] = "package.deactivated"


class PackageReactivated(_Activation):
    """A deactivated package is active again."""

    type_name: ClassVar[str] = "package.reactivated"
