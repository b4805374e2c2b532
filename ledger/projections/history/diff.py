"""The difference between two answers: what changed, and exactly which events moved it.

From one pair of dates to another in two strides. First the as-of stays and the known-at moves: that
is later knowledge, what is known now of what had happened then. Then the as-of moves, with all that
is known by the end: that is new business. In each stride every figure is the sum of its lines, so
the lines that are other than before are the moves, and they come to the difference exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.attribution import PieceKind
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.deliveries.subjects import subject_of
from ledger.domain.recorded import Recorded
from ledger.errors import NotAllowed
from ledger.projections.balances.accounts import Account
from ledger.projections.balances.lines import elsewhere, pieces_of, reserved_by_event
from ledger.projections.balances.settled import companions
from ledger.projections.learners import hidden_starts
from ledger.projections.question import Question

Figure = Literal["granted", "consumed", "expired", "reserved"]
Stride = Literal["later_knowledge", "new_business"]

FIGURES: Final[tuple[Figure, ...]] = ("granted", "consumed", "expired", "reserved")
_FIGURE_OF: Final[dict[PieceKind, tuple[Figure, int]]] = {
    "granted": ("granted", 1),
    "taken": ("granted", 1),
    "burned": ("consumed", -1),
    "covered": ("consumed", -1),
    "returned": ("consumed", -1),
    "expired": ("expired", -1),
    "lost": ("expired", -1),
}


class Key(NamedTuple):
    """What a line of a balance is, whatever its amount."""

    figure: Figure
    position: int | None
    """The event that it is due to; None where a lot expired."""
    lot: int | None
    """The lot that expired."""

    @property
    def summed(self) -> bool:
        """Whether it is the sum of lines that the viewer may not tell apart."""
        return self.position is None and self.lot is None


class Entry(NamedTuple):
    """A line of a balance: when it counts, and its amount in its figure."""

    at: int
    amount: int


class Move(NamedTuple):
    """A line that is other than it was."""

    stride: Stride
    key: Key
    at: int
    change: int
    own: bool
    """Whether its own event, or day, is what came; else something else changed it."""


@dataclass(frozen=True)
class Side:
    """One consumable at one pair of dates."""

    question: Question
    package: Package
    line: PackageLine

    @cached_property
    def account(self) -> Account:
        """Its figures."""
        return self.question.account(self.package, self.line)

    @cached_property
    def cut(self) -> int:
        """The last instant that counts."""
        return self.question.at.cut(self.package.package)

    @cached_property
    def entries(self) -> dict[Key, Entry]:
        """Its lines: each figure is the sum of those that bear its name."""
        found: dict[Key, Entry] = {}
        limited = self.line.entitlement.limited
        for piece in pieces_of(self.question, self.package, self.line):
            figure, sign = _FIGURE_OF[piece.kind]
            key = Key(figure, piece.position, piece.lot if piece.kind == "expired" else None)
            _add(found, key, piece.at, piece.change * (sign if limited else 1))
        held = reserved_by_event(self.question, self.package, self.line, self.cut)
        for position, at, amount in held:
            _add(found, Key("reserved", position, None), at, amount)
        return found

    @cached_property
    def elsewhere(self) -> set[int | None]:
        """The events that a viewer may not know, for they delivered out of the scope."""
        if self.question.scope.viewer is None:
            return set()
        return elsewhere(self.question, self.package, self.line)

    @cached_property
    def hidden(self) -> set[int]:
        """The events of learners whom the viewer may not see."""
        return hidden_starts(self.question, self.package, self.line)


_NOTHING: Final = Entry(0, 0)


def _add(found: dict[Key, Entry], key: Key, at: int, amount: int) -> None:
    before = found.get(key)
    found[key] = Entry(before.at if before else at, (before.amount if before else 0) + amount)


def _known(entries: dict[Key, Entry], hidden: set[int]) -> dict[Key, Entry]:
    """Return lines as a viewer may know them: one for what hidden learners did, and for expiries.

    How much expired and when tells what others had started by then, so it is a sum, too.
    """
    if not hidden:
        return entries
    found: dict[Key, Entry] = {}
    for key, entry in entries.items():
        if key.position in hidden or key.figure == "expired":
            _add(found, Key(key.figure, None, None), FOREVER, entry.amount)
        else:
            found[key] = entry
    return found


def side(question: Question, package: str, entitlement: str) -> Side | None:
    """Return a consumable at the dates of a question; None where it does not count there.

    Raises NotAllowed where its figures would give hidden cases away.
    """
    bought, line = question.at.package(package), question.at.line(package, entitlement)
    if bought is None or line is None or not line.entitlement.tracked:
        return None
    if question.hides(line.entitlement.unit or ""):
        raise NotAllowed(
            "{entitlement} of {package} is fed by cases that you may not all see",
            entitlement=entitlement,
            package=package,
        )
    return Side(question, bought, line)


class Dates(NamedTuple):
    """The questions of a difference: from, from with what is known by the end, and to."""

    before: Question
    middle: Question
    after: Question

    @property
    def latest(self) -> Question:
        """The one that knows most."""
        return max(self, key=lambda question: question.position)

    def strides(self) -> dict[Stride, tuple[Question, Question]]:
        """Return between which two questions each stride goes."""
        return {
            "later_knowledge": (self.before, self.middle),
            "new_business": (self.middle, self.after),
        }

    def is_new(self, stride: Stride, package: str, position: int, at: int) -> bool:
        """Return whether something came with a stride: an event, or what it did at an instant."""
        one, other = self.strides()[stride]
        if stride == "later_knowledge":
            known = sorted((one.position, other.position))
            return known[0] < position <= known[1]
        zone = self.latest.terms.package_zone(package)
        cuts = sorted((one.as_of.cut(zone), other.as_of.cut(zone)))
        return cuts[0] < at <= cuts[1]


@dataclass(frozen=True)
class Changed:
    """One consumable from one pair of dates to another."""

    package: str
    entitlement: str
    dates: Dates

    @cached_property
    def sides(self) -> tuple[Side | None, Side | None, Side | None]:
        """It at the dates of each question."""
        before, middle, after = self.dates
        first = side(before, self.package, self.entitlement)
        second = first if middle is before else side(middle, self.package, self.entitlement)
        third = second if after is middle else side(after, self.package, self.entitlement)
        return first, second, third

    @cached_property
    def moves(self) -> list[Move]:
        """The lines that are other than before, later knowledge first, each stride in time."""
        first, second, third = self.sides
        return [
            *self._moves("later_knowledge", first, second),
            *self._moves("new_business", second, third),
        ]

    def _moves(self, stride: Stride, before: Side | None, after: Side | None) -> list[Move]:
        if before is after:
            return []
        hidden = set().union(*(side.hidden for side in self.sides if side is not None))
        old = _known(before.entries, hidden) if before else {}
        new = _known(after.entries, hidden) if after else {}
        found = []
        for key in old.keys() | new.keys():
            was, now = old.get(key, _NOTHING), new.get(key, _NOTHING)
            if now.amount != was.amount:
                at = now.at if key in new else was.at
                own = self.dates.is_new(stride, self.package, key.position or 0, at)
                found.append(Move(stride, key, at, now.amount - was.amount, own))
        return sorted(found, key=_order)

    def because(self, move: Move) -> list[Recorded]:
        """Return the events that changed a line whose own event is not new, by position."""
        if move.own or move.key.position is None:
            return []
        events = self.dates.latest.events(self._candidates(move.key.position))
        return [
            recorded
            for position, recorded in sorted(events.items())
            if self.dates.is_new(move.stride, self.package, position, recorded.effective_at)
        ]

    def _candidates(self, position: int) -> set[int]:
        """Return the reversals, the events of its subject and the terms that bear on an event."""
        latest = self.dates.latest
        rows = latest.books.rows(
            "SELECT by_position FROM reversals WHERE position = ?", (position,)
        )
        event = latest.events([position])[position].event
        if event.is_fact:
            rows += latest.books.rows(
                "SELECT e.position FROM subject_events e JOIN subjects s ON s.number = e.subject"
                " WHERE s.name = ?",
                (subject_of(event, position),),
            )
        packages = {self.package, *(name for name, _ in companions(latest.books, self.package))}
        terms = [term for name in packages for term in latest.terms.about_package(name)]
        return {found for (found,) in rows} | {term.position for term in terms}


def _order(move: Move) -> tuple[int, int, int, str]:
    return (move.at, move.key.position or 0, move.key.lot or 0, move.key.figure)


def changed(dates: Dates, entitlement: str | None = None) -> Iterator[Changed]:
    """Yield the consumables that the filters show and of which a line is other than before.

    Raises NotAllowed where one of them would give hidden cases away.
    """
    for package in dates.latest.package_ids():
        found = [question.at.package(package) for question in dates]
        names = {name for bought in found if bought is not None for name in bought.lines}
        for name in sorted(names if entitlement is None else names & {entitlement}):
            one = Changed(package, name, dates)
            if one.moves or (one.sides[0] is None) != (one.sides[2] is None):
                yield one
