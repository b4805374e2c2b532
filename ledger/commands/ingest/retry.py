"""Patience: what a busy or lost ledger kept from being done is tried again, for a bounded time."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from ledger.errors import CpodError, LedgerBusy, LedgerUnreachable

SECONDS: Final = 10.0
"""How long a command tries again, where nothing else is said."""

LONG_SECONDS: Final = 600.0
"""How long what runs until it is stopped tries again, where nothing else is said."""

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 15.0
"""Seconds between two tries: at first, and at most; each is twice the one before."""

OnWait = Callable[[CpodError, float, int], None]
"""Is told what went wrong, the seconds until the next try, and how many have failed so far."""

_Result = TypeVar("_Result")


class Patience:
    """Tries again with pauses that grow, each of them shortened by chance.

    Only what another moment may mend is tried again: LedgerBusy and LedgerUnreachable. The time
    runs from the first failure in a row, so a ledger that answers again has all of it anew.
    """

    def __init__(
        self,
        seconds: float,
        on_wait: OnWait | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take how long to try; the rest is for tests."""
        self._seconds = seconds
        self._on_wait = on_wait
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self.retries = 0
        """How often something was tried again, in all."""

    def call(self, work: Callable[[], _Result]) -> _Result:
        """Return what `work` returns; it has to be whole or without effect each time it is called.

        Raises what it raised last, once the time is over.
        """
        end: float | None = None
        failures = 0
        while True:
            try:
                return work()
            except (LedgerBusy, LedgerUnreachable) as error:
                failures += 1
                now = self._clock()
                end = now + self._seconds if end is None else end
                if now >= end:
                    raise
                self._pause(error, failures, end - now)

    def _pause(self, error: CpodError, failures: int, left: float) -> None:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(failures - 1, 30))
        pause = min(left, longest * (1 + self._chance()) / 2)
        if self._on_wait is not None:
            self._on_wait(error, pause, failures)
        self._sleep(pause)
        self.retries += 1
