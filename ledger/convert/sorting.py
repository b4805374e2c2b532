"""Events in the order of their time, however many: sorted in parts, which lie on the disk."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Final

PART: Final = 50_000
"""Events that are sorted in memory; more go to a temporary file, and are merged."""

PART_BYTES: Final = 64 * 2**20
"""Bytes of events that are sorted in memory."""

Timed = tuple[int, bytes]
"""An event with its time, in nanoseconds since 1970."""


def by_time(events: Iterable[Timed], part: int = PART) -> Iterator[bytes]:
    """Yield events by time; those of one time stay in their order.

    No more than `part` events, or `PART_BYTES`, are in memory.
    """
    with ExitStack() as files:
        parts: list[Iterator[Timed]] = []
        waiting: list[Timed] = []
        size = 0
        for event in events:
            waiting.append(event)
            size += len(event[1])
            if len(waiting) >= part or size >= PART_BYTES:
                file = files.enter_context(tempfile.TemporaryFile())
                parts.append(_laid_down(waiting, file))
                waiting, size = [], 0
        waiting.sort(key=_time)
        yield from (raw for _, raw in heapq.merge(*parts, waiting, key=_time))


def _time(event: Timed) -> int:
    return event[0]


def _laid_down(events: list[Timed], file: IO[bytes]) -> Iterator[Timed]:
    """Write events to a file, sorted, and return them as they are read back."""
    events.sort(key=_time)
    file.writelines(b"%d %s\n" % event for event in events)
    file.seek(0)

    def read() -> Iterator[Timed]:
        for line in file:
            time, _, raw = line.rstrip(b"\n").partition(b" ")
            yield int(time), raw

    return read()
