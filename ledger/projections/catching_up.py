"""Catching up: from the rows of the log that the books have not read to the rows of the books.

Every subject that new rows touch is folded anew from all its events, so a late fact, a fact out of
order and a reversal take the same path, and cost what they touch.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

from ledger.domain.events.reversals import EventReversed
from ledger.domain.postings import Derived, Posting
from ledger.domain.quantities import SCALE
from ledger.domain.recorded import Recorded, event_key, in_order
from ledger.domain.subjects import fold_subject, subject_of
from ledger.domain.terms import Terms
from ledger.projections.books import Books, Checkpoint
from ledger.projections.schema import DERIVED
from ledger.storage.log import StoredRow

CHUNK: Final = 20_000
"""Rows of the log that one transaction of the books reads."""

_PARAMETERS: Final = 500
"""Parameters of one query."""

_AS_THEY_ARE: Final = tuple(table for table in DERIVED if table != "postings")
"""The tables whose rows are those of the folds, under the same name."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


class Source(Protocol):
    """Where rows come from: a log, or the transaction of one that is being written."""

    def read(self, after: int, until: int | None = None, limit: int = ...) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked."""

    def find(self, keys: Collection[str]) -> dict[str, Any]:
        """Return the position, or the row, of each key."""

    def erasures(self) -> int:
        """Return how many persons were erased."""


class Decoder(Protocol):
    """What turns stored bytes into a typed event: the codec."""

    def recorded(self, row: StoredRow) -> Recorded:
        """Return the event of a row, validated; raises Damaged when it cannot be read."""

    def revealed(self, row: StoredRow) -> StoredRow:
        """Return a row with what its event says of persons in clear."""

    def look_up(self, rows: Collection[StoredRow]) -> None:
        """Ask at once for what reading these rows needs."""

    def forget(self, erasures: int) -> None:
        """Forget what was revealed when fewer persons were erased."""


def catch_up(
    books: Books,
    source: Source,
    decoder: Decoder,
    until: int,
    on_progress: Progress | None = None,
) -> None:
    """Read the log into the books up to a position, each chunk with its checkpoint.

    Books that were made when fewer persons were erased are wiped, and made anew.
    """
    while True:
        erasures = source.erasures()
        decoder.forget(erasures)
        if books.erasures != erasures:
            books.wipe(erasures)
        if books.checkpoint.position >= until:
            return
        with books.writing():
            if books.erasures != erasures:
                continue  # somebody was erased meanwhile
            after = books.checkpoint.position
            rows = _whole_transactions(source, after, until)
            if not rows:
                return
            _absorb(books, source, decoder, rows)
            books.move_to(Checkpoint(rows[-1].position, rows[-1].recorded_at))
        if on_progress is not None:
            on_progress(rows[-1].position)


def _whole_transactions(source: Source, after: int, until: int) -> list[StoredRow]:
    """Return about a chunk of rows that ends where a transaction of the log did, or at `until`."""
    rows = source.read(after, until, CHUNK)
    while len(rows) >= CHUNK:
        last = rows[-1]
        following = source.read(last.position, until, CHUNK)
        same = [row for row in following if row.recorded_at == last.recorded_at]
        rows += same
        if len(same) < CHUNK:
            break
    return rows


class _Sorted(NamedTuple):
    """A chunk of the log, sorted by what has to be done with it."""

    terms: list[StoredRow]
    reversals: list[Recorded]
    by_subject: dict[str, list[Recorded]]


def _absorb(books: Books, source: Source, decoder: Decoder, rows: Sequence[StoredRow]) -> None:
    chunk = _sorted(rows, decoder)
    books.write(
        "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)",
        [
            (row.position, row.recorded_at, row.stream, row.version, row.topic, row.state)
            for row in chunk.terms
        ],
    )
    by_subject = chunk.by_subject
    for subject in _reverse(books, source, decoder, chunk.reversals):
        by_subject.setdefault(subject, [])
    numbers = _numbers(books, by_subject)
    fresh = [subject for subject in by_subject if subject not in numbers]
    books.write("INSERT INTO subjects (name) VALUES (?)", [(subject,) for subject in fresh])
    numbers |= _numbers(books, fresh)
    books.write(
        "INSERT INTO subject_events VALUES (?, ?, ?)",
        [
            (numbers[subject], recorded.effective_at, recorded.position)
            for subject, events in by_subject.items()
            for recorded in events
        ],
    )
    refold(books, source, decoder, by_subject, numbers, set(fresh))


def _sorted(rows: Sequence[StoredRow], decoder: Decoder) -> _Sorted:
    chunk = _Sorted([], [], defaultdict(list))
    decoder.look_up(rows)
    for row in rows:
        recorded = decoder.recorded(row)
        if recorded.event.is_fact:
            chunk.by_subject[subject_of(recorded.event, row.position)].append(recorded)
            continue
        chunk.terms.append(decoder.revealed(row))
        if isinstance(recorded.event, EventReversed):
            chunk.reversals.append(recorded)
    return chunk


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
    return [decoder.recorded(StoredRow._make(row)) for row in rows]


def _numbers(books: Books, subjects: Iterable[str]) -> dict[str, int]:
    names = list(subjects)
    found: dict[str, int] = {}
    for first in range(0, len(names), _PARAMETERS):
        part = names[first : first + _PARAMETERS]
        marks = ",".join("?" * len(part))
        found.update(books.rows(f"SELECT name, number FROM subjects WHERE name IN ({marks})", part))
    return found


def _reverse(
    books: Books, source: Source, decoder: Decoder, reversals: Sequence[Recorded]
) -> set[str]:
    """Note which events are reversed, and return the subjects of those that are facts."""
    keys = {}
    for recorded in reversals:
        assert isinstance(recorded.event, EventReversed)
        target = recorded.event.reverses
        keys[event_key(target.source, target.id)] = recorded.position
    positions = {
        key: found if isinstance(found, int) else found.position
        for key, found in source.find(list(keys)).items()
    }
    books.write(
        "INSERT INTO reversals VALUES (?, ?)",
        [(position, keys[key]) for key, position in positions.items()],
    )
    return {
        subject_of(recorded.event, recorded.position)
        for recorded in map(decoder.recorded, source.at(sorted(positions.values())))
        if recorded.event.is_fact
    }


def refold(
    books: Books,
    source: Source,
    decoder: Decoder,
    by_subject: dict[str, list[Recorded]],
    numbers: dict[str, int],
    fresh: set[str],
) -> None:
    """Fold every touched subject anew, and put what comes of it in the place of what was."""
    earlier = [subject for subject in by_subject if subject not in fresh]
    histories = _histories(books, source, decoder, earlier, numbers)
    for table in DERIVED:
        books.write(
            f"DELETE FROM {table} WHERE subject = ?", [(numbers[name],) for name in earlier]
        )
    gone = reversed_positions(books)
    derived: dict[str, list[Sequence[Any]]] = {table: [] for table in DERIVED}
    for subject, events in by_subject.items():
        history = histories.get(subject, events)
        counting = [recorded for recorded in history if recorded.position not in gone]
        _collect(derived, numbers[subject], fold_subject(subject, in_order(counting)))
    for table, rows in derived.items():
        books.insert(table, rows)


def _histories(
    books: Books,
    source: Source,
    decoder: Decoder,
    subjects: Sequence[str],
    numbers: dict[str, int],
) -> dict[str, list[Recorded]]:
    """Return all events of subjects that were known before, the new ones among them."""
    positions: dict[str, list[int]] = {subject: [] for subject in subjects}
    names = {numbers[subject]: subject for subject in subjects}
    for number, position in _positions(books, list(names)):
        positions[names[number]].append(position)
    wanted = sorted({position for group in positions.values() for position in group})
    found: dict[int, Recorded] = {}
    for first in range(0, len(wanted), CHUNK):
        rows = source.at(wanted[first : first + CHUNK])
        decoder.look_up(rows)
        found.update((row.position, decoder.recorded(row)) for row in rows)
    return {
        subject: [found[position] for position in group] for subject, group in positions.items()
    }


def _positions(books: Books, subjects: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the subject and the position of every event of some subjects."""
    for first in range(0, len(subjects), _PARAMETERS):
        part = subjects[first : first + _PARAMETERS]
        marks = ",".join("?" * len(part))
        query = f"SELECT subject, position FROM subject_events WHERE subject IN ({marks})"
        yield from books.rows(query, part)


def _collect(derived: dict[str, list[Sequence[Any]]], number: int, found: Derived) -> None:
    derived["postings"].extend(_posting_row(number, posting) for posting in found.postings)
    for table in _AS_THEY_ARE:
        derived[table].extend((number, *row) for row in getattr(found, table))


def _posting_row(number: int, posting: Posting) -> Sequence[Any]:
    at, position, *place, amount, turn = posting
    whole, fraction = divmod(amount, SCALE)
    return (number, at, position if turn is None else turn, position, *place, whole, fraction)
