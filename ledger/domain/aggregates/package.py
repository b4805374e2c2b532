"""A package as its terms make it: its period, its state, its lines, and what was given on them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from ledger.domain.aggregates.contract import Contract
from ledger.domain.events.entitlements import (
    EntitlementAdded,
    EntitlementAdjusted,
    EntitlementGranted,
    EntitlementTransferred,
    EntitlementWithdrawn,
)
from ledger.domain.events.packages import (
    Entitlement,
    PackageAmended,
    PackageDeactivated,
    PackagePurchased,
    PackageReactivated,
)
from ledger.domain.recorded import Recorded

EntitlementRef = tuple[str, str]
"""A package and an entitlement of it."""

InactiveReason = Literal["future", "expired", "contract_ended", "deactivated"]


@dataclass(frozen=True, slots=True)
class PackageLine:
    """One entitlement of a package, with the terms that gave it quantity."""

    entitlement: Entitlement
    origin: Recorded
    """The purchase, or the addition, that brought it."""
    changes: tuple[Recorded, ...] = ()
    """Grants, adjustments and transfers on it, in order."""


@dataclass(frozen=True, slots=True)
class Package:
    """What was bought, once the terms that count have been applied."""

    package: str
    contract: str
    kind: Literal["enterprise", "addon"]
    name: str
    starts_on: date
    ends_on: date
    deactivated: bool = False
    lines: dict[str, PackageLine] = field(default_factory=dict)

    def inactive_because(self, contract: Contract | None, day: date) -> InactiveReason | None:
        """Return why it is not active on a day, or None where it is.

        A contract that is not signed yet (None) is in the future.
        """
        if contract is None or day < self.starts_on or day < contract.starts_on:
            return "future"
        if day > self.ends_on:
            return "expired"
        if contract.end is not None and day > contract.end:
            return "contract_ended"
        return "deactivated" if self.deactivated else None

    def days_left(self, contract: Contract | None, day: date) -> int | None:
        """Return the days until its last active day (0 on it); None when it is inactive."""
        if contract is None or self.inactive_because(contract, day) is not None:
            return None
        last = self.ends_on if contract.end is None else min(self.ends_on, contract.end)
        return (last - day).days


def withdrawals(terms: Iterable[Recorded]) -> dict[EntitlementRef, int]:
    """Return the position of the last withdrawal of each entitlement."""
    gone: dict[EntitlementRef, int] = {}
    for recorded in terms:
        if isinstance(recorded.event, EntitlementWithdrawn):
            place = (recorded.event.package, recorded.event.entitlement)
            gone[place] = max(gone.get(place, 0), recorded.position)
    return gone


def fold_package(
    package: str, terms: Iterable[Recorded], gone: dict[EntitlementRef, int]
) -> Package | None:
    """Return the package that its terms make, given in order; None when it was never bought.

    `terms` are those that name the package, transfers to it included; `gone` says which lines
    were withdrawn, and at which position. The purchase comes first, whatever its time.
    """
    bought: Package | None = None
    lines: dict[str, PackageLine] = {}
    later: list[Recorded] = []
    for recorded in terms:
        match recorded.event:
            case PackagePurchased() as event:
                bought = _bought(event)
                for entitlement in event.entitlements:
                    _add(lines, entitlement, recorded, gone.get((package, entitlement.entitlement)))
            case EntitlementAdded() as event:
                _add(lines, event, recorded, gone.get((package, event.entitlement)))
            case _:
                later.append(recorded)
    if bought is None:
        return None
    for recorded in later:
        bought = _evolve(bought, lines, recorded, gone)
    return replace(bought, lines=lines)


def _bought(event: PackagePurchased) -> Package:
    return Package(
        package=event.package,
        contract=event.contract,
        kind=event.kind,
        name=event.name,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
    )


def _add(
    lines: dict[str, PackageLine],
    entitlement: Entitlement,
    origin: Recorded,
    withdrawn_at: int | None,
) -> None:
    if withdrawn_at is None or origin.position > withdrawn_at:
        lines[entitlement.entitlement] = PackageLine(entitlement, origin)


def _evolve(
    package: Package,
    lines: dict[str, PackageLine],
    recorded: Recorded,
    gone: dict[EntitlementRef, int],
) -> Package:
    match recorded.event:
        case PackageAmended() as event:
            return replace(
                package,
                name=event.name if event.name is not None else package.name,
                starts_on=event.starts_on or package.starts_on,
                ends_on=event.ends_on or package.ends_on,
            )
        case PackageDeactivated():
            return replace(package, deactivated=True)
        case PackageReactivated():
            return replace(package, deactivated=False)
        case EntitlementGranted() | EntitlementAdjusted() as event:
            _change(package.package, lines, event.entitlement, recorded, gone)
        case EntitlementTransferred() as event:
            here = {place.entitlement for place in event.places if place.package == package.package}
            for entitlement in sorted(here):
                _change(package.package, lines, entitlement, recorded, gone)
        case _:
            pass
    return package


def _change(
    package: str,
    lines: dict[str, PackageLine],
    entitlement: str,
    recorded: Recorded,
    gone: dict[EntitlementRef, int],
) -> None:
    line = lines.get(entitlement)
    if line is not None and recorded.position > gone.get((package, entitlement), 0):
        lines[entitlement] = replace(line, changes=(*line.changes, recorded))
