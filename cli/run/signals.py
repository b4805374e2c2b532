"""Signals: the first one stops what is done, and no further one disturbs what is told of it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

from cli.errors import Terminated

_SHELL: Final = 128
"""A shell gives a process that a signal has ended this exit code, and the number of the signal."""


class Signals:
    """What SIGINT and SIGTERM do to this process, from its beginning to its end."""

    def __init__(self) -> None:
        """Let the first of them stop what is done; a SIGINT that the caller ignores stays so."""
        self._watched = [signal.SIGTERM]
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._watched.append(signal.SIGINT)
        self._code = 0
        self._holders = 0
        self._came: list[int] = []
        self._let(self._stop)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let a signal that comes within the block stop what is done at its end, not before."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if self._came and not self._holders:
                self._stop(self._came[0], None)

    def leave(self, code: int) -> None:
        """From now on, where only the output has yet to be read by somebody, leave at once."""
        self._code = code
        self._let(self._leave)

    def end(self) -> None:
        """Ignore them from now on: all is said, and the exit code stands."""
        signal.pthread_sigmask(signal.SIG_BLOCK, self._watched)  # what has come by now is handled
        self._let(signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._watched)

    def _let(self, handler: "signal._HANDLER") -> None:
        for number in self._watched:
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Raise, once: a further signal would only keep the receipt from being written."""
        del frame
        if self._holders:
            self._came.append(number)
            return
        self._let(_nothing)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    def _leave(self, number: int, frame: FrameType | None) -> NoReturn:
        del frame
        os._exit(self._code or _SHELL + number)


def _nothing(number: int, frame: FrameType | None) -> None:
    """Do nothing: Python complains of a signal that is ignored by the time that it looks at it."""
