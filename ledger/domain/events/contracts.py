"""Contracts: the commercial envelopes, and the workspaces that they are mapped to."""

from typing import ClassVar

from ledger.domain.events.fields import Date, Identifier, Term, Text, ZoneName


class ContractSigned(Term):
    """A customer signed a contract; without `ends_on` it is open-ended."""

    type_name: ClassVar[str] = "contract.signed"

    contract: Identifier
    customer: Identifier
    name: Text
    plan: Text | None = None
    starts_on: Date
    ends_on: Date | None = None
    timezone: ZoneName | None = None


class ContractAmended(Term):
    """Some terms of a contract changed; a null `ends_on` makes it open-ended."""

    type_name: ClassVar[str] = "contract.amended"
    clears: ClassVar[frozenset[str]] = frozenset({"ends_on"})

    contract: Identifier
    name: Text | None = None
    plan: Text | None = None
    starts_on: Date | None = None
    ends_on: Date | None = None
    reason: Text


class ContractTerminated(Term):
    """A contract ends early: `on` is the last day in force."""

    type_name: ClassVar[str] = "contract.terminated"

    contract: Identifier
    on: Date
    reason: Text


class ContractRenewed(Term):
    """Another contract follows this one; nothing is carried over."""

    type_name: ClassVar[str] = "contract.renewed"

    contract: Identifier
    successor: Identifier


class _Mapping(Term):
    contract: Identifier
    workspace: Identifier


class ContractMapped(_Mapping):
    """A workspace shows a contract from now on."""

    type_name: ClassVar[str] = "contract.mapped"


class ContractUnmapped(_Mapping):
    """A workspace no longer shows a contract."""

    type_name: ClassVar[str] = "contract.unmapped"
