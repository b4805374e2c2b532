"""Recomputing: a report made of nothing but the events that came with it, wherever they stood.

It is the very way in which a ledger answers: the books catch up with the rows, and the view is
asked. The rows are those of some positions, and what lies between them is not there.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from contextlib import closing
from typing import NamedTuple

from ledger.domain.access import Scope
from ledger.domain.recorded import Recorded, event_key
from ledger.domain.values.as_of import AsOf
from ledger.projections.books.catch_up import catch_up
from ledger.projections.books.fold import Decoder
from ledger.projections.books.sqlite import open_books
from ledger.projections.filters import Answer, ExpiryBasis, Filters
from ledger.projections.history.report_events import rests_on, streams_of
from ledger.projections.question import Question
from ledger.projections.terms import terms_of
from ledger.projections.views import report
from ledger.storage.log import CHUNK, StoredRow


class Asked(NamedTuple):
    """What a report was asked for; nobody but the operator asks here."""

    contract: str
    as_of: AsOf
    known_at: object
    position: int
    expiry_basis: ExpiryBasis


class Recomputed(NamedTuple):
    """What comes of events."""

    report: Answer
    resting: list[int]
    """The positions of those that it rests on."""
    streams: list[str]
    """The streams that it carries whole."""


class SomeRows:
    """Rows at rising positions, as a source of events; each is decoded once."""

    def __init__(self, rows: Sequence[StoredRow], decoder: Decoder) -> None:
        """Decode the rows. Raises Damaged when one cannot be read."""
        self._rows = rows
        self._positions = [row.position for row in rows]
        self._by_position = dict(zip(self._positions, rows, strict=True))
        self._decoded = {row.position: decoder.recorded(row) for row in rows}
        self._keys = {event_key(one.source, one.id): at for at, one in self._decoded.items()}

    def recorded(self, row: StoredRow) -> Recorded:
        """Return the event of a row."""
        return self._decoded[row.position]

    def in_clear(self, rows: Sequence[StoredRow]) -> Sequence[StoredRow]:
        """Return rows as they are: no names come with them."""
        return rows

    def look_up(self, rows: Collection[StoredRow]) -> None:
        """Ask nothing: every row was decoded."""

    def erased(self) -> bytes:
        """Return that nobody is erased: what is committed to stays so."""
        return b""

    def root_at(self, position: int) -> bytes:
        """Return nothing: between these rows others are missing, and nobody else has the books."""
        del position
        return b""

    def forget(self, erased: bytes) -> None:
        """Forget nothing: nothing was revealed."""

    def events(self, positions: Collection[int]) -> dict[int, Recorded]:
        """Return the events at positions."""
        return {position: self._decoded[position] for position in sorted(positions)}

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""
        first = bisect_right(self._positions, after)
        end = len(self._rows) if until is None else bisect_right(self._positions, until)
        return list(self._rows[first : min(end, first + limit)])

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked."""
        return [self._by_position[position] for position in positions]

    def find(self, keys: Collection[str]) -> dict[str, int]:
        """Return the position of each key; unknown ones are absent."""
        return {key: self._keys[key] for key in keys if key in self._keys}

    def stream(self, stream: str) -> list[int]:
        """Return the positions of the events of a stream, by version."""
        rows = [row for row in self._rows if row.stream == stream]
        return [row.position for row in sorted(rows, key=lambda row: row.version)]


def recompute(rows: Sequence[StoredRow], asked: Asked, decoder: Decoder) -> Recomputed:
    """Return the report that rows, by position, come to.

    Raises NotFound where they hold no such contract, and Damaged for what cannot be read.
    """
    source = SomeRows(rows, decoder)
    with closing(open_books(None, "report")) as books:
        catch_up(books, source, source, asked.position)
        question = Question(
            as_of=asked.as_of,
            known_at=asked.known_at,
            position=asked.position,
            scope=Scope(),
            books=books,
            terms=terms_of(books, source),
            events=source.events,
            stream=source.stream,
            shares=dict,
            filters=Filters(contracts=(asked.contract,), expiry_basis=asked.expiry_basis),
        )
        found = report.answer(question)
        return Recomputed(found, rests_on(question, found), streams_of(question, asked.contract))
