"""A ledger in memory: what it is made of, and what can be read of it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ledger.errors import Damaged
from ledger.proof.merkle import peak_positions
from ledger.storage.codec import Codec
from ledger.storage.leaves import root_ended_by
from ledger.storage.log import (
    CHUNK,
    Clock,
    Head,
    HeldLine,
    Intake,
    RegisterRow,
    Seal,
    StoredRow,
)
from ledger.storage.memory.recorder import MemoryRecorder
from ledger.storage.vault.rows import ERASED, LAST_ERASED, Kept, Person, SealedText, erased_among


@dataclass(slots=True)
class Aside:
    """What is kept beside the events."""

    homes: dict[str, str] = field(default_factory=dict)
    held: dict[int, HeldLine] = field(default_factory=dict)
    numbers: dict[bytes, int] = field(default_factory=dict)
    last_number: int = 0
    register: list[RegisterRow] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    numbers_of_persons: dict[bytes, int] = field(default_factory=dict)
    texts: dict[bytes, SealedText] = field(default_factory=dict)
    intakes: dict[str, Intake] = field(default_factory=dict)

    def copy(self) -> "Aside":
        """Return the same, to be changed by a transaction."""
        return Aside(
            dict(self.homes),
            dict(self.held),
            dict(self.numbers),
            self.last_number,
            list(self.register),
            list(self.seals),
            list(self.persons),
            dict(self.numbers_of_persons),
            dict(self.texts),
            dict(self.intakes),
        )


class MemoryStore:
    """One ledger in memory, whoever has it open."""

    def __init__(self, name: str, ledger_id: str, clock: Clock, codec: Codec) -> None:
        """Make an empty ledger."""
        self.name = name
        self.ledger_id = ledger_id
        self.recorder = MemoryRecorder(clock, codec.is_term)
        self.aside = Aside()


class MemoryRows:
    """Reads the rows up to the last one that it may see."""

    def __init__(self, recorder: MemoryRecorder) -> None:
        self._recorder = recorder

    def _last(self) -> int:
        return self._recorder.committed

    def _aside(self) -> Aside:
        raise NotImplementedError

    def _end(self) -> Head:
        last = self._last()
        return Head(last, self._recorder.rows[last - 1].recorded_at if last else None)

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""
        last = self._last() if until is None else min(until, self._last())
        return self._recorder.rows[after : min(last, after + limit)]

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked. Raises Damaged if one is gone."""
        last = self._last()
        for position in positions:
            if not 0 < position <= last:
                raise Damaged("there is no event at position {position}", position=position)
        return [self._recorder.rows[position - 1] for position in positions]

    def _up_to_last(self, positions: Sequence[int]) -> list[StoredRow]:
        seen = positions[: bisect_right(positions, self._last())]
        return [self._recorder.rows[position - 1] for position in seen]

    def stream(self, stream: str) -> list[StoredRow]:
        """Return all rows of a stream, by version."""
        rows = self._up_to_last(self._recorder.positions.get(stream, []))
        return sorted(rows, key=lambda row: row.version)

    def streams(self, prefix: str = "") -> list[str]:
        """Return the names of the streams that begin with a prefix, sorted."""
        last = self._last()
        return sorted(
            name
            for name, positions in list(self._recorder.positions.items())
            if name.startswith(prefix) and positions and positions[0] <= last
        )

    def terms(self, stream: str | None = None) -> list[StoredRow]:
        """Return the rows that are no facts, of one stream or of all, by position."""
        rows = self._up_to_last(self._recorder.terms)
        return [row for row in rows if stream is None or row.stream == stream]

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """Return the last version of each stream, 0 where it has none."""
        found: dict[str, int] = {}
        for stream in streams:
            rows = self._up_to_last(self._recorder.positions.get(stream, []))
            found[stream] = max((row.version for row in rows), default=0)
        return found

    def homes(self, subjects: Collection[str]) -> dict[str, str]:
        """Return the stream in which each subject lives; unknown ones are absent."""
        homes = self._aside().homes
        return {subject: homes[subject] for subject in subjects if subject in homes}

    def position_at(self, instant: int) -> int:
        """Return the last position with recorded_at <= instant, 0 where there is none."""
        rows = self._recorder.rows
        return bisect_right(rows, instant, hi=self._last(), key=lambda row: row.recorded_at)

    def nodes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked.

        Raises Damaged if one is gone.
        """
        self.at(positions)
        return [self._recorder.nodes[position - 1] for position in positions]

    def root_at(self, position: int) -> bytes | None:
        """Return the root of the tree that an event ends; None where no event has the position."""
        if not 0 < position <= self._last():
            return None
        nodes = self.nodes(peak_positions(position - 1))
        return root_ended_by(self._recorder.rows[position - 1], nodes)

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        return list(self._aside().seals)

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way, by its name."""
        intakes = self._aside().intakes
        return [intakes[file] for file in sorted(intakes)]

    def quarantine_rows(self, after: int = 0, limit: int = CHUNK) -> list[HeldLine]:
        """Return up to `limit` held lines with number > after, by number."""
        held = self._aside().held
        return [held[number] for number in sorted(held) if number > after][:limit]

    def quarantine_row(self, number: int) -> HeldLine | None:
        """Return one held line, or None where there is none of that number."""
        return self._aside().held.get(number)

    def quarantine_counts(self) -> dict[str, int]:
        """Return how many lines are held under each code."""
        return dict(sorted(Counter(held.code for held in self._aside().held.values()).items()))

    def register_rows(self) -> list[RegisterRow]:
        """Return the whole register, by number."""
        return list(self._aside().register)

    def erasures(self) -> int:
        """Return how many entries of the register say that a person was erased."""
        return sum(row.what == ERASED for row in self._aside().register)

    def erased(self) -> bytes:
        """Return what tells the erased from all others: empty where nobody is erased."""
        persons = self._aside().persons
        return erased_among(sorted(one.digest for one in persons if one.digest <= LAST_ERASED))

    def kept(self, commitments: Collection[bytes]) -> dict[bytes, Kept]:
        """Return what is kept of persons under each commitment; unknown ones are absent."""
        aside = self._aside()
        found = (aside.texts[each] for each in commitments if each in aside.texts)
        return {
            text.commitment: Kept(aside.persons[text.person - 1], text.sealed) for text in found
        }

    def persons(self, digests: Collection[bytes]) -> dict[bytes, Person]:
        """Return the person of each digest; unknown ones are absent."""
        aside = self._aside()
        numbers = aside.numbers_of_persons
        return {each: aside.persons[numbers[each] - 1] for each in digests if each in numbers}

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""
        return [text for text in self._aside().texts.values() if text.person == person]
