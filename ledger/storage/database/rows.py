"""What can be read of a ledger in a database, by a reader as by the writer in its transaction.

The tables of both databases have the same names and columns, so most statements are the same: in
these `?` stands for a value. Each database reads in its own way where it is better at that.
"""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

from ledger.errors import Damaged
from ledger.messages import Words
from ledger.proof.merkle import peak_positions
from ledger.storage.hash_blocks import rows_at
from ledger.storage.intakes import COLUMNS, intake_of
from ledger.storage.leaves import root_ended_by
from ledger.storage.log import (
    CHUNK,
    Head,
    HeldLine,
    Intake,
    RegisterRow,
    Seal,
    StoredRow,
    stored_rows,
)
from ledger.storage.vault.rows import ERASED, LAST_ERASED, Kept, Person, erased_among

EVENTS: Final = (
    "SELECT position, originator_id, originator_version, topic, state, recorded_at FROM events "
)
"""Stored rows (`ledger.storage.log.StoredRow`); conditions follow."""

INTAKES: Final = f"SELECT {', '.join(COLUMNS)} FROM intakes ORDER BY file"  # noqa: S608 - our names
"""Files that are under way (`ledger.storage.intakes`)."""

HELD: Final = (
    "SELECT number, code, file, line, reason, raw, waits_for, received_at FROM quarantine "
)
"""Held lines (`ledger.storage.log.HeldLine`); conditions follow."""

_MOST: Final = 2**62
"""More rows than there are, and no more than a statement takes."""

_ERASURES: Final = f"SELECT count(*) FROM register WHERE what = '{ERASED}'"  # noqa: S608
"""Said as the index is, so that it counts no more than that."""

_ERASED_DIGESTS: Final = "SELECT digest FROM persons WHERE digest <= ? ORDER BY digest"

_KEPT: Final = (
    "SELECT commitment, sealed, number, digest, salt, key FROM personal"
    " JOIN persons ON number = person WHERE commitment"
)

Value = TypeVar("Value", str, int, bytes)


class DatabaseRows:
    """Reads through one connection, or through the cursor of one transaction."""

    _shown: str
    """What messages call the ledger."""

    def _speaking(self) -> AbstractContextManager[None]:
        """Turn what the database raises in the block into our errors."""
        raise NotImplementedError

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement and return its cursor. Raises the errors of the database."""
        raise NotImplementedError

    def _among(self, statement: str, values: Collection[Value]) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a statement that ends in a column which has one of these values."""
        raise NotImplementedError

    def _held(self, row: Sequence[Any]) -> HeldLine:
        """Return a held line from what is stored of it."""
        return HeldLine._make(row)

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._speaking():
            found: list[tuple[Any, ...]] = self._execute(statement, values).fetchall()
            return found

    def _one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        with self._speaking():
            found: tuple[Any, ...] | None = self._execute(statement, values).fetchone()
            return found

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[StoredRow]:
        return stored_rows(self._all(statement, values))

    def _head(self) -> Head:
        row = self._one("SELECT last_position, last_recorded_at FROM counter")
        if row is None:
            raise self._damaged(Words("its counter is gone"))
        return Head(*row)

    def _damaged(self, what: Words) -> Damaged:
        return Damaged(
            "{where} is damaged ({what}): restore it from a copy", where=self._shown, what=what
        )

    def _gap(self, after: int) -> Damaged:
        return self._damaged(Words("an event after position {after} is gone", after=after))

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""
        last = after + limit if until is None else min(until, after + limit)
        rows = self._rows(
            f"{EVENTS}WHERE position > ? AND position <= ? ORDER BY position", (after, last)
        )
        if rows and rows[-1].position != after + len(rows):
            raise self._gap(after)
        return rows

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked. Raises Damaged if one is gone."""
        found = self._among(f"{EVENTS}WHERE position", set(positions))
        rows = {row.position: row for row in stored_rows(found)}
        for position in positions:
            if position not in rows:
                raise self._gap(position - 1)
        return [rows[position] for position in positions]

    def stream(self, stream: str) -> list[StoredRow]:
        """Return all rows of a stream, by version."""
        return self._rows(f"{EVENTS}WHERE originator_id = ? ORDER BY originator_version", (stream,))

    def homes(self, subjects: Collection[str]) -> dict[str, str]:
        """Return the stream in which each subject lives; unknown ones are absent."""
        return dict(self._among("SELECT subject, stream FROM homes WHERE subject", subjects))

    def position_at(self, instant: int) -> int:
        """Return the last position with recorded_at <= instant, 0 where there is none."""
        return bisect_right(range(1, self._head().position + 1), instant, key=self._recorded_at)

    def _recorded_at(self, position: int) -> int:
        row = self._one("SELECT recorded_at FROM events WHERE position = ?", (position,))
        if row is None:
            raise self._gap(position - 1)
        return int(row[0])

    def nodes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked.

        Raises Damaged if one is gone.
        """
        rows = rows_at(positions, self._all)
        for position in positions:
            if position not in rows:
                raise self._damaged(
                    Words("the hashes of position {position} are gone", position=position)
                )
        return [rows[position] for position in positions]

    def root_at(self, position: int) -> bytes | None:
        """Return the root of the tree that an event ends; None where no event has the position."""
        rows = self._rows(f"{EVENTS}WHERE position = ?", (position,))
        if not rows:
            return None
        return root_ended_by(rows[0], self.nodes(peak_positions(position - 1)))

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        found = self._all(
            "SELECT number, size, sealed_at, verifier_key, checkpoint FROM seals ORDER BY number"
        )
        return [Seal._make(row) for row in found]

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way, by its name."""
        return list(map(intake_of, self._all(INTAKES)))

    def quarantine_rows(self, after: int = 0, limit: int = CHUNK) -> list[HeldLine]:
        """Return up to `limit` held lines with number > after, by number."""
        found = self._all(
            f"{HELD}WHERE number > ? ORDER BY number LIMIT ?", (after, min(limit, _MOST))
        )
        return list(map(self._held, found))

    def quarantine_row(self, number: int) -> HeldLine | None:
        """Return one held line, or None where there is none of that number."""
        row = self._one(f"{HELD}WHERE number = ?", (number,))
        return None if row is None else self._held(row)

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

    def erased(self) -> bytes:
        """Return what tells the erased from all others: empty where nobody is erased."""
        return erased_among(digest for (digest,) in self._all(_ERASED_DIGESTS, (LAST_ERASED,)))

    def kept(self, commitments: Collection[bytes]) -> dict[bytes, Kept]:
        """Return what is kept of persons under each commitment; unknown ones are absent."""
        return {row[0]: Kept(Person(*row[2:]), row[1]) for row in self._among(_KEPT, commitments)}

    def persons(self, digests: Collection[bytes]) -> dict[bytes, Person]:
        """Return the person of each digest; unknown ones are absent."""
        statement = "SELECT number, digest, salt, key FROM persons WHERE digest"
        return {row[1]: Person._make(row) for row in self._among(statement, digests)}
