"""A question: what is asked, for which two dates, by whom, and the books that answer it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ledger.domain.access import Scope
from ledger.domain.aggregates.contract import UTC, Contract
from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.aggregates.terms import Terms, TermsAt
from ledger.domain.recorded import Recorded
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.calendar import parse_date
from ledger.domain.values.instants import within_facts
from ledger.domain.values.quantities import format_quantity
from ledger.errors import NotAllowed, NotFound, UsageError
from ledger.projections.balances.accounts import Account, Period, account, period
from ledger.projections.books.books import Books
from ledger.projections.conditions import Condition, among
from ledger.projections.filters import Answer, Filters


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
    moment: int = 0
    """When in the ledger's time it is asked: now, or the past moment that `known_at` names."""
    filters: Filters = field(default_factory=Filters)
    narrowed: frozenset[str] | None = None
    """The packages that the answer is about, where books of the past need hold no others."""

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

    def in_scope(self) -> Condition:
        """Return the scope as a condition on a workspace."""
        if self.scope.workspaces is None:
            return Condition("TRUE")
        return among("workspace", sorted(self.scope.workspaces))

    def operator_only(self, name: str) -> None:
        """Refuse a viewer. Raises NotAllowed."""
        if self.scope.viewer is not None:
            raise NotAllowed(
                "{command} is for the operator of the ledger: ask without --as", command=name
            )

    @cached_property
    def mapped(self) -> dict[str, list[str]]:
        """The workspaces in scope that each contract is mapped to at the as-of, sorted.

        Only contracts that are mapped to one or more stand in it.
        """
        found = {}
        for name in sorted(self.terms.contracts):
            shown = sorted(filter(self.scope.holds, self.at.workspaces(name)))
            if shown:
                found[name] = shown
        return found

    def contracts(self) -> list[Contract]:
        """Return the contracts that count and that the scope and the filters show, by id.

        Without workspaces in the scope it is every contract. Raises NotFound for one asked for
        that is not recorded, or that a viewer may not see.
        """
        for name in self.filters.contracts:
            if not self.knows_contract(name):
                raise NotFound("there is no contract {name}", name=name)
        names = self.filters.contracts or sorted(self.terms.contracts)
        found = (self.at.contract(name) for name in dict.fromkeys(names) if self._shown(name))
        return [contract for contract in found if contract is not None]

    def _shown(self, contract: str) -> bool:
        return self.scope.workspaces is None or contract in self.mapped

    def knows_contract(self, contract: str | None) -> bool:
        """Return whether a contract is recorded, and may be named.

        For a viewer it is mapped to the scope; one that is not is as good as none.
        """
        if contract not in self.terms.zones:
            return False
        return self.scope.viewer is None or contract in self.mapped

    def knows_package(self, package: str | None) -> bool:
        """Return whether a package is recorded, and its contract may be named."""
        return self.knows_contract(self.contract_of(package))

    def contract_of(self, package: str | None) -> str | None:
        """Return the contract of a package; None where either may not be named."""
        contract = self.terms.contract_of.get(package) if package is not None else None
        return contract if self.knows_contract(contract) else None

    @cached_property
    def period_day(self) -> date | None:
        """The first day of the period that is asked for; None where none is. Raises UsageError."""
        asked = self.filters.from_day
        if asked is None:
            return None
        try:
            day = parse_date(asked)
        except ValueError as wrong:
            raise UsageError("--from {asked}: {wrong}", asked=asked, wrong=wrong) from None
        somewhere = 0 if self.as_of.day is not None else 1
        if (day - self.as_of.date(UTC)).days > somewhere:
            raise UsageError(
                "--from {asked} is after the as-of, {as_of}", asked=asked, as_of=self.as_of.echo()
            )
        return day

    def period_asked(self) -> dict[str, object]:
        """Return `from`, the first day of the period, where one is asked for; else nothing."""
        return {} if self.period_day is None else {"from": self.period_day.isoformat()}

    def cuts(self) -> dict[str, int]:
        """Return the last instant that counts in each time zone that is in use."""
        zones = {UTC, *self.terms.zones.values()}
        zones.update(map(self.terms.workspace_zone, self.terms.workspaces))
        return {zone: within_facts(self.as_of.cut(zone)) for zone in zones}

    def package_ids(self) -> list[str]:
        """Return the recorded packages that the scope and the filters show, sorted.

        Raises NotFound for one asked for that is not recorded, or that a viewer may not see.
        """
        self.contracts()
        wanted = set(self.filters.packages)
        for name in sorted(wanted):
            if not self.knows_package(name):
                raise NotFound("there is no package {name}", name=name)
        contracts = set(self.filters.contracts)
        return [
            name
            for name, contract in sorted(self.terms.contract_of.items())
            if (not wanted or name in wanted)
            and (not contracts or contract in contracts)
            and self._shown(contract)
        ]

    def account(self, package: Package, line: PackageLine) -> Account:
        """Return the figures of a consumable, those of the scope among them."""
        return account(self.books, self.at, package, line, self.scope.workspaces)

    def period(self, package: Package, line: PackageLine) -> Period | None:
        """Return what was used in the period that is asked for; None where none is."""
        first = self.period_day
        if first is None:
            return None
        return period(self.books, self.at, package, line, first, self.scope.workspaces)

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
