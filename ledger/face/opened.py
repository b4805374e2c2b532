"""What every part of the public face stands on: a ledger that is open, its log and its books."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ledger.owner import Owner
from ledger.storage.codec import Codec
from ledger.storage.log import Clock, Log, LogReader, Randomness
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.vault.vault import Vault

if TYPE_CHECKING:
    from ledger.commands.ingest.unit_of_work import Engine
    from ledger.projections.ask import Asking
    from ledger.projections.balances.pending import Foresight
    from ledger.projections.books.books import Books
    from ledger.projections.books.cache import Keeping


class Opened:
    """A ledger that is open: reading needs nothing more, writing opens the log when it is asked."""

    def __init__(
        self,
        reader: LogReader,
        clock: Clock = time.time_ns,
        randomness: Randomness = os.urandom,
    ) -> None:
        """Take a reader of the log; `open` and `create` make one."""
        self._owner = Owner()
        self._used = False
        self._codec = Codec(vault=Vault(reader))
        self._clock = clock
        self._randomness = randomness
        self._reader = reader
        self._log: Log | None = None
        self._kept: Keeping | None = None
        self._created = False

    @classmethod
    def open(cls, url: str, *, clock: Clock = time.time_ns) -> Self:
        """Return the ledger at a URL. Raises NoLedger where there is none."""
        return cls(open_reader(url), clock)

    @classmethod
    def create(
        cls,
        url: str,
        *,
        clock: Clock = time.time_ns,
        randomness: Randomness = os.urandom,
    ) -> Self:
        """Return the ledger at a URL, made new where there is none; `created` says which."""
        log = create_log(url, clock, randomness)
        ledger = cls(log, clock, randomness)
        ledger._log = log
        ledger._created = log.created
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Let its owner use it. What was at its URL when a use began is used until it ends."""
        self._owner.check()
        if self._used:
            yield
            return
        self._used = True
        try:
            with self._renewed():
                yield
        finally:
            self._used = False

    @contextmanager
    def _renewed(self) -> Iterator[None]:
        """Use what is at the URL now, and leave nothing beside it that was committed."""
        self._reader.renew()
        if self._log is not None and self._log is not self._reader:
            self._log.renew()
        try:
            yield
        finally:
            if self._log is not None:
                self._log.merge()

    def close(self) -> None:
        """Let go of everything. Whatever is done with it afterwards raises LedgerClosed."""
        self._owner.check_identity()
        if self._owner.has_closed:
            return
        self._owner.has_closed = True
        if self._kept is not None:
            self._kept.close()
        if self._log is not None and self._log is not self._reader:
            self._log.close()
        self._reader.close()
        if self._log is not None:
            self._log.merge()

    @property
    def created(self) -> bool:
        """Whether it was made just now."""
        return self._created

    @property
    def codec(self) -> Codec:
        """What reads and writes the bytes of its events."""
        return self._codec

    @property
    def url(self) -> str:
        """Where it is."""
        return self._reader.url

    @property
    def position(self) -> int:
        """The last position."""
        return self._reader.head().position

    @property
    def log(self) -> Log:
        """The log, to be written. Raises what keeps it from being written."""
        if self._log is None:
            self._log = open_log(self._reader.url, self._clock, self._codec, self._randomness)
        return self._log

    @property
    def _keeping(self) -> "Keeping":
        """What keeps the books; who only writes events asks for none."""
        if self._kept is None:
            from ledger.projections.books.cache import Keeping
            from ledger.projections.books.location import shelf_of

            self._kept = Keeping(self._reader, self._codec, shelf_of(self.url))
        return self._kept

    @cached_property
    def _asking(self) -> "Asking":
        from ledger.projections.ask import Asking

        return Asking(self._reader, self._codec, self._keeping)

    def _foresight(self) -> "Foresight":
        from ledger.projections.balances.pending import Foresight

        return Foresight(self._copy_books, self._codec)

    def _copy_books(self) -> "Books":
        return self._keeping.copy()

    def _other_history(self) -> "dict[str, object] | None":
        """Return what is known of books of another history, that are there or were before."""
        from ledger.projections.books.belonging import other_history
        from ledger.projections.books.location import shelf_of

        return other_history(shelf_of(self.url).look(), self._reader)

    @contextmanager
    def _judging(self) -> Iterator["Engine"]:
        """Give what judges lines and writes them, with what the books foresee."""
        from ledger.commands.ingest.unit_of_work import Engine
        from ledger.domain.aggregates.decisions import decide

        with closing(self._foresight()) as foresight:
            yield Engine(self.log, self._codec, decide, foresight.available, foresight.groups)
