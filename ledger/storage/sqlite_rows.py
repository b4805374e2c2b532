"""What can be read of a ledger in SQLite, by a reader as by the writer in its transaction."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

from ledger.errors import Damaged
from ledger.storage.log import (
    CHUNK,
    Head,
    HeldLine,
    Intake,
    RegisterRow,
    Seal,
    StoredRow,
)
from ledger.storage.sqlite_errors import speaking_of
from ledger.storage.sqlite_schema import EVENTS, HELD
from ledger.storage.vault_rows import Kept, Person, SealedText

_KEPT: Final = (
    "SELECT commitment, sealed, number, digest, salt, key FROM personal"
    " JOIN persons ON number = person WHERE commitment IN"
)

_ERASURES: Final = "SELECT count(*) FROM register WHERE what = 'erased'"
"""Counts `ledger.storage.log.ERASED`: only so, as it stands, does it count an index."""

_VARIABLES: Final = 900
"""Values in one statement: every SQLite takes as many."""

_Value = TypeVar("_Value", str, int, bytes)


class SqliteRows:
    """Reads through one connection, or through the cursor of one transaction."""

    _path: str

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement, where the subclass says. Raises sqlite3.Error."""
        raise NotImplementedError

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with speaking_of(self._path):
            return self._execute(statement, values).fetchall()

    def _one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        with speaking_of(self._path):
            found: tuple[Any, ...] | None = self._execute(statement, values).fetchone()
            return found

    def _among(self, statement: str, values: Collection[_Value]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement that ends in `IN`, over any number of values."""
        wanted = list(values)
        for start in range(0, len(wanted), _VARIABLES):
            some = wanted[start : start + _VARIABLES]
            yield from self._all(f"{statement} ({','.join('?' * len(some))})", some)

    def _head(self) -> Head:
        row = self._one("SELECT last_position, last_recorded_at FROM counter")
        if row is None:
            raise Damaged(
                "{where} is damaged (its counter is gone): restore it from a copy", where=self._path
            )
        return Head(*row)

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""
        last = after + limit if until is None else min(until, after + limit)
        found = self._all(
            f"{EVENTS}WHERE position > ? AND position <= ? ORDER BY position",
            (after, last),
        )
        rows = [StoredRow._make(row) for row in found]
        if rows and rows[-1].position != after + len(rows):
            raise self._gap(after)
        return rows

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked. Raises Damaged if one is gone."""
        statement = f"{EVENTS}WHERE position IN"
        rows = {row[0]: StoredRow._make(row) for row in self._among(statement, set(positions))}
        for position in positions:
            if position not in rows:
                raise self._gap(position - 1)
        return [rows[position] for position in positions]

    def _gap(self, after: int) -> Damaged:
        return Damaged(
            "{where} is damaged (an event after position {after} is gone): restore it from a copy",
            where=self._path,
            after=after,
        )

    def stream(self, stream: str) -> list[StoredRow]:
        """Return all rows of a stream, by version."""
        found = self._all(
            f"{EVENTS}WHERE originator_id = ? ORDER BY originator_version",
            (stream,),
        )
        return [StoredRow._make(row) for row in found]

    def streams(self, prefix: str = "") -> list[str]:
        """Return the names of the streams that begin with a prefix, sorted."""
        found = self._all(
            "SELECT DISTINCT originator_id FROM events WHERE originator_id >= ? "
            "AND substr(originator_id, 1, ?) = ? ORDER BY originator_id",
            (prefix, len(prefix), prefix),
        )
        return [name for (name,) in found]

    def terms(self, stream: str | None = None) -> list[StoredRow]:
        """Return the rows that are no facts, of one stream or of all, by position."""
        one, values = ("", ()) if stream is None else ("AND originator_id = ? ", (stream,))
        found = self._all(
            f"{EVENTS}INDEXED BY terms WHERE is_term = 1 {one}ORDER BY position",
            values,
        )
        return [StoredRow._make(row) for row in found]

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """Return the last version of each stream, 0 where it has none."""
        last = dict.fromkeys(streams, 0)
        for stream in last:
            row = self._one(
                "SELECT max(originator_version) FROM events WHERE originator_id = ?", (stream,)
            )
            last[stream] = (row[0] if row else None) or 0
        return last

    def homes(self, subjects: Collection[str]) -> dict[str, str]:
        """Return the stream in which each subject lives; unknown ones are absent."""
        return dict(self._among("SELECT subject, stream FROM homes WHERE subject IN", subjects))

    def position_at(self, instant: int) -> int:
        """Return the last position with recorded_at <= instant, 0 where there is none."""
        early, late = 0, self._head().position
        while early < late:
            middle = (early + late + 1) // 2
            row = self._one("SELECT recorded_at FROM events WHERE position = ?", (middle,))
            if row is None:
                raise self._gap(middle - 1)
            if row[0] <= instant:
                early = middle
            else:
                late = middle - 1
        return early

    def nodes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked.

        Raises Damaged if one is gone.
        """
        statement = "SELECT position, hashes FROM nodes WHERE position IN"
        rows = dict(self._among(statement, set(positions)))
        for position in positions:
            if position not in rows:
                raise Damaged(
                    "{where} is damaged (the hashes of position {position} are gone): restore it "
                    "from a copy",
                    where=self._path,
                    position=position,
                )
        return [rows[position] for position in positions]

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        found = self._all(
            "SELECT number, size, sealed_at, verifier_key, checkpoint FROM seals ORDER BY number"
        )
        return [Seal._make(row) for row in found]

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way, by its name."""
        return [Intake._make(row) for row in self._all("SELECT * FROM intakes ORDER BY file")]

    def quarantine_rows(self, after: int = 0, limit: int = CHUNK) -> list[HeldLine]:
        """Return up to `limit` held lines with number > after, by number."""
        found = self._all(
            f"{HELD}WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        )
        return [HeldLine._make(row) for row in found]

    def quarantine_row(self, number: int) -> HeldLine | None:
        """Return one held line, or None where there is none of that number."""
        row = self._one(f"{HELD}WHERE number = ?", (number,))
        return None if row is None else HeldLine._make(row)

    def quarantine_counts(self) -> dict[str, int]:
        """Return how many lines are held under each code."""
        return dict(self._all("SELECT code, count(*) FROM quarantine GROUP BY code ORDER BY code"))

    def register_rows(self) -> list[RegisterRow]:
        """Return the whole register, by number."""
        found = self._all("SELECT number, recorded_at, what, detail FROM register ORDER BY number")
        return [RegisterRow(row[0], row[1], row[2], json.loads(row[3])) for row in found]

    def erasures(self) -> int:
        """Return how many entries of the register say that a person was erased."""
        row = self._one(_ERASURES)
        assert row is not None, "a count has a row"
        return int(row[0])

    def kept(self, commitments: Collection[bytes]) -> dict[bytes, Kept]:
        """Return what is kept of persons under each commitment; unknown ones are absent."""
        return {row[0]: Kept(Person(*row[2:]), row[1]) for row in self._among(_KEPT, commitments)}

    def persons(self, digests: Collection[bytes]) -> dict[bytes, Person]:
        """Return the person of each digest; unknown ones are absent."""
        found = self._among(
            "SELECT number, digest, salt, key FROM persons WHERE digest IN", digests
        )
        return {row[1]: Person._make(row) for row in found}

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""
        found = self._all("SELECT * FROM personal WHERE person = ? ORDER BY rowid", (person,))
        return [SealedText._make(row) for row in found]
