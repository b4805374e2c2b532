"""Stops: signals that ask a process to end. The program handles them; the ledger has no handler.

A program with handlers of its own may say how it holds them back for a moment: `HELD.set(...)` in
the thread that uses the ledger. A transaction is then committed and counted before anything stops.
Where nothing is said an interrupt comes when it comes: what is stored is whole all the same.
"""

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Final

Held = Callable[[], AbstractContextManager[object]]
"""Gives a block during which no signal is handled; the first that came is handled at its end."""

_CRASHES: Final = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL})

HELD: Final[ContextVar[Held]] = ContextVar("held", default=nullcontext)
"""How this program holds signals back."""


def held() -> AbstractContextManager[object]:
    """Return a block that signals wait for, as far as the program says how."""
    return HELD.get()()


def block_own_signals() -> None:
    """Block every signal in this thread, which the ledger has started or forked by itself.

    Those by which a thread crashes are its own, and stay.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - _CRASHES)  # noqa: TID251 - it is ours
