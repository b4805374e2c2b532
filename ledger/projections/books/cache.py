"""Keeping the books of one log: taken down, caught up with it, held while they are read."""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from typing import Final

from ledger.errors import BooksDamaged, CpodError, LedgerBusy, LedgerUnreachable
from ledger.projections.books.as_known import books_of_packages
from ledger.projections.books.belonging import belongs
from ledger.projections.books.books import REFUSED, Books, BooksRefused, Checkpoint
from ledger.projections.books.catch_up import Progress, catch_up
from ledger.projections.books.fold import Decoder
from ledger.projections.books.location import Nowhere, Shelf
from ledger.projections.books.sqlite import temporary_books
from ledger.projections.books.what_if import Undo, books_held
from ledger.projections.dates import KnownAt, resolve_known_at
from ledger.storage.log import LogReader

_PATIENCE_SECONDS: Final = 10.0
"""How long one waits for those who read books that are to be wiped."""

_TRIES: Final = 5
"""How often one answer has books caught up that others wipe or move meanwhile: then it gets its
own."""


class Keeping:
    """Keeps the books of one log; those that cannot be written are made in memory."""

    def __init__(self, log: LogReader, decoder: Decoder, shelf: Shelf) -> None:
        """Take the log, the codec, and where the books are kept."""
        self._log = log
        self._decoder = decoder
        self._shelf = shelf
        self._books: Books | None = None
        self._found = Checkpoint(0, None)
        """What they were made of when they were caught up last."""

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
        for reopen in (self.close, lambda: self.start_anew(damaged=False)):
            try:
                return self._catch_up(on_progress)
            except REFUSED:  # they may have been dropped meanwhile: the first time they are opened
                reopen()
        return self._catch_up(on_progress)

    def _tries(self, on_progress: Progress | None) -> Iterator[tuple[Books, Checkpoint]]:
        """Yield the books, caught up, and what they were made of then, until they are held so.

        In the end they are books that nobody else has.
        """
        for _ in range(_TRIES):
            yield self.caught_up(on_progress), self._found
        self.start_anew(damaged=False)
        yield self.caught_up(on_progress), self._found

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
        for books, found in self._tries(on_progress):
            with books.reading():
                held = books.checkpoint
                if held == found or (held.position >= until and belongs(held, self._log)):
                    yield books
                    return
            # Somebody has emptied them, after they were caught up and before they were held

    @contextmanager
    def trying(
        self, known_at: str | None, now: int, on_progress: Progress | None = None
    ) -> Iterator[tuple[Books, KnownAt, Undo]]:
        """Give books of what was known; what the block writes into them is undone at its end."""
        for current, found in self._tries(on_progress):
            known = resolve_known_at(known_at, self._log, found.head, now)
            past = known.position != found.position
            books = self.past(known.position, on_progress) if past else current
            with books_held(books) as (held, undo):
                if past or held.checkpoint == found:
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

        Where there are none of this ledger, none are made: a dry run writes nothing.
        """
        if self._books is None:
            if self._shelf.look().ledger_id != self._log.ledger_id:
                return temporary_books(self._log.ledger_id)
            self._books = self._opened()
        try:
            return self._books.copy()
        except BooksRefused:  # they were dropped meanwhile
            return temporary_books(self._log.ledger_id)

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

    def wipe(self, erased: bytes) -> bool:
        """Leave nothing in the books of the time before these persons were erased.

        Returns False where that cannot be done now.
        """
        if self._shelf.is_empty():
            self.close()
            return True
        try:
            with closing(self._shelf.open(self._log.ledger_id)) as books:
                while (found := books.checkpoint).erased != erased:
                    books.wipe(found, erased)
                return books.scrub(_PATIENCE_SECONDS)
        except (BooksDamaged, LedgerBusy, *REFUSED):
            return False

    def _catch_up(self, on_progress: Progress | None) -> Books:
        if self._books is None:
            self._books = self._opened()
        until = self._log.head().position
        self._found = catch_up(self._books, self._log, self._decoder, until, on_progress)
        return self._books

    def _opened(self) -> Books:
        try:
            return self._shelf.open(self._log.ledger_id)
        except (BooksDamaged, *REFUSED):
            return self._in_memory()

    def _in_memory(self) -> Books:
        """Return books that nothing is kept of: where the ledger cannot be written."""
        return Nowhere().open(self._log.ledger_id)
