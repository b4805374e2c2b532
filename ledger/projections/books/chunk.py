"""Entering: a chunk of the log is put into the books, around its folding.

Every subject that new rows touch is folded anew from all its events, so a late fact, a fact out of
order and a reversal take the same path, and cost what they touch.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from ledger.domain.deliveries.subjects import subject_of
from ledger.projections.books.belonging import History
from ledger.projections.books.books import Books
from ledger.projections.books.fold import Decoder, Known, Sorted
from ledger.projections.books.rows import PARAMETERS, DerivedRows, numbered
from ledger.projections.books.tables import DERIVED
from ledger.projections.conditions import among
from ledger.projections.terms import reversed_positions
from ledger.storage.log import StoredRow

_READ_AT_ONCE: Final = 10_000
"""Facts of before that are asked for at one time."""


class Source(History, Protocol):
    """Where rows come from: a log, or the transaction of one that is being written."""

    def read(self, after: int, until: int | None = None, limit: int = ...) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked."""

    def find(self, keys: Collection[str]) -> dict[str, Any]:
        """Return the position, or the row, of each key."""


def known_before(
    books: Books, source: Source, decoder: Decoder, chunk: Sorted, more: Iterable[str] = ()
) -> Known:
    """Return what the books know of a chunk that they do not have yet, and of more subjects."""
    reversals = _reversals(source, chunk.reversals)
    others = dict.fromkeys(more)
    if reversals:
        there = set(chunk.subjects)
        others |= dict.fromkeys(
            subject
            for recorded in map(decoder.recorded, source.at([at for at, _ in reversals]))
            if recorded.event.is_fact
            and (subject := subject_of(recorded.event, recorded.position)) not in there
        )
    names = [*chunk.subjects, *others]
    numbers, fresh = numbered(books, "subjects", names)
    unmet = set(fresh)
    places = {numbers[name]: place for place, name in enumerate(names) if name not in unmet}
    facts = sorted((position, places[number]) for number, position in _facts(books, list(places)))
    return Known(
        more=list(others),
        numbers=[numbers[name] for name in names],
        fresh=[place for place, name in enumerate(names) if name in unmet],
        owners=[place for _, place in facts],
        earlier=_rows(source, decoder, [position for position, _ in facts]),
        reversals=reversals,
        gone=reversed_positions(books) | {position for position, _ in reversals},
    )


def enter(
    books: Books, decoder: Decoder, rows: Sequence[StoredRow], chunk: Sorted, known: Known
) -> None:
    """Put a chunk into the books but for what comes of it, in the transaction that is open."""
    terms = decoder.in_clear([rows[at] for at in chunk.terms])
    are_terms = set(chunk.terms)
    facts = [row for at, row in enumerate(rows) if at not in are_terms]
    books.write(
        "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)",
        [
            (row.position, row.recorded_at, row.stream, row.version, row.topic, row.state)
            for row in terms
        ],
    )
    books.write("INSERT INTO reversals VALUES (?, ?)", known.reversals)
    names, numbers = [*chunk.subjects, *known.more], known.numbers
    books.write(
        "INSERT INTO subjects VALUES (?, ?)",
        [(numbers[place], names[place]) for place in known.fresh],
    )
    books.write(
        "INSERT INTO subject_events VALUES (?, ?)",
        [(numbers[place], row.position) for place, row in zip(chunk.owners, facts, strict=True)],
    )
    books.write(
        "INSERT INTO mentions VALUES (?, ?) ON CONFLICT DO NOTHING",
        sorted([(numbers[place], package) for place, package in chunk.mentions]),
    )


def replace(books: Books, known: Known, derived: DerivedRows) -> None:
    """Put what comes of subjects in the place of what came of them before."""
    fresh = {known.numbers[place] for place in known.fresh}
    earlier = [(number,) for number in known.numbers if number not in fresh]
    for table in DERIVED:
        books.write(f"DELETE FROM {table} WHERE subject = ?", earlier)
    derived.write(books)


def _reversals(source: Source, reversals: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Return the position of each event that is reversed, and that of its reversal."""
    if not reversals:
        return []
    by_key = dict(reversals)
    return sorted(
        (found if isinstance(found, int) else found.position, by_key[key])
        for key, found in source.find(list(by_key)).items()
    )


def _facts(books: Books, subjects: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the subject and the position of every fact of some subjects."""
    for first in range(0, len(subjects), PARAMETERS):
        where = among("subject", subjects[first : first + PARAMETERS])
        query = f"SELECT subject, position FROM subject_events WHERE {where.text}"
        yield from books.rows(query, where.parameters)


def _rows(source: Source, decoder: Decoder, positions: Sequence[int]) -> list[StoredRow]:
    """Return the rows at positions, with what is needed to read them at hand."""
    found: list[StoredRow] = []
    for first in range(0, len(positions), _READ_AT_ONCE):
        rows = source.at(positions[first : first + _READ_AT_ONCE])
        decoder.look_up(rows)
        found += rows
    return found
