"""Reading: lines by batches, each with how far the files of its lines are."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from ledger.commands.ingest.resume import Mark, Places, Resumed
from ledger.commands.sources.inputs import Source
from ledger.commands.sources.lines import Line
from ledger.errors import CpodError

BATCH_BYTES: Final = 16 * 2**20
"""Bytes of one transaction: it ends with the line that reaches them."""


class InputProgress(NamedTuple):
    """How far the input is read."""

    marks: Sequence[Mark] = ()
    """How far files are with the lines of a batch."""
    resumed: Sequence[Resumed] = ()
    """Files that are gone on with since the place before."""
    bytes_read: int = 0
    problem: str | None = None
    """Why the input ended early, if it did."""


class Read(NamedTuple):
    """Lines of one transaction, and how far the input is with them."""

    lines: list[Line]
    place: InputProgress


class Reading:
    """Reads lines by batches; with places, it says how far files are."""

    def __init__(self, lines: Iterable[Line], batch_size: int, places: Places | None) -> None:
        """Take what yields lines, how many make a batch, and what `lines` tells its files to."""
        self._lines = lines
        self._batch_size = batch_size
        self._places = places

    def __iter__(self) -> Iterator[Read]:
        """Yield the batches, also those before the line at which the input fails; at last, none.

        A batch of a file is given once it is known whether the file goes on behind it. What comes
        at last has no lines.
        """
        waits = not isinstance(self._lines, Source) or self._lines.waits
        batch: list[Line] = []
        weight = 0
        is_full = False
        try:
            for line in self._lines:
                if is_full:
                    yield self._read(batch, line)
                    batch, weight, is_full = [], 0, False
                batch.append(line)
                weight += len(line.raw)
                if len(batch) >= self._batch_size or weight >= BATCH_BYTES:
                    if waits:
                        yield self._read(batch)
                        batch, weight = [], 0
                    else:
                        is_full = True
        except CpodError:
            if batch:
                yield self._read(batch)
            raise
        if batch:
            yield self._read(batch, ended=self._is_whole())
        yield self._read([])

    def _is_whole(self) -> bool:
        return self._problem() is None and not (
            isinstance(self._lines, Source) and self._lines.growing
        )

    def _problem(self) -> str | None:
        return self._lines.problem if isinstance(self._lines, Source) else None

    def _read(
        self, batch: list[Line], following: Line | None = None, *, ended: bool = False
    ) -> Read:
        bytes_read = self._lines.bytes_read if isinstance(self._lines, Source) else 0
        if self._places is None:
            return Read(batch, InputProgress((), (), bytes_read, self._problem()))
        marks = self._places.turn(batch, following, ended=ended)
        return Read(
            batch, InputProgress(marks, self._places.resumed(), bytes_read, self._problem())
        )
