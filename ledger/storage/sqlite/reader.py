"""A ledger in SQLite from outside: it reads what is committed, and never locks a writer out."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ledger.messages import Words
from ledger.storage.database.reader import DatabaseReader
from ledger.storage.sqlite.connection import connect_reader, size_bytes, state_of
from ledger.storage.sqlite.rows import SqliteRows

if TYPE_CHECKING:
    from ledger.storage.sqlite.audit import SqliteAudit


class SqliteReader(DatabaseReader, SqliteRows):
    """One connection to the file of a ledger. It may be shared by threads."""

    def __init__(self, path: str) -> None:
        """Open the file. Raises the errors of a ledger that cannot be used."""
        self._path = self._shown = path
        self._connect()

    def _connect(self) -> None:
        self._seen = state_of(self._path)
        self._connection: sqlite3.Connection | None = connect_reader(self._path)
        row = self._one("SELECT ledger_id FROM counter")
        if row is None:
            raise self._damaged(Words("its counter is gone"))
        self._ledger_id = row[0]

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        if self._connection is None:
            self._connect()
        assert self._connection is not None, "it was just opened"
        return self._connection.execute(statement, values)

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""
        if self._connection is None:
            self._connect()
        return self._ledger_id

    def renew(self) -> None:
        """Read from now on what is at the path, if a file was put there, or written over it.

        SQLite would go on with the file that it opened, and with the pages that it has read.
        """
        if self._connection is not None and state_of(self._path) != self._seen:
            self._connection.close()
            self._connection = None

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"sqlite:///{self._path}"

    def size_bytes(self) -> int:
        """Return the bytes that it takes on disk."""
        return size_bytes(self._path)

    def audit(self) -> "SqliteAudit":
        """Return an audit of it: all that is stored, as it is, of one moment."""
        from ledger.storage.sqlite.audit import SqliteAudit

        return SqliteAudit(self._path)

    def back_up(self, path: str, on_progress: Callable[[int], None] | None = None) -> None:
        """Make a file that holds the same ledger, of one moment; it must not be there yet."""
        from ledger.storage.sqlite.backup import back_up

        back_up(self._path, path, on_progress)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
