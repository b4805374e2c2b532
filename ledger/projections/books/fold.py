"""Folding: what rows of the log come to in the derived tables. It needs no books.

It takes two steps, between which the books are asked: a chunk of the log is sorted by what its
events are about, and what the books know of that is folded together with it.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from ledger.domain.deliveries.subjects import fold_subject, subject_of
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import Recorded, event_key, in_order
from ledger.projections.books.rows import DerivedRows
from ledger.storage.log import StoredRow


class Decoder(Protocol):
    """What turns stored bytes into a typed event: the codec."""

    def recorded(self, row: StoredRow) -> Recorded:
        """Return the event of a row, validated; raises Damaged when it cannot be read."""

    def in_clear(self, rows: Sequence[StoredRow]) -> Sequence[StoredRow]:
        """Return rows with what their events say of persons in clear."""

    def look_up(self, rows: Collection[StoredRow]) -> None:
        """Ask at once for what reading these rows needs."""

    def forget(self, erased: bytes) -> None:
        """Forget what was revealed when others were erased."""


class Sorted(NamedTuple):
    """A chunk of the log, sorted by what has to be done with it."""

    terms: list[int]
    """The places of its terms in the chunk."""
    reversals: list[tuple[str, int]]
    """The key of each event that is reversed, and the position of the reversal."""
    subjects: list[str]
    """What its facts are about."""
    owners: list[int]
    """The place of the subject of each of its facts, in order."""
    mentions: set[tuple[int, str]]
    """The place of a subject, and a package that a fact of it names."""


class Known(NamedTuple):
    """What the books know of the subjects of a chunk; each is meant by its place."""

    more: list[str]
    """Subjects that are folded anew though the chunk has no fact of them, after those of it."""
    numbers: list[int]
    """The number of each in the books."""
    fresh: list[int]
    """Those that the books had not met."""
    owners: list[int]
    """Whose each of the earlier facts is."""
    earlier: list[StoredRow]
    reversals: list[tuple[int, int]]
    """The position of each event that the chunk reverses, and that of its reversal."""
    gone: set[int]
    """The positions of all events that do not count."""


class Folder:
    """Sorts chunks of the log, and folds what they touch."""

    def __init__(self, decoder: Decoder) -> None:
        """Take the codec."""
        self._decoder = decoder
        self._sorted: deque[dict[str, list[Recorded]]] = deque()

    def sort(self, rows: Sequence[StoredRow]) -> Sorted:
        """Return a chunk, sorted. Raises Damaged when an event cannot be read."""
        recorded_by = self._decoder.recorded
        found = Sorted([], [], [], [], set())
        places: dict[str, int] = {}
        by_place: list[list[Recorded]] = []
        for at, row in enumerate(rows):
            recorded = recorded_by(row)
            event = recorded.event
            if not event.is_fact:
                found.terms.append(at)
                if isinstance(event, EventReversed):
                    target = event.reverses
                    found.reversals.append((event_key(target.source, target.id), row.position))
                continue
            subject = subject_of(event, row.position)
            place = places.setdefault(subject, len(by_place))
            if place == len(by_place):
                by_place.append([])
            by_place[place].append(recorded)
            found.owners.append(place)
            package = vars(event).get("package")
            if package is not None:
                found.mentions.add((place, package))
        found.subjects.extend(places)
        self._sorted.append(dict(zip(places, by_place, strict=True)))
        return found

    def fold(self, known: Known) -> DerivedRows:
        """Return what the subjects of a chunk come to: of the first that is sorted, not folded."""
        earlier: dict[int, list[Recorded]] = defaultdict(list)
        for place, row in zip(known.owners, known.earlier, strict=True):
            earlier[place].append(self._decoder.recorded(row))
        by_subject = self._sorted.popleft() | {subject: [] for subject in known.more}
        gone = known.gone
        derived = DerivedRows()
        numbered = zip(by_subject.items(), known.numbers, strict=True)
        for place, ((subject, events), number) in enumerate(numbered):
            history = earlier[place] + events if place in earlier else events
            counting = history
            if gone:
                counting = [recorded for recorded in history if recorded.position not in gone]
            derived.add(number, fold_subject(subject, in_order(counting)))
        return derived
