"""A question: what is asked, for which two dates, by whom, and the books that answer it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from ledger.domain.access import Scope
from ledger.domain.as_of import AsOf
from ledger.domain.contracts import Contract
from ledger.domain.packages import Line, Package
from ledger.domain.quantities import format_quantity
from ledger.domain.recorded import Recorded
from ledger.domain.terms import Terms, TermsAt
from ledger.errors import NotAllowed, NotFound
from ledger.projections.accounts import Account, account
from ledger.projections.books import Books

Answer = dict[str, object]
"""What a view says, ready to be written as JSON: quantities are strings, counts are numbers."""

ExpiryBasis = Literal["as-of", "case-opened"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question is narrowed to; every view takes what applies to it."""

    contracts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    kind: str | None = None
    state: str = "active"
    expiring: int | None = None
    expiry_basis: ExpiryBasis = "as-of"
    which: Literal["main", "additional", "all"] = "main"
    support_type: str | None = None
    package: str | None = None
    entitlement: str | None = None
    case: str | None = None
    everything: bool = False


@dataclass(frozen=True)
class Question:
    """A question that is about to be answered."""

    as_of: AsOf
    known_at: object
    position: int
    scope: Scope
    books: Books
    terms: Terms
    events: Callable[[Collection[int]], dict[int, Recorded]]
    """Returns the events at positions."""
    stream: Callable[[str], list[int]]
    """Returns the positions of the events of a stream."""
    shares: Callable[[], dict[str, set[str]]]
    """Returns with whom each case is shared now: `user:ID` and `group:ID`."""
    filters: Filters = field(default_factory=Filters)

    @cached_property
    def at(self) -> TermsAt:
        """What the terms make at the as-of."""
        return self.terms.at(self.as_of)

    def answered(self, **parts: object) -> Answer:
        """Return an answer: what every answer carries, and the parts of this one."""
        return {
            "as_of": self.as_of.echo(),
            "known_at": self.known_at,
            "position": self.position,
            "limited": self.scope.limited,
            **parts,
        }

    def operator_only(self, name: str) -> None:
        """Refuse a viewer. Raises NotAllowed."""
        if self.scope.viewer is not None:
            raise NotAllowed(f"{name} is for the operator of the ledger: ask without --as")

    @cached_property
    def mapped(self) -> dict[str, list[str]]:
        """The workspaces in scope that each contract is mapped to at the as-of, sorted.

        Only contracts that are mapped to one or more stand in it.
        """
        found = {}
        for name in sorted(self.terms.contracts):
            contract = self.at.contract(name)
            shown = sorted(filter(self.scope.holds, contract.workspaces)) if contract else []
            if shown:
                found[name] = shown
        return found

    def contracts(self) -> list[Contract]:
        """Return the contracts that count and that the scope and the filters show, by id.

        Without workspaces in the scope it is every contract. Raises NotFound for one asked for
        that is not recorded, or that a viewer may not see.
        """
        for name in self.filters.contracts:
            if name not in self.terms.zones or not self._shows(name):
                raise NotFound(f"there is no contract {name}")
        names = self.filters.contracts or sorted(self.terms.contracts)
        found = (self.at.contract(name) for name in dict.fromkeys(names) if self._shown(name))
        return [contract for contract in found if contract is not None]

    def _shown(self, contract: str) -> bool:
        return self.scope.workspaces is None or contract in self.mapped

    def _shows(self, contract: str) -> bool:
        """Return whether a contract may be named: for a viewer it is mapped to the scope."""
        return self.scope.viewer is None or contract in self.mapped

    def package_ids(self) -> list[str]:
        """Return the recorded packages that the scope and the filters show, sorted.

        Raises NotFound for one asked for that is not recorded, or that a viewer may not see.
        """
        self.contracts()
        wanted = set(self.filters.packages)
        for name in sorted(wanted):
            if name not in self.terms.contract_of or not self._shows(self.terms.contract_of[name]):
                raise NotFound(f"there is no package {name}")
        contracts = set(self.filters.contracts)
        return [
            name
            for name, contract in sorted(self.terms.contract_of.items())
            if (not wanted or name in wanted)
            and (not contracts or contract in contracts)
            and self._shown(contract)
        ]

    def account(self, package: Package, line: Line) -> Account:
        """Return the figures of a consumable, those of the scope among them."""
        return account(self.books, self.at, package, line, self.scope.workspaces)

    def hides(self, unit: str) -> bool:
        """Return whether figures of that unit would give hidden cases away."""
        return self.scope.limited and unit in {"case", "hour"}


def quantity(amount: int | None) -> str | None:
    """Return an amount as it is answered; None stays None."""
    return None if amount is None else format_quantity(amount)


def total(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of amounts; None where one of them is as needed."""
    added = 0
    for amount in amounts:
        if amount is None:
            return None
        added += amount
    return added
