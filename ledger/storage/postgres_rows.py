"""What can be read of a ledger on PostgreSQL, by a reader as by the writer in its transaction."""

import json
from collections.abc import Collection, Sequence
from typing import Any, Final

from psycopg import Cursor

from ledger.errors import Damaged
from ledger.storage.log import CHUNK, Head, HeldLine, Intake, RegisterRow, Seal, StoredRow
from ledger.storage.postgres_errors import speaking_of
from ledger.storage.postgres_schema import EVENTS, HELD
from ledger.storage.vault_rows import ERASED, Kept, Person, SealedText
from ledger.words import Words

_KEPT: Final = (
    "SELECT commitment, sealed, number, digest, salt, key FROM personal"
    " JOIN persons ON number = person WHERE commitment = ANY(%s::bytea[])"
)
_ERASURES: Final = f"SELECT count(*) FROM register WHERE what = '{ERASED}'"  # noqa: S608
"""Said as the index is, so that it counts no more than that."""


def as_bytes(text: str) -> bytes:
    """Return a text that may hold what no text of PostgreSQL can: U+0000, or half a character."""
    return text.encode(errors="surrogateescape")


def held_line(row: Sequence[Any]) -> HeldLine:
    """Return a held line from what is stored of it."""
    number, code, file, line, reason, raw, waits_for, received_at = row
    return HeldLine(
        number,
        code,
        file.decode(errors="surrogateescape"),
        line,
        reason.decode(errors="surrogateescape"),
        raw,
        waits_for,
        received_at,
    )


class PostgresRows:
    """Reads through one connection, or through the cursor of one transaction."""

    _shown: str

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor[tuple[Any, ...]]:
        """Run one statement, where the subclass says. Raises psycopg.Error."""
        raise NotImplementedError

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with speaking_of(self._shown):
            return self._execute(statement, values).fetchall()

    def _one(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        with speaking_of(self._shown):
            return self._execute(statement, values).fetchone()

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[StoredRow]:
        return [StoredRow._make(row) for row in self._all(statement, values)]

    def _head(self) -> Head:
        row = self._one("SELECT last_position, last_recorded_at FROM counter")
        if row is None:
            raise self._damaged(Words("its counter is gone"))
        return Head(*row)

    def _damaged(self, what: str) -> Damaged:
        return Damaged(
            "{where} is damaged ({what}): restore it from a copy", where=self._shown, what=what
        )

    def _gap(self, after: int) -> Damaged:
        return self._damaged(Words("an event after position {after} is gone", after=after))

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""
        last = after + limit if until is None else min(until, after + limit)
        rows = self._rows(
            f"{EVENTS}WHERE position > %s AND position <= %s ORDER BY position", (after, last)
        )
        if rows and rows[-1].position != after + len(rows):
            raise self._gap(after)
        return rows

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked. Raises Damaged if one is gone."""
        found = self._rows(f"{EVENTS}WHERE position = ANY(%s::bigint[])", (list(set(positions)),))
        rows = {row.position: row for row in found}
        for position in positions:
            if position not in rows:
                raise self._gap(position - 1)
        return [rows[position] for position in positions]

    def stream(self, stream: str) -> list[StoredRow]:
        """Return all rows of a stream, by version."""
        return self._rows(
            f"{EVENTS}WHERE originator_id = %s ORDER BY originator_version", (stream,)
        )

    def streams(self, prefix: str = "") -> list[str]:
        """Return the names of the streams that begin with a prefix, sorted."""
        found = self._all(
            "SELECT DISTINCT originator_id FROM events WHERE originator_id >= %s"
            " AND starts_with(originator_id, %s) ORDER BY originator_id",
            (prefix, prefix),
        )
        return [name for (name,) in found]

    def terms(self, stream: str | None = None) -> list[StoredRow]:
        """Return the rows that are no facts, of one stream or of all, by position."""
        if stream is None:
            return self._rows(f"{EVENTS}WHERE is_term = 1 ORDER BY position")
        return self._rows(
            f"{EVENTS}WHERE is_term = 1 AND originator_id = %s ORDER BY position", (stream,)
        )

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """Return the last version of each stream, 0 where it has none."""
        found = self._all(
            "SELECT name, coalesce((SELECT max(originator_version) FROM events"
            " WHERE originator_id = name), 0) FROM unnest(%s::text[]) AS name",
            (list(set(streams)),),
        )
        last = dict(found)
        return {stream: last[stream] for stream in streams}

    def homes(self, subjects: Collection[str]) -> dict[str, str]:
        """Return the stream in which each subject lives; unknown ones are absent."""
        return dict(
            self._all(
                "SELECT subject, stream FROM homes WHERE subject = ANY(%s::text[])",
                (list(subjects),),
            )
        )

    def position_at(self, instant: int) -> int:
        """Return the last position with recorded_at <= instant, 0 where there is none."""
        early, late = 0, self._head().position
        while early < late:
            middle = (early + late + 1) // 2
            row = self._one("SELECT recorded_at FROM events WHERE position = %s", (middle,))
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
        statement = "SELECT position, hashes FROM nodes WHERE position = ANY(%s::bigint[])"
        rows = dict(self._all(statement, (list(set(positions)),)))
        for position in positions:
            if position not in rows:
                raise self._damaged(
                    Words("the hashes of position {position} are gone", position=position)
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
        found = self._all(
            "SELECT file, lines, size, head, digest, appended, duplicates, refused"
            " FROM intakes ORDER BY file"
        )
        return [Intake._make(row) for row in found]

    def quarantine_rows(self, after: int = 0, limit: int = CHUNK) -> list[HeldLine]:
        """Return up to `limit` held lines with number > after, by number."""
        found = self._all(
            f"{HELD}WHERE number > %s ORDER BY number LIMIT %s", (after, min(limit, 2**62))
        )
        return [held_line(row) for row in found]

    def quarantine_row(self, number: int) -> HeldLine | None:
        """Return one held line, or None where there is none of that number."""
        row = self._one(f"{HELD}WHERE number = %s", (number,))
        return None if row is None else held_line(row)

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
        found = self._all(_KEPT, (list(commitments),))
        return {row[0]: Kept(Person(*row[2:]), row[1]) for row in found}

    def persons(self, digests: Collection[bytes]) -> dict[bytes, Person]:
        """Return the person of each digest; unknown ones are absent."""
        found = self._all(
            "SELECT number, digest, salt, key FROM persons WHERE digest = ANY(%s::bytea[])",
            (list(digests),),
        )
        return {row[1]: Person._make(row) for row in found}

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""
        found = self._all("SELECT * FROM personal WHERE person = %s ORDER BY commitment", (person,))
        return [SealedText._make(row) for row in found]
