"""The terms that are known, and what they make at one as-of: contracts, packages, workspaces."""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import date
from functools import cached_property

from ledger.domain.aggregates.contract import UTC, Contract, fold_contract, mapped_workspaces
from ledger.domain.aggregates.package import Package, PackageLine, fold_package, withdrawals
from ledger.domain.events.contracts import (
    ContractAmended,
    ContractMapped,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    ContractUnmapped,
)
from ledger.domain.events.entitlements import EntitlementTransferred
from ledger.domain.events.packages import PackagePurchased
from ledger.domain.events.roles import RoleGranted, RoleRevoked
from ledger.domain.events.workspaces import WorkspaceCreated
from ledger.domain.recorded import Recorded, in_order
from ledger.domain.values.as_of import AsOf

_CONTRACT_TERMS = (
    ContractSigned,
    ContractAmended,
    ContractTerminated,
    ContractRenewed,
    ContractMapped,
    ContractUnmapped,
)


class Terms:
    """Every term known to a question, reversed ones left out, sorted by what it is about."""

    def __init__(self, terms: Iterable[Recorded], reversed_positions: Container[int] = ()) -> None:
        """Sort the terms; `reversed_positions` do not count, whatever the as-of."""
        self._contracts: dict[str, list[Recorded]] = defaultdict(list)
        self._packages: dict[str, list[Recorded]] = defaultdict(list)
        self._workspaces: dict[str, WorkspaceCreated] = {}
        self._created: dict[str, Recorded] = {}
        self.roles: list[Recorded] = []
        kept = [recorded for recorded in terms if recorded.position not in reversed_positions]
        for recorded in in_order(kept):
            self._sort(recorded)
        self.gone = withdrawals(kept)

    def _sort(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, _CONTRACT_TERMS):
            self._contracts[event.contract].append(recorded)
        elif isinstance(event, EntitlementTransferred):
            for package in {event.origin.package, event.target.package}:
                self._packages[package].append(recorded)
        elif isinstance(event, RoleGranted | RoleRevoked):
            self.roles.append(recorded)
        elif isinstance(event, WorkspaceCreated):
            self._workspaces[event.workspace] = event
            self._created[event.workspace] = recorded
        else:
            named = getattr(event, "package", None)
            if named is not None:
                self._packages[named].append(recorded)

    @cached_property
    def zones(self) -> dict[str, str]:
        """The time zone of each contract that was signed."""
        return {
            contract: event.timezone or UTC
            for contract, terms in self._contracts.items()
            for recorded in terms
            if isinstance(event := recorded.event, ContractSigned)
        }

    @cached_property
    def contract_of(self) -> dict[str, str]:
        """The contract of each package that was bought."""
        return {
            package: recorded.event.contract
            for package, terms in self._packages.items()
            for recorded in terms
            if isinstance(recorded.event, PackagePurchased)
        }

    @property
    def contracts(self) -> Iterable[str]:
        """The ids of the contracts that were signed."""
        return self.zones.keys()

    @property
    def packages(self) -> Iterable[str]:
        """The ids of the packages that were bought."""
        return self.contract_of.keys()

    @property
    def workspaces(self) -> dict[str, WorkspaceCreated]:
        """The workspaces that were created."""
        return self._workspaces

    def workspaces_of(self, customer: str) -> set[str]:
        """Return the workspaces of a customer."""
        return {name for name, created in self._workspaces.items() if created.customer == customer}

    def created(self, workspace: str) -> Recorded:
        """Return the event that created a workspace. Raises KeyError."""
        return self._created[workspace]

    def workspace_zone(self, workspace: str | None) -> str:
        """Return the time zone of a workspace; UTC where it is unknown or has none."""
        created = self._workspaces.get(workspace) if workspace is not None else None
        return (created.timezone if created else None) or UTC

    def case_zone(self, opening_contract: str | None, first_workspace: str | None) -> str:
        """Return the time zone of a case: its first contract's, else its first workspace's."""
        if opening_contract is not None and opening_contract in self.zones:
            return self.zones[opening_contract]
        return self.workspace_zone(first_workspace)

    def package_zone(self, package: str | None, workspace: str | None = None) -> str:
        """Return the time zone of a package's contract, else of the workspace, else UTC."""
        contract = self.contract_of.get(package) if package is not None else None
        if contract is not None:
            return self.zones.get(contract, UTC)
        return self.workspace_zone(workspace)

    def about_contract(self, contract: str) -> list[Recorded]:
        """Return the terms of a contract, in order."""
        return self._contracts.get(contract, [])

    def about_package(self, package: str) -> list[Recorded]:
        """Return the terms that name a package, in order."""
        return self._packages.get(package, [])

    def at(self, as_of: AsOf) -> "TermsAt":
        """Return what the terms make at an as-of."""
        return TermsAt(self, as_of)


class TermsAt:
    """What the known terms make at one as-of; each object is cut in its contract's zone."""

    def __init__(self, terms: Terms, as_of: AsOf) -> None:
        """Keep both; everything is made when it is asked for, once."""
        self.terms = terms
        self.as_of = as_of
        self._contracts: dict[str, Contract | None] = {}
        self._packages: dict[str, Package | None] = {}

    def contract(self, contract: str | None) -> Contract | None:
        """Return a contract, or None where it is unknown or not signed yet."""
        if contract is None:
            return None
        if contract not in self._contracts:
            self._contracts[contract] = fold_contract(self._about_contract(contract))
        return self._contracts[contract]

    def _about_contract(self, contract: str) -> list[Recorded]:
        cut = self.as_of.cut(self.terms.zones.get(contract, UTC))
        return [term for term in self.terms.about_contract(contract) if term.effective_at <= cut]

    def package(self, package: str | None) -> Package | None:
        """Return a package, or None where it is unknown or not bought yet."""
        if package is None:
            return None
        if package not in self._packages:
            cut = self.cut(package)
            self._packages[package] = fold_package(
                package,
                (term for term in self.terms.about_package(package) if term.effective_at <= cut),
                self.terms.gone,
            )
        return self._packages[package]

    def workspaces(self, contract: str) -> frozenset[str]:
        """Return where a contract is mapped, be it signed by then or not."""
        return mapped_workspaces(self._about_contract(contract))

    def line(self, package: str | None, entitlement: str | None) -> PackageLine | None:
        """Return a line of a package, or None."""
        found = self.package(package)
        return found.lines.get(entitlement) if found and entitlement is not None else None

    def day(self, package: str) -> date:
        """Return the date of the question in the zone of a package's contract."""
        return self.as_of.date(self.terms.package_zone(package))

    def cut(self, package: str) -> int:
        """Return the last instant that counts for a package."""
        return self.as_of.cut(self.terms.package_zone(package))
