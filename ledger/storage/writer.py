"""What every backend's log and writer do alike: one stamp a transaction, events to the library."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from eventsourcing.persistence import IntegrityError

from ledger.storage.application import LedgerApplication
from ledger.storage.codec import Codec
from ledger.storage.log import Clock, Head, NewEvent, NotUnique, Randomness
from ledger.storage.recorder import LedgerRecorder
from ledger.storage.stamps import next_stamp


class Means(NamedTuple):
    """What a log is written with, whatever stores it."""

    clock: Clock
    codec: Codec
    randomness: Randomness


class WritableLog:
    """A log that can be written; each backend adds where it is, and how it is read."""

    def __init__(self, means: Means, *, created: bool) -> None:
        """Take what it is written with, and whether it was made just now."""
        self.means = means
        self._created = created

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, where the subclass says."""
        raise NotImplementedError

    @property
    def created(self) -> bool:
        """Return whether it was made just now."""
        return self._created

    def merge(self) -> None:
        """Do nothing: what is committed is at one place."""

    @cached_property
    def application(self) -> LedgerApplication:
        """Return the application of the library, over this log."""
        return LedgerApplication(self._make_recorder(), self.means.codec)

    def assert_erasable(self) -> None:
        """Do nothing, where one who can write can also take off the disk what is overwritten."""

    def _make_recorder(self) -> LedgerRecorder:
        """Return the recorder of the backend, where the subclass says."""
        raise NotImplementedError

    def _close_application(self) -> None:
        """Close it, if it was opened; the next use opens another one."""
        application = self.__dict__.pop("application", None)
        if application is not None:
            application.close()


class TransactionWriter:
    """Appends within one open transaction; each backend adds where its rows go."""

    _alive = True

    def __init__(self, log: WritableLog, head: Head) -> None:
        """Take the log, and its head as it was when the lock was taken."""
        self._log = log
        self._head_locked = head
        self._tail = head
        self._stamp: int | None = None
        self._broken = False

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        return self._log.ledger_id

    def random(self, size: int) -> bytes:
        """Return that many random bytes."""
        return self._log.means.randomness(size)

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
            self._stamp = next_stamp(self._log.means.clock(), self._head_locked.recorded_at)
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
        self._log.application.events.put(events, **kwargs)

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
