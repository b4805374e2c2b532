"""Stops: the signals that ask a process to end, and how they are kept from what it begins."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STOPS: Final = (signal.SIGINT, signal.SIGTERM)
"""The signals that ask a process to end."""


@contextmanager
def blocked() -> Iterator[None]:
    """Let no signal that asks to end arrive while the block runs; what is begun there gets none.

    A thread or process takes this over from the thread that begins it. So such signals come to the
    main thread alone, in the order in which they were sent.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
