"""The terms that books have read, and which events do not count."""

from ledger.domain.aggregates.terms import Terms
from ledger.domain.recorded import Recorded
from ledger.projections.books.books import Books
from ledger.projections.books.fold import Decoder
from ledger.storage.log import stored_rows


def reversed_positions(books: Books) -> set[int]:
    """Return the positions of the events that do not count."""
    return {position for (position,) in books.rows("SELECT position FROM reversals")}


def terms_of(books: Books, decoder: Decoder) -> Terms:
    """Return every term that the books have read."""
    return Terms(recorded_terms(books, decoder), reversed_positions(books))


def recorded_terms(books: Books, decoder: Decoder, after: int = 0) -> list[Recorded]:
    """Return every term after a position that the books have read, reversed ones too."""
    rows = books.rows(
        "SELECT position, stream, stream_version, topic, state, recorded_at FROM terms"
        " WHERE position > ?",
        (after,),
    )
    return [decoder.recorded(row) for row in stored_rows(rows)]
