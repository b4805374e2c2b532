"""A ledger in memory: the same interface, for tests, trials, and places where nothing is written.

What is beside the events (homes, quarantine, register) is copied when a transaction begins, and
takes the place of the old when it commits.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from ledger.errors import Damaged
from ledger.storage.application import LedgerApplication
from ledger.storage.codec import Codec, canonical
from ledger.storage.log import CHUNK, Clock, Head, HeldLine, Key, RegisterRow, StoredRow, Writer
from ledger.storage.memory_recorder import MemoryFactory, MemoryRecorder
from ledger.storage.writer import TransactionWriter


@dataclass(slots=True)
class _Aside:
    """What is kept beside the events."""

    homes: dict[str, str] = field(default_factory=dict)
    held: dict[int, HeldLine] = field(default_factory=dict)
    numbers: dict[bytes, int] = field(default_factory=dict)
    last_number: int = 0
    register: list[RegisterRow] = field(default_factory=list)

    def copy(self) -> "_Aside":
        return _Aside(
            dict(self.homes),
            dict(self.held),
            dict(self.numbers),
            self.last_number,
            list(self.register),
        )


class MemoryStore:
    """One ledger in memory, whoever has it open."""

    def __init__(self, name: str, ledger_id: str, clock: Clock, codec: Codec) -> None:
        """Make an empty ledger."""
        self.name = name
        self.ledger_id = ledger_id
        self.recorder = MemoryRecorder(clock, codec.is_term)
        self.aside = _Aside()


class _MemoryRows:
    """Reads the rows up to the last one that it may see."""

    def __init__(self, recorder: MemoryRecorder) -> None:
        self._recorder = recorder

    def _last(self) -> int:
        return self._recorder.committed

    def _aside(self) -> _Aside:
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
                raise Damaged(f"there is no event at position {position}")
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


class MemoryWriter(TransactionWriter, _MemoryRows):
    """The one transaction that holds the lock."""

    def __init__(self, store: MemoryStore, application: LedgerApplication, clock: Clock) -> None:
        """Take the ledger, locked."""
        _MemoryRows.__init__(self, store.recorder)
        self._alive = True
        self.aside = store.aside.copy()
        TransactionWriter.__init__(self, application, clock, self._end())

    def _last(self) -> int:
        self._live()
        return len(self._recorder.rows)

    def _aside(self) -> _Aside:
        self._live()
        return self.aside

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        self._live()
        known = self._recorder.keys
        return {key: self._recorder.rows[known[key] - 1] for key in keys if key in known}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._aside().homes.update(homes)

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number; the same bytes wait once."""
        aside = self._aside()
        number = aside.numbers.get(raw)
        if number is not None:
            aside.held[number] = aside.held[number]._replace(
                code=code, reason=reason, waits_for=waits_for
            )
            return number
        number = aside.numbers[raw] = aside.last_number = aside.last_number + 1
        aside.held[number] = HeldLine(number, code, file, line, reason, raw, waits_for, self.stamp)
        return number

    def held(self, raws: Collection[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent."""
        numbers = self._aside().numbers
        return {raw: numbers[raw] for raw in raws if raw in numbers}

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""
        return sorted({held.waits_for for held in self._aside().held.values() if held.waits_for})

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""
        wanted = set(names)
        return [held for held in self.quarantine_rows(limit=2**63) if held.waits_for in wanted]

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""
        aside = self._aside()
        held = aside.held.pop(number, None)
        if held is not None:
            del aside.numbers[held.raw]

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""
        register = self._aside().register
        number = len(register) + 1
        plain: dict[str, object] = json.loads(canonical(detail))
        register.append(RegisterRow(number, self.stamp, what, plain))
        return number


class MemoryLog(_MemoryRows):
    """A ledger in memory, to read and to write."""

    def __init__(
        self, store: MemoryStore, clock: Clock, codec: Codec, *, created: bool = False
    ) -> None:
        """Take the ledger."""
        super().__init__(store.recorder)
        self._store = store
        self._clock = clock
        self._created = created
        self.application = LedgerApplication(MemoryFactory(store.recorder), codec)

    def _aside(self) -> _Aside:
        return self._store.aside

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        return self._store.ledger_id

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"memory:{self._store.name}"

    @property
    def created(self) -> bool:
        """Return whether it was made just now."""
        return self._created

    def head(self) -> Head:
        """Return the last committed position and its stamp."""
        return self._end()

    def find(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the position of each key; unknown ones are absent."""
        known, last = self._recorder.keys, self._last()
        return {key: known[key] for key in keys if known.get(key, last + 1) <= last}

    def size_bytes(self) -> int:
        """Return 0: it takes nothing on disk."""
        return 0

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises."""
        with self._recorder.transaction():
            writer = MemoryWriter(self._store, self.application, self._clock)
            try:
                yield cast("Writer", writer)
                writer.finish()
                self._store.aside = writer.aside
            finally:
                writer.die()

    def close(self) -> None:
        """Let go of it; it lives on while somebody else has it open."""
        self.application.close()
