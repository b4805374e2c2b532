"""Keeping the books of one log: taken down, caught up with it, held while they are read."""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from typing import Final

from ledger.errors import BooksDamaged, CpodError, LedgerBusy, LedgerUnreachable
from ledger.projections.books import REFUSED, Books
from ledger.projections.catching_up import Progress, catch_up
from ledger.projections.dates import KnownAt, resolve_known_at
from ledger.projections.folding import Decoder
from ledger.projections.past import books_of_packages
from ledger.projections.shelves import Nowhere, Shelf
from ledger.projections.sqlite_books import temporary_books
from ledger.projections.without import Undo, books_held
from ledger.storage.log import Head, LogReader

_PATIENCE_SECONDS: Final = 10.0
"""How long one waits for those who read books that are to be wiped."""


class Keeping:
    """Keeps the books of one log; those that cannot be written are made in memory."""

    def __init__(self, log: LogReader, decoder: Decoder, shelf: Shelf) -> None:
        """Take the log, the codec, and where the books are kept."""
        self._log = log
        self._decoder = decoder
        self._shelf = shelf
        self._books: Books | None = None

    def close(self) -> None:
        """Let go of the books."""
        if self._books is not None:
            self._books.close()
            self._books = None

    @property
    def in_use(self) -> Books:
        """Return the books that were caught up last, for one who is held by `reading`."""
        assert self._books is not None, "a question is answered by books that have caught up"
        return self._books

    def caught_up(self, on_progress: Progress | None = None) -> Books:
        """Return the books, caught up with the log."""
        if self._books is None:
            self._books = self._opened()
        try:
            self._catch_up(self._books, on_progress)
        except REFUSED:
            self._books.close()
            self._books = self._in_memory()
            self._catch_up(self._books, on_progress)
        return self._books

    def made_anew(self, on_progress: Progress | None = None) -> Books:
        """Return books made anew in the place of those that are there, and caught up.

        Raises LedgerUnreachable where those that are there cannot be thrown away.
        """
        self.close()
        try:
            self._shelf.discard()
        except REFUSED as error:
            raise LedgerUnreachable(
                "the books cannot be made anew ({what}): see to the disk and your rights, and try"
                " again",
                what=str(error),
            ) from error
        return self.caught_up(on_progress)

    @contextmanager
    def reading(self, on_progress: Progress | None = None) -> Iterator[Books]:
        """Give the books, caught up with the log, and held so while the block reads."""
        until = self._log.head().position
        while True:
            books = self.caught_up(on_progress)
            with books.reading():
                if books.checkpoint.position >= until:
                    yield books
                    return
            # Somebody has emptied them, after they were caught up and before they were held

    @contextmanager
    def trying(
        self, known_at: str | None, now: int, on_progress: Progress | None = None
    ) -> Iterator[tuple[Books, KnownAt, Undo]]:
        """Give books of what was known; what the block writes into them is undone at its end."""
        while True:
            books = self.caught_up(on_progress)
            head = Head(*books.checkpoint)
            known = resolve_known_at(known_at, self._log, head, now)
            past = known.position != head.position
            if past:
                books = self.past(known.position, on_progress)
            with books_held(books) as (held, undo):
                if held.checkpoint.position == known.position:
                    yield held, known, undo
                    return
            # Somebody has emptied them, or caught them up further, before they were held

    def past(
        self,
        position: int,
        on_progress: Progress | None,
        packages: Collection[str] | None = None,
    ) -> Books:
        """Return books of what was known at an earlier position; of some packages if given."""
        if packages is not None:
            return books_of_packages(self.in_use, self._log, self._decoder, position, packages)
        books = self._in_memory()
        catch_up(books, self._log, self._decoder, position, on_progress)
        return books

    def copy(self) -> Books:
        """Return a copy of the books in use, as far as they have read, for nobody else.

        Where there are none, none are made: a dry run writes nothing.
        """
        if self._books is None:
            if self._shelf.is_empty():
                return temporary_books(self._log.ledger_id)
            self._books = self._opened()
        return self._books.copy()

    def rebuilt(self, on_progress: Progress | None = None) -> Books:
        """Return books made anew in a temporary file, up to where the books in use have read."""
        position = self.in_use.checkpoint.position
        books = temporary_books(self._log.ledger_id)
        catch_up(books, self._log, self._decoder, position, on_progress)
        return books

    def start_anew(self, *, damaged: bool) -> None:
        """Throw away damaged books; where that cannot be done, go on with others in memory."""
        self.close()
        try:
            if damaged:
                self._shelf.discard()
                return
        except (CpodError, *REFUSED):
            pass
        self._books = self._in_memory()

    def assert_wipeable(self) -> None:
        """Raise LedgerReadOnly where `wipe` would not be allowed."""
        self._shelf.assert_wipeable()

    def wipe(self, erasures: int) -> bool:
        """Leave nothing in the books of the time before that many persons were erased.

        Returns False where that cannot be done now.
        """
        if self._shelf.is_empty():
            self.close()
            return True
        try:
            with closing(self._shelf.open(self._log.ledger_id)) as books:
                return books.wipe(erasures, _PATIENCE_SECONDS)
        except (BooksDamaged, LedgerBusy, *REFUSED):
            return False

    def _catch_up(self, books: Books, on_progress: Progress | None) -> None:
        catch_up(books, self._log, self._decoder, self._log.head().position, on_progress)

    def _opened(self) -> Books:
        try:
            return self._shelf.open(self._log.ledger_id)
        except (BooksDamaged, *REFUSED):
            return self._in_memory()

    def _in_memory(self) -> Books:
        """Return books that nothing is kept of: where the ledger cannot be written."""
        return Nowhere().open(self._log.ledger_id)
