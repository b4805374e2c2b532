"""Whether a term or a correction may be recorded: one pure function for each kind of term.

Every check stands in the order of `ledger.domain.refusals.CODES`: the first that fails is the
answer. Facts are never decided: a well-formed fact is always appended.
"""

from collections.abc import Callable
from typing import Any, Final

from ledger.domain.aggregates.contract import Contract, fold_contract
from ledger.domain.aggregates.lookups import (
    Lookups,
    both_places,
    candidate,
    contract_of,
    folded_package,
    package_of,
    place_of,
    terms_with,
    workspace_of,
)
from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.events.contracts import (
    ContractAmended,
    ContractMapped,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    ContractUnmapped,
)
from ledger.domain.events.entitlements import (
    EntitlementAdded,
    EntitlementAdjusted,
    EntitlementGranted,
    EntitlementTransferred,
    EntitlementWithdrawn,
)
from ledger.domain.events.fields import Event
from ledger.domain.events.packages import (
    PackageAmended,
    PackageDeactivated,
    PackagePurchased,
    PackageReactivated,
)
from ledger.domain.events.reversals import EventReversed
from ledger.domain.events.roles import RoleGranted, RoleRevoked
from ledger.domain.events.workspaces import WorkspaceCreated
from ledger.domain.recorded import event_key, in_order
from ledger.domain.refusals import Refusal
from ledger.domain.roles import administers
from ledger.domain.values.quantities import format_quantity

__all__ = ["Lookups", "decide"]


def decide(event: Event, at: int, known: Lookups) -> Refusal | None:
    """Return why an event that takes effect at `at` is refused, or None where it is accepted."""
    check = _CHECKS.get(type(event))
    return check(event, at, known) if check is not None else None


def _not_limited(package: str, line: PackageLine) -> Refusal | None:
    if line.entitlement.limited:
        return None
    return Refusal(
        "not-limited",
        f"entitlement {line.entitlement.entitlement} of package {package} has no quantity: "
        "it is as needed, or not tracked",
    )


def _contract_period(contract: Contract | None) -> Refusal | None:
    if contract is None or contract.period_is_sound():
        return None
    ends = contract.end or contract.ends_on
    return Refusal(
        "bad-period",
        f"contract {contract.contract} would start on {contract.starts_on} and end on {ends}",
    )


def _package_period(package: Package | None) -> Refusal | None:
    if package is None or package.ends_on >= package.starts_on:
        return None
    return Refusal(
        "bad-period",
        f"package {package.package} would start on {package.starts_on} "
        f"and end on {package.ends_on}",
    )


def _workspace_created(event: WorkspaceCreated, _at: int, known: Lookups) -> Refusal | None:
    if isinstance(workspace_of(known, event.workspace), Refusal):
        return None
    return Refusal("already-exists", f"workspace {event.workspace} is already recorded")


def _role(event: RoleGranted | RoleRevoked, at: int, known: Lookups) -> Refusal | None:
    kind, _, name = event.scope.partition(":")
    customer, workspace = name, None
    if kind == "workspace":
        found = workspace_of(known, name)
        if isinstance(found, Refusal):
            return found
        customer, workspace = found.customer, name
    if event.granted_by is None:
        return None
    granter = event.granted_by.removeprefix("user:")
    terms = list(known.terms("unattributed"))
    if workspace is not None:
        terms += known.terms(f"workspace:{workspace}")
    counting = [term for term in in_order(terms) if term.effective_at <= at]
    if administers(granter, known.groups(granter, at), counting, customer, workspace):
        return None
    return Refusal(
        "not-allowed", f"granted_by {event.granted_by} is no administrator of {event.scope}"
    )


def _contract_signed(event: ContractSigned, at: int, known: Lookups) -> Refusal | None:
    if not isinstance(contract_of(known, event.contract), Refusal):
        return Refusal("already-exists", f"contract {event.contract} is already recorded")
    return _contract_period(fold_contract([candidate(event, at)]))


def _contract_changed(
    event: ContractAmended | ContractTerminated, at: int, known: Lookups
) -> Refusal | None:
    found = contract_of(known, event.contract)
    if isinstance(found, Refusal):
        return found
    stream = f"contract:{event.contract}"
    return _contract_period(fold_contract(terms_with(known, stream, event, at)))


def _contract_renewed(event: ContractRenewed, _at: int, known: Lookups) -> Refusal | None:
    for contract in (event.contract, event.successor):
        found = contract_of(known, contract)
        if isinstance(found, Refusal):
            return found
    return None


def _mapping(event: ContractMapped | ContractUnmapped, _at: int, known: Lookups) -> Refusal | None:
    contract = contract_of(known, event.contract)
    if isinstance(contract, Refusal):
        return contract
    workspace = workspace_of(known, event.workspace)
    if isinstance(workspace, Refusal):
        return workspace
    if isinstance(event, ContractUnmapped) or contract.customer == workspace.customer:
        return None
    return Refusal(
        "other-customer",
        f"contract {event.contract} is of customer {contract.customer}, "
        f"workspace {event.workspace} of {workspace.customer}",
    )


def _package_purchased(event: PackagePurchased, at: int, known: Lookups) -> Refusal | None:
    contract = contract_of(known, event.contract)
    if isinstance(contract, Refusal):
        return contract
    if not isinstance(package_of(known, event.package), Refusal):
        return Refusal("already-exists", f"package {event.package} is already recorded")
    return _package_period(folded_package(event.package, [candidate(event, at)]))


def _package_amended(event: PackageAmended, at: int, known: Lookups) -> Refusal | None:
    package = package_of(known, event.package)
    if isinstance(package, Refusal):
        return package
    terms = terms_with(known, f"package:{event.package}", event, at)
    return _package_period(folded_package(event.package, terms))


def _package_switched(
    event: PackageDeactivated | PackageReactivated, _at: int, known: Lookups
) -> Refusal | None:
    package = package_of(known, event.package)
    return package if isinstance(package, Refusal) else None


def _entitlement_added(event: EntitlementAdded, _at: int, known: Lookups) -> Refusal | None:
    package = package_of(known, event.package)
    if isinstance(package, Refusal):
        return package
    if event.entitlement not in package.lines:
        return None
    return Refusal(
        "already-exists", f"package {event.package} already has entitlement {event.entitlement}"
    )


def _entitlement_withdrawn(event: EntitlementWithdrawn, _at: int, known: Lookups) -> Refusal | None:
    place = place_of(known, event.package, event.entitlement)
    return place if isinstance(place, Refusal) else None


def _entitlement_granted(event: EntitlementGranted, _at: int, known: Lookups) -> Refusal | None:
    place = place_of(known, event.package, event.entitlement)
    if isinstance(place, Refusal):
        return place
    package, line = place
    refused = _not_limited(event.package, line)
    if refused is not None:
        return refused
    starts_on = event.starts_on or package.starts_on
    expires_on = event.expires_on or package.ends_on
    if expires_on >= starts_on:
        return None
    return Refusal("bad-period", f"the lot would start on {starts_on} and expire on {expires_on}")


def _entitlement_adjusted(event: EntitlementAdjusted, _at: int, known: Lookups) -> Refusal | None:
    place = place_of(known, event.package, event.entitlement)
    if isinstance(place, Refusal):
        return place
    return _not_limited(event.package, place[1])


def _entitlement_transferred(
    event: EntitlementTransferred, at: int, known: Lookups
) -> Refusal | None:
    places = both_places(known, event.origin, event.target)
    if isinstance(places, Refusal):
        return places
    (origin, origin_line), (target, target_line) = places
    if origin_line.entitlement.limited:
        available = known.available(event.origin.package, event.origin.entitlement, at)
        if available is not None and event.quantity > available:
            return Refusal(
                "insufficient-balance",
                f"{format_quantity(event.quantity)} is more than the "
                f"{format_quantity(available)} available on entitlement "
                f"{event.origin.entitlement} of package {event.origin.package}",
            )
    refused = _not_limited(event.origin.package, origin_line) or _not_limited(
        event.target.package, target_line
    )
    if refused is not None:
        return refused
    return _same_customer(known, origin, target)


def _same_customer(known: Lookups, origin: Package, target: Package) -> Refusal | None:
    customers = []
    for package in (origin, target):
        contract = contract_of(known, package.contract)
        if isinstance(contract, Refusal):
            return contract
        customers.append(contract.customer)
    if customers[0] == customers[1]:
        return None
    return Refusal(
        "other-customer",
        f"package {origin.package} is of customer {customers[0]}, "
        f"package {target.package} of {customers[1]}",
    )


def _event_reversed(event: EventReversed, _at: int, known: Lookups) -> Refusal | None:
    key = event_key(event.reverses.source, event.reverses.id)
    named = f"event {event.reverses.id} of {event.reverses.source}"
    target = known.event(key)
    if target is None:
        return Refusal("unknown-event", f"{named} is not recorded", f"event:{key}")
    for recorded in known.terms(target.stream):
        if isinstance(recorded.event, EventReversed) and recorded.event.reverses == event.reverses:
            return Refusal("already-reversed", f"{named} is already reversed")
    if target.event.is_fact or isinstance(target.event, EntitlementAdjusted | EntitlementGranted):
        return None
    return Refusal(
        "not-reversible",
        f"{named} is {target.event.type_name}: only facts, adjustments and grants are reversible",
    )


_CHECKS: Final[dict[type[Event], Callable[[Any, int, Lookups], Refusal | None]]] = {
    WorkspaceCreated: _workspace_created,
    RoleGranted: _role,
    RoleRevoked: _role,
    ContractSigned: _contract_signed,
    ContractAmended: _contract_changed,
    ContractTerminated: _contract_changed,
    ContractRenewed: _contract_renewed,
    ContractMapped: _mapping,
    ContractUnmapped: _mapping,
    PackagePurchased: _package_purchased,
    PackageAmended: _package_amended,
    PackageDeactivated: _package_switched,
    PackageReactivated: _package_switched,
    EntitlementAdded: _entitlement_added,
    EntitlementWithdrawn: _entitlement_withdrawn,
    EntitlementGranted: _entitlement_granted,
    EntitlementAdjusted: _entitlement_adjusted,
    EntitlementTransferred: _entitlement_transferred,
    EventReversed: _event_reversed,
}
