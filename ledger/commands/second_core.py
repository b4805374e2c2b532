"""A second core: a long input is read and prepared by another process, ahead of judgement.

What a line says by itself takes about as long to find out as to judge and to store, so this process
judges one batch while the other prepares the next. The other one is a copy of this one (a fork),
made when the input has shown itself to be long: it reads on from where this one stopped, and hands
over what it has prepared. Where there is no second core, or other threads forbid a copy, all is
done here: it changes the time of an ingest, and nothing else.
"""

import fcntl
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import IO, Final, NoReturn, Self

from ledger.commands.deferral import blocked
from ledger.commands.handing_over import Ready, packed, ready, unpacked
from ledger.commands.reading import Read
from ledger.errors import CpodError, LedgerTrouble
from ledger.storage.codec import Codec
from ledger.storage.cycles import few_cycles

_FIRST: Final = 2
"""Batches that are read and prepared here: for a shorter input no other process is worth it."""

_PIPE_BYTES: Final = 2**20
"""How far the other process may be ahead, where the system lets us say so."""

_SIZE_BYTES: Final = 8
_BATCH, _END, _ERROR, _BUG = b"batch", b"end..", b"error", b"bug.."
_KIND_BYTES: Final = len(_BATCH)


class SecondCore:
    """Prepares batches of lines, in another process once the input has shown itself to be long."""

    def __init__(self, codec: Codec) -> None:
        """Take the codec."""
        self._codec = codec
        self._cycles = few_cycles()
        self._pid: int | None = None
        self._pipes: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        self._cycles.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the other process, whatever it is doing."""
        self._cycles.__exit__(None, None, None)
        for pipe in self._pipes:
            pipe.close()
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def prepared(self, reading: Iterable[Read], *, elsewhere: bool = True) -> Iterator[Ready]:
        """Yield each batch, prepared, in order. Raises what reading raises, after all before it.

        `elsewhere` is whether another process may go on with the reading.
        """
        reads = iter(reading)
        for number, read in enumerate(reads, start=1):
            pipe = None
            if number == _FIRST and read.lines and elsewhere and _may_fork():
                pipe = self._begin(reads)
            yield ready(self._codec, read)
            if pipe is not None:
                yield from self._handed_over(pipe)
                return

    def _begin(self, reads: Iterator[Read]) -> IO[bytes] | None:
        """Start the other process, and return what it hands over; None where there can be none."""
        ours, theirs = os.pipe()
        their_life, our_life = os.pipe()  # it ends when this process does
        with suppress(AttributeError, OSError):
            fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            with blocked():
                pid = os.fork()
                if pid == 0:
                    os.close(ours)
                    os.close(our_life)
                    self._work(reads, theirs, their_life)
                self._pid = pid
        except OSError:  # too many processes, or too little memory
            for handle in (ours, theirs, their_life, our_life):
                os.close(handle)
            return None
        os.close(theirs)
        os.close(their_life)
        pipe = os.fdopen(ours, "rb")
        self._pipes = [pipe, os.fdopen(our_life, "wb")]
        return pipe

    def _work(self, reads: Iterator[Read], out: int, life: int) -> NoReturn:
        """Read and prepare until the input ends: what the other process does, deaf to signals."""
        try:
            threading.Thread(target=_end_with, args=(life,), daemon=True).start()
            with os.fdopen(out, "wb") as pipe:
                self._hand_over(reads, pipe)
        except BaseException:  # noqa: BLE001, S110 - nobody is there to be told
            pass
        finally:
            os._exit(0)

    def _hand_over(self, reads: Iterator[Read], pipe: IO[bytes]) -> None:
        try:
            for read in reads:
                _say(pipe, _BATCH, packed(self._codec, read))
        except CpodError as wrong:
            _say(pipe, _ERROR, pickle.dumps(wrong))
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - the first process raises it
            _say(pipe, _BUG, traceback.format_exc().encode())
        else:
            _say(pipe, _END, b"")

    def _handed_over(self, pipe: IO[bytes]) -> Iterator[Ready]:
        """Yield what the other process hands over."""
        while True:
            head = pipe.read(_KIND_BYTES + _SIZE_BYTES)
            kind, size = head[:_KIND_BYTES], int.from_bytes(head[_KIND_BYTES:], "big")
            content = pipe.read(size)
            if len(head) < _KIND_BYTES + _SIZE_BYTES or len(content) < size:
                raise LedgerTrouble(
                    "the process that reads the input was ended: give the same command again"
                )
            if kind == _END:
                return
            if kind == _ERROR:
                raise pickle.loads(content)  # noqa: S301 - our own process made it
            if kind == _BUG:
                raise RuntimeError(content.decode())
            yield unpacked(self._codec, content)


def _say(pipe: IO[bytes], kind: bytes, content: bytes) -> None:
    pipe.write(kind + len(content).to_bytes(_SIZE_BYTES, "big"))
    pipe.write(content)
    pipe.flush()


def _end_with(life: int) -> NoReturn:
    """End this process as soon as the first one has, however that ended."""
    os.read(life, 1)
    os._exit(0)


def _may_fork() -> bool:
    """Return whether there is a core for another process, and no thread that a copy would lack."""
    return hasattr(os, "fork") and _cores() > 1 and threading.active_count() == 1


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
