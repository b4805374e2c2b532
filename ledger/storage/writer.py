"""What every backend's writer does alike: one stamp a transaction, and events into the library."""

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import IntegrityError

from ledger.storage.application import LedgerApplication
from ledger.storage.log import Clock, Head, NewEvent, NotUnique, Randomness
from ledger.storage.stamps import next_stamp


class TransactionWriter:
    """Appends within one open transaction; each backend adds where its rows go."""

    def __init__(
        self,
        application: LedgerApplication,
        clock: Clock,
        head: Head,
        ledger_id: str,
        randomness: Randomness,
    ) -> None:
        """Take the application, the clock, and the head as it was when the lock was taken."""
        self._application = application
        self._ledger_id = ledger_id
        self._randomness = randomness
        self._clock = clock
        self._head_locked = head
        self._tail = head
        self._stamp: int | None = None
        self._alive = True
        self._broken = False

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        return self._ledger_id

    def random(self, size: int) -> bytes:
        """Return that many random bytes."""
        return self._randomness(size)

    @property
    def head(self) -> Head:
        """Return the last position when the lock was taken."""
        return self._head_locked

    @property
    def tail(self) -> Head:
        """Return the last position, with what this transaction has appended."""
        return self._tail

    @property
    def stamp(self) -> int:
        """Return when this transaction is recorded, the same for all that it writes."""
        if self._stamp is None:
            self._stamp = next_stamp(self._clock(), self._head_locked.recorded_at)
        return self._stamp

    def append(self, events: Sequence[NewEvent]) -> int:
        """Append events at the next positions, in order; return their stamp.

        Raises NotUnique when a key or a stream's version is there already.
        """
        self._live()
        if events:
            try:
                self._put(events, stamp=self.stamp, keys=[event.key for event in events])
            except IntegrityError as error:
                self._broken = True
                raise NotUnique(f"a key or a version is in the log already: {error}") from error
            self._tail = Head(self._tail.position + len(events), self.stamp)
        return self.stamp

    def _put(self, events: Sequence[NewEvent], **kwargs: Any) -> None:
        self._application.events.put(events, **kwargs)

    def finish(self) -> None:
        """Make sure that what is here may be committed. Raises NotUnique after a failed append."""
        if self._broken:
            raise NotUnique("an append of this transaction failed: all of it is undone")

    def die(self) -> None:
        """Be of no use from now on: the transaction is over."""
        self._alive = False

    def _live(self) -> None:
        if not self._alive:
            raise RuntimeError("this transaction is over: open another one")
