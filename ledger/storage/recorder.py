"""What every backend's recorder does alike: positions, stamps and keys for events, and hashes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from eventsourcing.persistence import ApplicationRecorder, StoredEvent

from ledger.errors import Damaged
from ledger.proof.merkle import grow, peak, peak_positions
from ledger.storage.hash_blocks import Ask, in_pieces, rows_at
from ledger.storage.log import Clock, NewEvent
from ledger.storage.stamps import next_stamp

EventColumns = tuple[int, str, int, str, bytes, int, str, int]
"""A row of the table of events: position, stream, version, topic, bytes, stamp, key, is_term."""

Leaves = Iterable[bytes]
Nodes = Iterator[tuple[int, bytes]]


class LedgerRecorder(ApplicationRecorder):
    """A recorder of the library that inserts events at dense positions."""

    datastore: Any
    """The transactions of one database."""
    _clock: Clock
    _is_term: Callable[[str], bool]
    """Tells the topics of terms from those of facts."""

    _grown: tuple[int, int | None, dict[int, bytes]] | None = None
    """The last position and stamp of what was inserted last, and the peaks of its tree."""

    def close(self) -> None:
        """Let go of what it has open."""

    @contextmanager
    def committing(self) -> Iterator[Any]:
        """Give a cursor; commit when the block ends, undo all when it raises.

        The tree of what was undone, or may have been, is forgotten.
        """
        try:
            with self.datastore.transaction(commit=True) as cursor:
                yield cursor
        except BaseException:
            self._grown = None
            raise

    def _peaks(self, head: Sequence[Any], ask: Ask) -> dict[int, bytes]:
        """Return the peaks of the tree up to the head, by their positions.

        They are at hand where nobody has written since. Raises Damaged where one is gone.
        """
        size, stamp = head
        if self._grown is None or self._grown[:2] != (size, stamp):
            positions = peak_positions(size)
            nodes = rows_at(positions, ask)
            for position in positions:
                if position not in nodes:
                    raise Damaged(
                        "the hashes of position {position} are gone: restore it from a copy",
                        position=position,
                    )
            self._grown = (size, stamp, {at: peak(nodes[at]) for at in positions})
        return self._grown[2]

    def _grow(
        self, peaks: Mapping[int, bytes], rows: Sequence[EventColumns], leaves: Leaves
    ) -> Nodes:
        """Return the pieces of nodes of new rows behind those that the peaks are of."""
        size, last = rows[0][0] - 1, rows[-1]
        grown = grow(size, list(peaks.values()), leaves)
        after = {
            position: peaks[position] if position <= size else peak(grown[position - size - 1])
            for position in peak_positions(last[0])
        }
        self._grown = (last[0], last[5], after)
        return in_pieces(enumerate(grown, size + 1))

    def _rows(
        self,
        head: Sequence[Any] | None,
        events: Sequence[StoredEvent],
        stamp: int | None,
        keys: Sequence[str] | None,
    ) -> list[EventColumns]:
        """Return the rows of events behind the head, made field by field: that is the quickest.

        Events that the library puts by itself have no stamp and no keys yet.
        """
        if head is None:
            raise Damaged("the counter of the ledger is gone: restore it from a copy")
        if not events:
            return []
        last, recorded_at = head
        if stamp is None:
            stamp = next_stamp(self._clock(), recorded_at)
        whole = set(map(type, events)) == {NewEvent}
        streams, versions, topics, states, *_ = zip(
            *(events if whole else map(_stored, events)), strict=True
        )
        is_term = {topic: int(self._is_term(topic)) for topic in set(topics)}
        positions = range(last + 1, last + 1 + len(events))
        terms = map(is_term.__getitem__, topics)
        stamps = repeat(stamp, len(events))
        keys = own_keys(events) if keys is None else keys
        return list(
            zip(positions, streams, versions, topics, states, stamps, keys, terms, strict=True)
        )


def _stored(event: StoredEvent | NewEvent) -> tuple[Any, ...]:
    """Return the stream, the version, the topic and the bytes of an event."""
    return (event.originator_id, event.originator_version, event.topic, event.state)


def own_keys(events: Sequence[StoredEvent]) -> list[str]:
    """Return keys for events that bring none: no event from outside has one of these."""
    return [f"\x1f{event.originator_id}\x1f{event.originator_version}" for event in events]
