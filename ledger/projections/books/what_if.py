"""Without: the books as they would be if one event had never been recorded, for a moment."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from ledger.domain.deliveries.subjects import subject_of
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import Recorded
from ledger.projections.books.books import REFUSED, Books
from ledger.projections.books.catch_up import refold
from ledger.projections.books.chunk import Source
from ledger.projections.books.fold import Decoder

Undo = Callable[[], None]
"""Undoes what was written into books that are held."""


class _Undo(Exception):
    """Ends the moment, so that the books are as they were."""


@contextmanager
def books_held(books: Books) -> Iterator[tuple[Books, Undo]]:
    """Hold books; whatever the block writes into them is undone at its end.

    Yields them, or a copy where they cannot be written, and what undoes it before the end.
    """
    with ExitStack() as stack:
        stack.enter_context(suppress(_Undo))
        try:
            stack.enter_context(books.writing())
        except REFUSED:
            books = stack.enter_context(closing(books.copy()))
            stack.enter_context(books.writing())
        books.rows("SAVEPOINT as_it_is")
        yield books, lambda: _undo(books)
        raise _Undo


def _undo(books: Books) -> None:
    books.rows("ROLLBACK TO as_it_is")


def leave_out(
    books: Books, source: Source, decoder: Decoder, recorded: Recorded, target: Recorded | None
) -> None:
    """Fold the books as if an event had never been recorded, in a transaction that is undone.

    `target` is the event that it reverses, if it is a reversal: that one counts again.
    """
    if isinstance(recorded.event, EventReversed):
        books.write("DELETE FROM reversals WHERE by_position = ?", [(recorded.position,)])
        if target is not None and target.event.is_fact:
            _refold(books, source, decoder, target)
        return
    books.write(
        "INSERT INTO reversals VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(recorded.position, recorded.position)],
    )
    if recorded.event.is_fact:
        _refold(books, source, decoder, recorded)


def _refold(books: Books, source: Source, decoder: Decoder, recorded: Recorded) -> None:
    refold(books, source, decoder, subject_of(recorded.event, recorded.position))
