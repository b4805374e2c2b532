"""What was sent: the CloudEvents of the log, as values exactly what their senders wrote."""

from collections.abc import Iterator, Sequence

from ledger.storage.codec import Codec
from ledger.storage.log import CHUNK, LogReader


def sent(
    log: LogReader, codec: Codec, positions: Sequence[int], cut: int | None = None
) -> Iterator[bytes]:
    """Yield the JSON of the events at positions, by position, without line ends.

    With a cut only those that had taken effect by then. The spelling is the canonical one: keys
    sorted, quantities as decimals, instants in UTC; the values are those that were sent. Where a
    person is erased stands `(erased:...)`, another one for each text, so that a ledger that is
    made from them counts the same. Raises Damaged where an event cannot be read.
    """
    for first in range(0, len(positions), CHUNK):
        rows = log.at(positions[first : first + CHUNK])
        codec.forget(log.erased())
        codec.look_up(rows)
        for row in rows:
            recorded = codec.recorded(row)
            if cut is None or recorded.effective_at <= cut:
                yield codec.sent(row)
