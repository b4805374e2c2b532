"""What is recorded, as a decision may ask for it; or the refusal, where it is not.

Every look-up of something that a sender names returns what it is, or why there is none.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from ledger.domain.aggregates.contract import Contract, fold_contract
from ledger.domain.aggregates.package import Package, PackageLine, fold_package, withdrawals
from ledger.domain.events.entitlements import (
    EntitlementAdjusted,
    EntitlementGranted,
    EntitlementTransferred,
    Place,
)
from ledger.domain.events.fields import Event
from ledger.domain.events.workspaces import WorkspaceCreated
from ledger.domain.recorded import Recorded, in_order
from ledger.domain.refusals import Refusal

_LAST: Final = 2**63 - 1
"""A position and an instant after every recorded one: where a candidate stands among equals."""

_QUANTITIES: Final = (EntitlementGranted, EntitlementAdjusted, EntitlementTransferred)
"""Terms that say how much, and never whether there is a package or an entitlement."""


class Lookups(Protocol):
    """What is recorded, as a decision may ask for it. Everything recorded counts, at any time."""

    def terms(self, stream: str) -> Sequence[Recorded]:
        """Return the terms and corrections in a stream, reversed ones too, by position."""

    def event(self, key: str) -> Recorded | None:
        """Return the event with that key (`event_key`), or None."""

    def available(self, package: str, entitlement: str, at: int) -> int | None:
        """Return the amount available on an entitlement at an instant; None where as needed."""

    def groups(self, user: str, at: int) -> frozenset[str]:
        """Return the groups that a user belongs to at an instant."""


def candidate(event: Event, at: int) -> Recorded:
    """Return an event as if it were recorded: behind all that is."""
    return Recorded(_LAST, _LAST, at, "", 0, "", "", event)


def terms_with(known: Lookups, stream: str, event: Event, at: int) -> list[Recorded]:
    """Return the terms of a stream with one more, in order."""
    return in_order([*known.terms(stream), candidate(event, at)])


def contract_of(known: Lookups, contract: str) -> Contract | Refusal:
    """Return a contract as all its terms make it."""
    found = fold_contract(in_order(list(known.terms(f"contract:{contract}"))))
    if found is None:
        return Refusal(
            "unknown-contract", f"contract {contract} is not recorded", f"contract:{contract}"
        )
    return found


def folded_package(package: str, terms: list[Recorded]) -> Package | None:
    """Return a package as terms make it, in order; None where it is not purchased in them."""
    return fold_package(package, terms, withdrawals(terms))


def package_of(known: Lookups, package: str) -> Package | Refusal:
    """Return a package as all its terms make it."""
    terms = [
        term
        for term in known.terms(f"package:{package}")
        if not isinstance(term.event, _QUANTITIES)
    ]
    found = folded_package(package, in_order(terms))
    if found is None:
        return Refusal(
            "unknown-package", f"package {package} is not recorded", f"package:{package}"
        )
    return found


def workspace_of(known: Lookups, workspace: str) -> WorkspaceCreated | Refusal:
    """Return what made a workspace."""
    for recorded in known.terms(f"workspace:{workspace}"):
        if isinstance(recorded.event, WorkspaceCreated):
            return recorded.event
    return Refusal(
        "unknown-workspace", f"workspace {workspace} is not recorded", f"workspace:{workspace}"
    )


def line_of(package: Package, entitlement: str) -> PackageLine | Refusal:
    """Return the line of an entitlement in a package."""
    line = package.lines.get(entitlement)
    if line is None:
        return Refusal(
            "unknown-entitlement",
            f"package {package.package} has no entitlement {entitlement}",
            f"entitlement:{package.package}\x1f{entitlement}",
        )
    return line


def place_of(
    known: Lookups, package: str, entitlement: str
) -> tuple[Package, PackageLine] | Refusal:
    """Return a package, and the line of an entitlement in it."""
    found = package_of(known, package)
    if isinstance(found, Refusal):
        return found
    line = line_of(found, entitlement)
    return line if isinstance(line, Refusal) else (found, line)


def both_places(
    known: Lookups, origin: Place, target: Place
) -> tuple[tuple[Package, PackageLine], tuple[Package, PackageLine]] | Refusal:
    """Return two places; where a package is not known, that is said before what is not in one."""
    packages: list[Package] = []
    for place in (origin, target):
        package = package_of(known, place.package)
        if isinstance(package, Refusal):
            return package
        packages.append(package)
    lines: list[PackageLine] = []
    for package, place in zip(packages, (origin, target), strict=True):
        line = line_of(package, place.entitlement)
        if isinstance(line, Refusal):
            return line
        lines.append(line)
    return (packages[0], lines[0]), (packages[1], lines[1])
