"""A contract as its terms make it: its period, its end, its state and where it is mapped."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from ledger.domain.events.contracts import (
    ContractAmended,
    ContractMapped,
    ContractRenewed,
    ContractSigned,
    ContractTerminated,
    ContractUnmapped,
)
from ledger.domain.recorded import Recorded

UTC: str = "UTC"

ContractState = Literal["future", "active", "expired", "terminated"]


@dataclass(frozen=True, slots=True)
class Contract:
    """What is agreed, once the terms that count have been applied."""

    contract: str
    customer: str
    name: str
    plan: str | None
    zone: str
    starts_on: date
    ends_on: date | None
    terminated_on: date | None = None
    successors: tuple[str, ...] = ()
    workspaces: frozenset[str] = frozenset()

    @property
    def end(self) -> date | None:
        """The last day in force: an early termination is the end. None is open-ended."""
        if self.terminated_early:
            return self.terminated_on
        return self.ends_on

    @property
    def terminated_early(self) -> bool:
        """Whether a termination ends it before its agreed end."""
        if self.terminated_on is None:
            return False
        return self.ends_on is None or self.terminated_on < self.ends_on

    def state(self, day: date) -> ContractState:
        """Return the state on a day (its end dates are inclusive)."""
        if day < self.starts_on:
            return "future"
        if self.end is None or day <= self.end:
            return "active"
        return "terminated" if self.terminated_early else "expired"

    def period_is_sound(self) -> bool:
        """Return whether it does not end before it starts, by agreement or by termination."""
        ends = [end for end in (self.ends_on, self.terminated_on) if end is not None]
        return all(end >= self.starts_on for end in ends)


def fold_contract(terms: Iterable[Recorded]) -> Contract | None:
    """Return the contract that its terms make, given in order; None when it was never signed.

    The signing comes first, whatever its time: what is amended earlier is amended all the same.
    """
    contract: Contract | None = None
    later: list[Recorded] = []
    for recorded in terms:
        if isinstance(recorded.event, ContractSigned):
            contract = _signed(recorded.event)
        else:
            later.append(recorded)
    if contract is None:
        return None
    for recorded in later:
        contract = _evolve(contract, recorded)
    return replace(contract, workspaces=mapped_workspaces(later))


def mapped_workspaces(terms: Iterable[Recorded]) -> frozenset[str]:
    """Return the workspaces that a contract is mapped to by its terms, given in order.

    Like all that comes before a signing, a mapping counts from its own time.
    """
    workspaces: set[str] = set()
    for recorded in terms:
        if isinstance(recorded.event, ContractMapped):
            workspaces.add(recorded.event.workspace)
        elif isinstance(recorded.event, ContractUnmapped):
            workspaces.discard(recorded.event.workspace)
    return frozenset(workspaces)


def _signed(event: ContractSigned) -> Contract:
    return Contract(
        contract=event.contract,
        customer=event.customer,
        name=event.name,
        plan=event.plan,
        zone=event.timezone or UTC,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
    )


def _evolve(contract: Contract, recorded: Recorded) -> Contract:
    match recorded.event:
        case ContractAmended() as event:
            return replace(
                contract,
                name=event.name if event.name is not None else contract.name,
                plan=event.plan if event.plan is not None else contract.plan,
                starts_on=event.starts_on or contract.starts_on,
                ends_on=event.ends_on if event.given("ends_on") else contract.ends_on,
            )
        case ContractTerminated() as event:
            return replace(contract, terminated_on=event.on)
        case ContractRenewed() as event:
            return replace(contract, successors=(*contract.successors, event.successor))
        case _:
            return contract
