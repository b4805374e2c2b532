"""A second core: the lines of a long input are prepared by another process, ahead of judgement.

What a line says by itself takes longer to find out than to judge and to store, so that this process
judges one batch while the other prepares the next. Terms come back unprepared, for they are few.
Where there is no second core, or the other process fails, lines are prepared here: it changes the
time of an ingest, and nothing else.
"""

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from queue import Queue
from threading import Event, Thread
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from ledger.commands.preparing import OF_A_FACT, Facts, Prepared, parts_of, prepare
from ledger.commands.sources import Line
from ledger.errors import CpodError
from ledger.storage.codec import Codec
from ledger.storage.cycles import few_cycles

Parts = tuple[Any, ...] | None
"""The fields of `Prepared` after the line; None of a line that is to be prepared here."""

_AHEAD: Final = 3
"""Batches that are with the other process at one time."""

_SHORT: Final = 1
"""Batches that are prepared here first: a short input is done before another process has begun."""

_PROGRAM: Final = "from ledger.commands.second_core import work; work()"
_READY: Final = "ready"


class SecondCore:
    """Prepares batches of lines, by another process once the input has shown itself to be long."""

    def __init__(self, codec: Codec) -> None:
        """Take the codec, for what is prepared here."""
        self._codec = codec
        self._process: subprocess.Popen[bytes] | None = None
        self._cycles = few_cycles()
        self._ready = Event()
        self._tasks: Queue[list[bytes | None] | None] = Queue()
        self._results: Queue[list[Parts] | None] = Queue()

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
        self._tasks.put(None)
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def prepared(self, batches: Iterable[list[Line]]) -> Iterator[Sequence[Prepared]]:
        """Yield each batch, prepared, in order."""
        source = iter(batches)
        for first in islice(source, _SHORT):
            yield self._here(first)
        away: deque[list[Line]] = deque()
        problem: CpodError | None = None
        while True:
            try:
                batch = next(source, None)
            except CpodError as wrong:
                problem = wrong  # after what came before it
                break
            if batch is None:
                break
            self._begin()
            if not away and not self._ready.is_set():
                yield self._here(batch)
                continue
            away.append(batch)
            self._send(batch)
            if len(away) > _AHEAD:
                yield self._back(away.popleft())
        while away:
            yield self._back(away.popleft())
        if problem is not None:
            raise problem

    def _here(self, batch: list[Line]) -> list[Prepared]:
        return [prepare(self._codec, line) for line in batch]

    def _begin(self) -> None:
        """Start the other process, where there is a core for it."""
        if self._process is not None or _cores() < 2:  # noqa: PLR2004 - this one, and another
            return
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        Thread(target=self._speak, args=(self._process.stdin,), daemon=True).start()

    def _listen(self, pipe: IO[bytes]) -> None:
        """Take in what the other process says, so that neither ever waits for the other to read."""
        try:
            assert pickle.load(pipe) == _READY  # noqa: S301 - our own process wrote it
            self._ready.set()
            while True:
                self._results.put(pickle.load(pipe))  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):
            self._ready.clear()
            self._results.put(None)

    def _speak(self, pipe: IO[bytes]) -> None:
        """Hand on what is to be prepared, so that judging never waits for the other to read."""
        try:
            while (task := self._tasks.get()) is not None:
                pickle.dump(task, pipe, pickle.HIGHEST_PROTOCOL)
                pipe.flush()
        except (OSError, ValueError):
            self._ready.clear()  # it is gone, as its results say, too

    def _send(self, batch: list[Line]) -> None:
        self._tasks.put([None if line.refused is not None else line.raw for line in batch])

    def _back(self, batch: list[Line]) -> Sequence[Prepared]:
        """Return a batch that was sent; it is prepared here where the other process is gone."""
        results = self._results.get()
        if results is None:
            self._results.put(None)
            return self._here(batch)
        if all(parts is not None and len(parts) == OF_A_FACT for parts in results):
            return Facts(batch, cast("list[tuple[Any, ...]]", results))
        return [
            prepare(self._codec, line) if parts is None else Prepared(line, *parts)
            for line, parts in zip(batch, results, strict=True)
        ]


def work() -> None:
    """Prepare what comes by standard input until it ends: what the other process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides when it is over
    codec = Codec()
    answer = sys.stdout.buffer
    pickle.dump(_READY, answer)
    answer.flush()
    with few_cycles():
        while True:
            try:
                raws: list[bytes | None] = pickle.load(sys.stdin.buffer)  # noqa: S301
            except EOFError:
                return
            pickle.dump([_parts(codec, raw) for raw in raws], answer, pickle.HIGHEST_PROTOCOL)
            answer.flush()


def _parts(codec: Codec, raw: bytes | None) -> Parts:
    if raw is None:
        return None
    parts = parts_of(codec, raw)
    return None if len(parts) > OF_A_FACT else tuple(parts)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
