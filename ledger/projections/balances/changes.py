"""Effects: which balances an event can move, and the figures of a balance before and after."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.aggregates.terms import Terms, TermsAt
from ledger.domain.deliveries.subjects import fold_subject, subject_of
from ledger.domain.events.contracts import ContractSigned
from ledger.domain.events.entitlements import EntitlementTransferred
from ledger.domain.events.packages import PackagePurchased
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import Recorded, event_key, in_order
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.quantities import format_quantity
from ledger.projections.balances.accounts import account
from ledger.projections.balances.settled import companions, holds_engagements
from ledger.projections.books.books import Books
from ledger.projections.books.chunk import Source
from ledger.projections.books.fold import Decoder
from ledger.projections.conditions import among
from ledger.projections.terms import recorded_terms, reversed_positions

NAMES: Final = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
    "delivered_hours",
)
"""The figures of a balance."""

_PARAMETERS: Final = 500
"""Parameters of one query."""

Figures = Mapping[str, int | None]
"""The figures of a balance (amounts); None where it is as needed."""


class KnownTerms:
    """The terms of each package, as many as the books have read; it costs little to read on."""

    def __init__(self, books: Books, decoder: Decoder) -> None:
        """Take the books, and read what they have."""
        self._books = books
        self._decoder = decoder
        self._position = 0
        self._signed: dict[str, Recorded] = {}
        self._packages: dict[str, list[Recorded]] = defaultdict(list)
        self._contract_of: dict[str, str] = {}
        self._under: dict[str, set[str]] = defaultdict(set)
        self.gone: set[int] = set()
        """The positions of the events that do not count."""
        self.read_on()

    def read_on(self) -> None:
        """Take in the terms that the books have read since."""
        found = recorded_terms(self._books, self._decoder, after=self._position)
        if self._position == 0 or any(isinstance(term.event, EventReversed) for term in found):
            self.gone = reversed_positions(self._books)
        for recorded in found:
            self._add(recorded)
            self._position = max(self._position, recorded.position)

    def _add(self, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, ContractSigned):
            self._signed[event.contract] = recorded
        elif isinstance(event, EntitlementTransferred):
            for package in {event.origin.package, event.target.package}:
                self._packages[package].append(recorded)
        elif "package" in (names := event.names()):
            self._packages[names["package"]].append(recorded)
            if isinstance(event, PackagePurchased):
                self._contract_of[event.package] = event.contract
                self._under[event.contract].add(event.package)

    def at(self, package: str, as_of: AsOf) -> TermsAt:
        """Return what terms make at an as-of: all that bear on the amounts of one package."""
        packages = {package, *(name for name, _ in companions(self._books, package))}
        terms = {term.position: term for name in packages for term in self._packages.get(name, ())}
        contracts = {self._contract_of.get(name, "") for name in packages}
        signed = [self._signed[name] for name in contracts if name in self._signed]
        return Terms([*signed, *terms.values()], self.gone).at(as_of)

    def under(self, contract: str) -> set[str]:
        """Return the packages of a contract."""
        return self._under.get(contract, set())


class Effects:
    """What events can move, and what balances come to, in books at one as-of."""

    def __init__(self, books: Books, source: Source, decoder: Decoder, as_of: AsOf) -> None:
        """Take the books, the log that they were made from, the codec, and the as-of."""
        self._books = books
        self._source = source
        self._decoder = decoder
        self._as_of = as_of
        self.terms = KnownTerms(books, decoder)

    def places(self, recorded: Recorded) -> set[EntitlementRef]:
        """Return the entitlements on which an event posts, or on whose amounts its terms bear."""
        event = recorded.event
        if event.is_fact:
            return self._of_subjects([subject_of(event, recorded.position)])
        if isinstance(event, EventReversed):
            target = self.target(event)
            return self.places(target) if target is not None else set()
        if isinstance(event, EntitlementTransferred):
            return {(place.package, place.entitlement) for place in (event.origin, event.target)}
        if isinstance(event, ContractSigned):
            under = self.terms.under(event.contract)
            return {place for package in under for place in self._lines(package)}
        package, entitlement = event.names().get("package"), getattr(event, "entitlement", None)
        if package is None:
            return set()
        if entitlement is None:
            return self._lines(package)
        return {(package, entitlement), *companions(self._books, package)}

    def all_places(self, events: Iterable[Recorded]) -> set[EntitlementRef]:
        """Return the entitlements of many events, the facts of one subject looked up once."""
        subjects: set[str] = set()
        found: set[EntitlementRef] = set()
        for recorded in events:
            if recorded.event.is_fact:
                subjects.add(subject_of(recorded.event, recorded.position))
            else:
                found |= self.places(recorded)
        return found | self._of_subjects(sorted(subjects))

    def _of_subjects(self, names: Sequence[str]) -> set[EntitlementRef]:
        """Return the entitlements on which subjects post, or may by the terms."""
        found: set[EntitlementRef] = set()
        for first in range(0, len(names), _PARAMETERS):
            where = among("s.name", names[first : first + _PARAMETERS])
            for table in ("postings", "engagement_steps"):
                found.update(
                    self._books.rows(
                        f"SELECT DISTINCT p.package, p.entitlement FROM {table} p"
                        f" JOIN subjects s ON s.number = p.subject WHERE {where.text}"
                        " AND p.package IS NOT NULL AND p.entitlement IS NOT NULL",
                        where.parameters,
                    )
                )
        return found

    def upcoming(self, recorded: Recorded) -> set[EntitlementRef]:
        """Return the entitlements on which a fact will post once the books have read an event.

        The event is the fact itself, or its reversal.
        """
        fact = recorded
        if isinstance(recorded.event, EventReversed):
            fact = self.target(recorded.event) or recorded
        if not fact.event.is_fact:
            return set()
        subject = subject_of(fact.event, fact.position)
        rows = self._books.rows(
            "SELECT e.position FROM subject_events e JOIN subjects s ON s.number = e.subject"
            " WHERE s.name = ?",
            (subject,),
        )
        positions = {position for (position,) in rows} | {fact.position}
        positions -= self.terms.gone | ({fact.position} if fact is not recorded else set())
        events = [self._decoder.recorded(row) for row in self._source.at(sorted(positions))]
        derived = fold_subject(subject, in_order(events))
        steps = {place for step in derived.engagement_steps if (place := step.place) is not None}
        return steps | {(posting.package, posting.entitlement) for posting in derived.postings}

    def _lines(self, package: str) -> set[EntitlementRef]:
        bought = self.terms.at(package, self._as_of).package(package)
        own = {(package, name) for name in bought.lines} if bought is not None else set()
        return own | companions(self._books, package)

    def holds_engagements(self, place: EntitlementRef) -> bool:
        """Return whether a place is a balance in which engagements count."""
        return holds_engagements(self.terms.at(place[0], self._as_of), place)

    def target(self, event: EventReversed) -> Recorded | None:
        """Return the event that a reversal reverses."""
        key = event_key(event.reverses.source, event.reverses.id)
        found = self._source.find([key]).get(key)
        if found is None:
            return None
        row = self._source.at([found])[0] if isinstance(found, int) else found
        return self._decoder.recorded(row)

    def figures(self, places: Iterable[EntitlementRef]) -> dict[EntitlementRef, Figures]:
        """Return the figures of the places that are consumables at the as-of."""
        found: dict[EntitlementRef, Figures] = {}
        for place in places:
            terms = self.terms.at(place[0], self._as_of)
            package, line = terms.package(place[0]), terms.line(*place)
            if package is not None and line is not None and line.entitlement.tracked:
                figures = account(self._books, terms, package, line)
                found[place] = {name: getattr(figures, name) for name in NAMES}
        return found


def changes(
    before: Mapping[EntitlementRef, Figures],
    after: Mapping[EntitlementRef, Figures],
    names: tuple[str, str] = ("before", "after"),
) -> list[dict[str, object]]:
    """Return the balances that differ, by place, as answers show them."""
    return [
        {
            "package": place[0],
            "entitlement": place[1],
            names[0]: _shown(before.get(place)),
            names[1]: _shown(after.get(place)),
            "change": {
                name: format_quantity(_amount(after, place, name) - _amount(before, place, name))
                for name in NAMES
            },
        }
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]


def _amount(figures: Mapping[EntitlementRef, Figures], place: EntitlementRef, name: str) -> int:
    found = figures.get(place)
    return (found[name] or 0) if found is not None else 0


def _shown(figures: Figures | None) -> dict[str, str | None] | None:
    if figures is None:
        return None
    return {
        name: None if amount is None else format_quantity(amount)
        for name, amount in figures.items()
    }
