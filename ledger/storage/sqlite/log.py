"""A ledger in SQLite that can be written: one transaction at a time, on the file's write lock."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from ledger.errors import LedgerReplaced, LedgerTrouble
from ledger.storage.database.rows import EVENTS
from ledger.storage.log import Key, Randomness, StoredRow, Writer
from ledger.storage.sqlite.connection import begin_immediate, connect_writer, state_of
from ledger.storage.sqlite.errors import speaking_of
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.sqlite.recorder import LedgerDatastore, SqliteRecorder
from ledger.storage.sqlite.schema import make_tables
from ledger.storage.sqlite.vault import SqliteVaultWriter, merge, scrub
from ledger.storage.writer import Means, WritableLog


class SqliteWriter(SqliteVaultWriter):
    """The one transaction that holds the write lock."""

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        self._live()
        return cast("sqlite3.Cursor", self._cursor.execute(statement, values))

    def _add(self, table: str, row: Mapping[str, Any]) -> int:
        return cast("int", self._insert(table, row).lastrowid)

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        positions = dict(
            self._among("SELECT event_key, position FROM events WHERE event_key", keys)
        )
        rows = self._among(f"{EVENTS}WHERE position", positions.values())
        by_position = {row[0]: StoredRow._make(row) for row in rows}
        return {key: by_position[position] for key, position in positions.items()}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._many(
            "INSERT INTO homes VALUES (?, ?) "
            "ON CONFLICT (subject) DO UPDATE SET stream = excluded.stream",
            list(homes.items()),
        )


class SqliteLog(SqliteReader, WritableLog):
    """The file of a ledger, to read and to write."""

    def __init__(self, path: str, means: Means, *, created: bool = False) -> None:
        """Open the file. Raises the errors of a ledger that cannot be used."""
        SqliteReader.__init__(self, path)
        WritableLog.__init__(self, means, created=created)
        self._unmerged = False

    def _make_recorder(self) -> SqliteRecorder:
        datastore = LedgerDatastore(self._path)
        return SqliteRecorder(datastore, self.means.clock, self.means.codec.is_term)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises."""
        recorder = cast("SqliteRecorder", self.application.recorder)
        with recorder.committing() as wrapped:
            cursor = wrapped.sqlite_cursor
            cursor.row_factory = None
            writer = SqliteWriter(self, self._shown, cursor)
            try:
                yield writer
                writer.finish()
                self._assert_there()
            finally:
                writer.die()
        self._unmerged = True

    def _is_there(self) -> bool:
        """Return whether the file that was opened is still the one at the path."""
        return self._seen is not None and self._seen.is_file_of(state_of(self._path))

    def _assert_there(self) -> None:
        """Raise LedgerReplaced where what would be committed would go to a file without a name."""
        if not self._is_there():
            raise LedgerReplaced(
                "{where} was replaced or removed while it was written, and nothing of the last"
                " transaction was recorded: put it there while nothing uses it, and give the same"
                " command again",
                where=self._path,
            )

    def renew(self) -> None:
        """Read and write from now on what is at the path, if something else was put there."""
        super().renew()
        self._unmerged = False
        if self._connection is None:
            self._close_application()

    def merge(self) -> None:
        """Move the write-ahead log into the file, if nobody is in the way.

        A copy that is put over the file would otherwise find newer pages beside it, and SQLite
        would mix the two.
        """
        if self._unmerged and self._is_there():
            self._unmerged = False
            alone = state_of(self._path) == self._seen
            with suppress(LedgerTrouble):
                merge(self._path)
            if alone:  # what has changed was changed here
                self._seen = state_of(self._path)

    def scrub(self) -> bool:
        """Take off the disk what was overwritten or removed; return whether none of it is left."""
        return scrub(self._path)

    def close(self) -> None:
        """Let go of the file."""
        self._close_application()
        super().close()


def create_sqlite(path: str, randomness: Randomness) -> bool:
    """Make a ledger at the path; return False where one has been made in the meantime."""
    with speaking_of(path):
        connection = connect_writer(path, create=True)
        try:
            begin_immediate(connection)
            if _is_empty(connection.execute("SELECT count(*) FROM sqlite_master")):
                make_tables(connection, randomness(16).hex())
                connection.commit()
                return True
            return False
        finally:
            connection.rollback()
            connection.close()


def _is_empty(counted: Iterable[tuple[int]]) -> bool:
    return all(number == 0 for (number,) in counted)
