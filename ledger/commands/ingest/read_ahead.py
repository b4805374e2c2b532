"""A second core: a long input is read and prepared by another process, ahead of judgement.

What a line says by itself takes about as long to find out as to judge and to store, so this process
judges one batch while the other prepares the next. The other one begins when the input has shown
itself to be long: it reads on from where this one stopped, and hands over what it has prepared.
Where there is none (`ledger.worker`), all is done here.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Final, Self

from ledger.commands.ingest.batches import Read
from ledger.commands.ingest.transfer import Ready, packed, ready, unpacked
from ledger.errors import CpodError
from ledger.storage.codec import Codec
from ledger.worker import SecondProcess, Told

_FIRST: Final = 2
"""Batches that are read and prepared here: for a shorter input no other process is worth it."""


class SecondCore:
    """Prepares batches of lines, in another process once the input has shown itself to be long."""

    def __init__(self, codec: Codec) -> None:
        """Take the codec."""
        self._codec = codec
        self.process: SecondProcess | None = None
        """The other process, once there is one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the other process, whatever it is doing."""
        if self.process is not None:
            self.process.close()

    def prepared(
        self, reading: Iterable[Read], *, elsewhere: bool = True, waits: bool = False
    ) -> Iterator[Ready]:
        """Yield each batch, prepared, in order. Raises what reading raises, after all before it.

        `elsewhere` is whether another process may go on with the reading. It begins before the
        first batch is judged, which may begin threads; where `waits`, so that each batch is wanted
        as soon as it is read, with the last one that is read here.
        """
        reads = iter(reading)
        here = self._read_here(reads, elsewhere=elsewhere)
        for read in here if waits else _gathered(here):
            yield ready(self._codec, read)
        if self.process is None:
            yield from map(partial(ready, self._codec), reads)
            return
        while (content := self.process.hear()) is not None:
            yield unpacked(self._codec, content)

    def _read_here(self, reads: Iterator[Read], *, elsewhere: bool) -> Iterator[Read]:
        """Yield what is read here, and begin the other process if there may be more."""
        for number, read in enumerate(islice(reads, _FIRST), start=1):
            if elsewhere and number == _FIRST and read.lines:
                self.process = SecondProcess.begun(lambda told: self._prepare(reads, told))
            yield read

    def _prepare(self, reads: Iterator[Read], told: Told) -> None:
        """Read and prepare until the input ends: what the other process does."""
        for read in reads:
            told.say(packed(self._codec, read))


def _gathered(reads: Iterable[Read]) -> Iterator[Read]:
    """Yield what is read once all of it is, also what came before an error."""
    found = []
    try:
        for read in reads:
            found.append(read)  # noqa: PERF402 - what came before an error counts
    except CpodError:
        yield from found
        raise
    yield from found
