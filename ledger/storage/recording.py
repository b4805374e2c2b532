"""What every backend's recorder does alike: positions, stamps and keys for events, and hashes."""

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

from eventsourcing.persistence import ApplicationRecorder, StoredEvent

from ledger.errors import Damaged
from ledger.proof.merkle import peak, peak_positions
from ledger.storage.log import Clock, NewEvent
from ledger.storage.stamps import next_stamp

Row = tuple[int, str, int, str, bytes, int, str, int]
"""A row of the table of events: position, stream, version, topic, bytes, stamp, key, is_term."""


class LedgerRecorder(ApplicationRecorder):
    """A recorder of the library that inserts events at dense positions."""

    _clock: Clock
    _is_term: Callable[[str], bool]
    """Tells the topics of terms from those of facts."""

    def close(self) -> None:
        """Let go of what it has open."""

    def _rows(
        self,
        head: Sequence[Any] | None,
        events: Sequence[StoredEvent],
        stamp: int | None,
        keys: Sequence[str] | None,
    ) -> list[Row]:
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
        streams, versions, topics, states = zip(*map(_stored, events), strict=True)
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
    if isinstance(event, NewEvent):
        return event[:4]
    return (event.originator_id, event.originator_version, event.topic, event.state)


def own_keys(events: Sequence[StoredEvent]) -> list[str]:
    """Return keys for events that bring none: no event from outside has one of these."""
    return [f"\x1f{event.originator_id}\x1f{event.originator_version}" for event in events]


def peaks_of(size: int, nodes: Mapping[int, bytes]) -> list[bytes]:
    """Return the hashes of the subtrees that the tree of `size` rows is made of.

    `nodes` are the rows of nodes at their positions (`ledger.proof.merkle.peak_positions`). Raises
    Damaged where one is gone.
    """
    positions = peak_positions(size)
    for position in positions:
        if position not in nodes:
            raise Damaged(
                "the hashes of position {position} are gone: restore it from a copy",
                position=position,
            )
    return [peak(nodes[position]) for position in positions]
