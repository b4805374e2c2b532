"""Deferral: an interrupt that comes within a transaction is delivered right after it."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

from ledger.stops import STOPS


class Deferral:
    """Holds interrupts back from `begin` to `end`; the first one is then handled as it would be.

    What counts lines can so be right: a transaction is over, and counted, before anything stops.
    Only handlers of the program are deferred; where there is none, the system decides.
    """

    def __init__(self) -> None:
        """Hold nothing back yet."""
        self._handlers: dict[int, Callable[[int, FrameType | None], object]] = {}
        self._came: list[tuple[int, FrameType | None]] = []

    def begin(self) -> None:
        """Hold interrupts back. Only the main thread receives any."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in STOPS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._keep)

    def end(self) -> None:
        """Handle what came meanwhile, by the handlers that were there before."""
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._keep:  # else one came while `begin` was at it
                signal.signal(number, handler)
        if self._came:
            number, frame = self._came[0]
            self._handlers[number](number, frame)

    def _keep(self, number: int, frame: FrameType | None) -> None:
        self._came.append((number, frame))
