"""What can be read of a ledger on PostgreSQL, by a reader as by the writer in its transaction."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from psycopg import Cursor

from ledger.storage.database.rows import EVENTS, DatabaseRows, Value
from ledger.storage.log import HeldLine, StoredRow
from ledger.storage.postgres.errors import speaking_of
from ledger.storage.vault.rows import SealedText

_ARRAYS: Final = {bytes: "bytea[]", int: "bigint[]"}

_BETWEEN: Final = "\x1e"
"""What no id, and so no name or key that is made of ids, can hold."""

AS_TEXTS: Final = r"string_to_array(%s, E'\x1e')"
"""What makes of `joined` texts an array of them: the driver takes long to write an array."""


def said(statement: str) -> bytes:
    """Return a statement as psycopg takes it, also one of both databases, with `?` for values."""
    return statement.replace("?", "%s").encode()


def joined(texts: Collection[str]) -> str:
    """Return texts in one, for `AS_TEXTS`; one that can be no name or key is left out."""
    whole = _BETWEEN.join(texts)
    if whole.count(_BETWEEN) >= len(texts):
        return _BETWEEN.join([text for text in texts if _BETWEEN not in text])
    return whole


def as_bytes(text: str) -> bytes:
    """Return a text that may hold what no text of PostgreSQL can: U+0000, or half a character."""
    return text.encode(errors="surrogateescape")


def held_line(row: Sequence[Any]) -> HeldLine:
    """Return a held line from what is stored of it: its file and reason are bytes."""
    held = HeldLine._make(row)
    file, reason = row[2], row[4]
    return held._replace(
        file=file.decode(errors="surrogateescape"), reason=reason.decode(errors="surrogateescape")
    )


class PostgresRows(DatabaseRows):
    """Reads through one connection, or through the cursor of one transaction."""

    def _speaking(self) -> AbstractContextManager[None]:
        return speaking_of(self._shown)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor[tuple[Any, ...]]:
        """Run one statement, where the subclass says. Raises psycopg.Error."""
        raise NotImplementedError

    def _among(self, statement: str, values: Collection[Value]) -> Iterable[tuple[Any, ...]]:
        wanted = list(values)
        if not wanted:
            return ()
        if isinstance(wanted[0], str):
            return self._all(f"{statement} = ANY({AS_TEXTS})", (joined(wanted),))
        return self._all(f"{statement} = ANY(%s::{_ARRAYS[type(wanted[0])]})", (wanted,))

    def _held(self, row: Sequence[Any]) -> HeldLine:
        return held_line(row)

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

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""
        found = self._all("SELECT * FROM personal WHERE person = %s ORDER BY commitment", (person,))
        return [SealedText._make(row) for row in found]
