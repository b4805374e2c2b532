"""What a transaction that is still open changes: every balance before it, and after it."""

from collections.abc import Callable, Iterator
from contextlib import closing

from ledger.domain.recorded import Recorded
from ledger.domain.values.as_of import AsOf
from ledger.projections.balances.changes import Effects, changes
from ledger.projections.books.books import Books
from ledger.projections.books.catch_up import CHUNK, catch_up
from ledger.projections.books.fold import Decoder
from ledger.storage.log import Writer


def foreseen(
    copy_books: Callable[[], Books], writer: Writer, decoder: Decoder, as_of: AsOf
) -> list[dict[str, object]]:
    """Return every balance that differs once a transaction is committed, before and after.

    The books are copied twice, and the copies caught up from within the transaction.
    """
    with closing(copy_books()) as before:
        catch_up(before, writer, decoder, writer.head.position)
        with closing(before.copy()) as after:
            catch_up(after, writer, decoder, writer.tail.position)
            known, coming = (Effects(books, writer, decoder, as_of) for books in (before, after))
            places = known.all_places(_new(writer, decoder))
            places |= coming.all_places(_new(writer, decoder))
            return changes(known.figures(places), coming.figures(places))


def _new(writer: Writer, decoder: Decoder) -> Iterator[Recorded]:
    """Yield the events that a transaction has appended."""
    after = writer.head.position
    while rows := writer.read(after, None, CHUNK):
        yield from map(decoder.recorded, rows)
        after = rows[-1].position
