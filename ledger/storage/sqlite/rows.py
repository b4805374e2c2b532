"""What can be read of a ledger in SQLite, by a reader as by the writer in its transaction."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from ledger.storage.database.rows import EVENTS, DatabaseRows, Value
from ledger.storage.log import StoredRow
from ledger.storage.sqlite.errors import speaking_of
from ledger.storage.vault.rows import SealedText

_VARIABLES: Final = 900
"""Values in one statement: every SQLite takes as many."""


class SqliteRows(DatabaseRows):
    """Reads through one connection, or through the cursor of one transaction."""

    def _speaking(self) -> AbstractContextManager[None]:
        return speaking_of(self._shown)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement, where the subclass says. Raises sqlite3.Error."""
        raise NotImplementedError

    def _among(self, statement: str, values: Collection[Value]) -> Iterator[tuple[Any, ...]]:
        wanted = list(values)
        for start in range(0, len(wanted), _VARIABLES):
            some = wanted[start : start + _VARIABLES]
            yield from self._all(f"{statement} IN ({','.join('?' * len(some))})", some)

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
        terms = f"INDEXED BY terms WHERE is_term = 1 {one}ORDER BY position"
        return self._rows(f"{EVENTS}{terms}", values)

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """Return the last version of each stream, 0 where it has none."""
        last = dict.fromkeys(streams, 0)
        for stream in last:
            row = self._one(
                "SELECT max(originator_version) FROM events WHERE originator_id = ?", (stream,)
            )
            last[stream] = (row[0] if row else None) or 0
        return last

    def texts_of(self, person: int) -> list[SealedText]:
        """Return all that is kept of the person of that number; it may read the whole vault."""
        found = self._all("SELECT * FROM personal WHERE person = ? ORDER BY rowid", (person,))
        return [SealedText._make(row) for row in found]
