"""An audit of a ledger in memory: what a database would be asked is asked of its lists."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import sha256

from ledger.storage.audit import AuditRow, Entry
from ledger.storage.codec import canonical
from ledger.storage.log import Head, HeldLine, Intake, Seal, StoredRow
from ledger.storage.memory.recorder import MemoryRecorder
from ledger.storage.memory.rows import Aside
from ledger.storage.vault.rows import Person, SealedText


class MemoryAudit:
    """Reads up to what is committed when it begins."""

    def __init__(self, ledger_id: str, recorder: MemoryRecorder, aside: Aside) -> None:
        """Take what names the ledger, the events, and what is kept beside them."""
        self._ledger_id = ledger_id
        self._recorder = recorder
        self._aside = aside
        self._last = recorder.committed
        self._keys = {position: key for key, position in recorder.keys.items()}

    def head(self) -> Head:
        """Return the last position and its stamp."""
        rows = self._recorder.rows
        return Head(self._last, rows[self._last - 1].recorded_at if self._last else None)

    def events(self, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` events with position > after, by position."""
        first = max(after, 0)
        return [self._row(row) for row in self._recorder.rows[first : self._last][:limit]]

    def _row(self, row: StoredRow) -> AuditRow:
        terms = self._recorder.terms
        at = bisect_right(terms, row.position)
        return AuditRow(
            row.position,
            row.stream.encode(),
            row.version,
            row.topic.encode(),
            row.state,
            row.recorded_at,
            self._keys.get(row.position, "").encode(),
            int(at > 0 and terms[at - 1] == row.position),
        )

    def nodes(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return the rows of nodes with after < position <= until, by position."""
        first = max(after, 0)
        return list(enumerate(self._recorder.nodes[first : min(until, self._last)], first + 1))

    def nodes_at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked; empty where none is."""
        rows = self._recorder.nodes
        return [rows[at - 1] if 0 < at <= self._last else b"" for at in positions]

    def homes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every subject with the stream that it lives in."""
        for subject, stream in self._aside.homes.items():
            yield subject.encode(), stream.encode()

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        return list(self._aside.seals)

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way."""
        return list(self._aside.intakes.values())

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield the number, the digest (SHA-256) and the bytes of every line in the quarantine."""
        for number, line in sorted(self._aside.held.items()):
            yield number, sha256(line.raw).digest(), line.raw

    def quarantine(self) -> Iterator[HeldLine]:
        """Yield every line in the quarantine, with all that is said of it, by number."""
        for _, line in sorted(self._aside.held.items()):
            yield line

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""
        return self._aside.last_number

    def entries(self) -> list[Entry]:
        """Return every entry of the register, with all its columns, by number."""
        return [
            Entry(row.number, row.recorded_at, row.what, canonical(row.detail).decode())
            for row in self._aside.register
        ]

    def register(self) -> list[tuple[str, str]]:
        """Return what every entry of the register is about, and its details (JSON), by number."""
        return [(row.what, json.dumps(row.detail)) for row in self._aside.register]

    def ledger_id(self) -> str:
        """Return what names the ledger."""
        return self._ledger_id

    def persons(self) -> Iterator[Person]:
        """Yield every person in the vault, by number."""
        return iter(self._aside.persons)

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""
        return iter(self._aside.texts.values())

    def complaints(self) -> list[str]:
        """Return nothing: there is no file that could be wrong."""
        return []

    def close(self) -> None:
        """Let go of it."""
