"""The library's recorder in memory, with positions, stamps and keys beside each event."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from ledger.errors import LedgerBusy
from ledger.proof.merkle import grow, peak, peak_positions
from ledger.storage.leaves import leaf_of
from ledger.storage.log import Clock, StoredRow
from ledger.storage.recorder import LedgerRecorder, own_keys
from ledger.storage.stamps import next_stamp

WAIT_SECONDS: Final = 30.0
"""How long a writer waits for another one."""


class MemoryRecorder(POPOApplicationRecorder, LedgerRecorder):
    """Keeps rows in a list that only grows; those after `committed` are of an open transaction."""

    def __init__(self, clock: Clock, is_term: Callable[[str], bool]) -> None:
        """Take the clock, and what tells the topics of terms from those of facts."""
        super().__init__()
        self._turn = Lock()
        self._clock = clock
        self._is_term = is_term
        self.rows: list[StoredRow] = []
        self.nodes: list[bytes] = []
        """The row of nodes of each row."""
        self.keys: dict[str, int] = {}
        self.positions: dict[str, list[int]] = {}
        """The positions of each stream."""
        self.terms: list[int] = []
        """The positions of what is no fact."""
        self.committed = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the lock; commit when the block ends, undo all rows when it raises."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise LedgerBusy(
                "another writer has been at work for {seconds:.0f} seconds: try again when it is "
                "done",
                seconds=WAIT_SECONDS,
            )
        try:
            with self._database_lock:
                try:
                    yield
                    self.committed = len(self.rows)
                finally:
                    self._forget()
            self._notify_listeners()
        finally:
            self._turn.release()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Insert events: in the open transaction where `stamp=` and `keys=` are given."""
        if "keys" in kwargs:
            self._insert_events(stored_events, **kwargs)
            return None
        with self.transaction():
            last = self.rows[-1].recorded_at if self.rows else None
            stamp = next_stamp(self._clock(), last)
            return self._insert_events(stored_events, stamp=stamp, keys=own_keys(stored_events))

    def _assert_uniqueness(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        super()._assert_uniqueness(stored_events)
        keys = kwargs["keys"]
        if len(set(keys)) < len(keys) or not self.keys.keys().isdisjoint(keys):
            raise IntegrityError("an event with that key is recorded already")

    def _update_table(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        stamp = kwargs["stamp"]
        size = len(self.rows)
        for stored, key in zip(stored_events, kwargs["keys"], strict=True):
            position = len(self.rows) + 1
            stream = str(stored.originator_id)
            row = StoredRow(
                position, stream, stored.originator_version, stored.topic, stored.state, stamp
            )
            self.rows.append(row)
            self.keys[key] = position
            self.positions.setdefault(stream, []).append(position)
            if self._is_term(stored.topic):
                self.terms.append(position)
        peaks = [peak(self.nodes[position - 1]) for position in peak_positions(size)]
        self.nodes += grow(size, peaks, map(leaf_of, self.rows[size:]))
        return super()._update_table(stored_events)

    def _forget(self) -> None:
        """Undo the rows that were not committed."""
        if len(self.rows) == self.committed:
            return
        for row in self.rows[self.committed :]:
            self.positions[row.stream].remove(row.position)
            del self._stored_events_index[row.stream][row.version]
        self.keys = {key: at for key, at in self.keys.items() if at <= self.committed}
        del self.terms[bisect_right(self.terms, self.committed) :]
        del self._stored_events[self.committed :]
        del self.nodes[self.committed :]
        del self.rows[self.committed :]
