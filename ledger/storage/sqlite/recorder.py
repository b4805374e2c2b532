"""The library's recorder on SQLite, with positions, stamps and keys in the same transaction.

Positions come from a counter row, so that none is ever used again; rows go in by `executemany`;
a transaction that writes takes the write lock before it reads.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from ledger.errors import LedgerBusy
from ledger.proof.leaf import leaf_bytes
from ledger.storage.log import Clock
from ledger.storage.recorder import EventColumns, LedgerRecorder
from ledger.storage.sqlite.connection import begin_immediate, connect_writer
from ledger.storage.sqlite.errors import WAIT_SECONDS, speaking_of

_INSERT: Final = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_NOTIFICATIONS: Final = (
    "SELECT originator_id, originator_version, topic, state, position FROM events "
    "WHERE position BETWEEN ? AND ? "
)


class LedgerPool(SQLiteConnectionPool):
    """The library's pool, of connections made our way."""

    def _create_connection(self) -> SQLiteConnection:
        connection = connect_writer(self.db_name)
        connection.row_factory = sqlite3.Row
        return SQLiteConnection(connection, max_age=self.max_age)


class LedgerDatastore(SQLiteDatastore):
    """Transactions on the ledger's file: one that writes has the lock from its first moment."""

    def __init__(self, path: str) -> None:
        """Take the path of a file that is a ledger."""
        super().__init__(path, originator_id_type="text")
        self.path = path
        self.pool.close()
        self.pool = LedgerPool(db_name=path, pool_timeout=WAIT_SECONDS)

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Give a cursor; commit when the block ends (if asked to), undo all when it raises.

        Raises LedgerBusy when the write lock is not to be had within the time that we wait.
        """
        with speaking_of(self.path):
            pooled = self._take()
        cursor = pooled.cursor().sqlite_cursor
        connection = cursor.connection
        try:
            with speaking_of(self.path):
                if commit:
                    begin_immediate(connection)
                else:
                    connection.execute("BEGIN")
            yield SQLiteCursor(cursor)
            if commit:
                with speaking_of(self.path):
                    connection.commit()
        finally:
            # A statement that is still open would keep the file open after its connection is closed
            cursor.close()
            connection.rollback()
            self.pool.put_connection(pooled)

    def _take(self) -> SQLiteConnection:
        try:
            return self.pool.get_connection()
        except TimeoutError as error:
            raise LedgerBusy(
                "{where}: too many at once: try again later", where=self.path
            ) from error


class SqliteRecorder(SQLiteApplicationRecorder, LedgerRecorder):
    """Inserts events at dense positions. What the library asks for and no more is enough, too."""

    def __init__(
        self, datastore: LedgerDatastore, clock: Clock, is_term: Callable[[str], bool]
    ) -> None:
        """Take the file, the clock, and what tells the topics of terms from those of facts."""
        super().__init__(datastore, events_table_name="events")
        self._clock = clock
        self._is_term = is_term

    def close(self) -> None:
        """Let go of the file."""
        self.datastore.close()

    def construct_create_table_statements(self) -> list[str]:
        """Return nothing: the tables are made with the ledger (`sqlite_schema`)."""
        return []

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Insert events; within the transaction of `cursor=` where it is given.

        `stamp=` is when they are recorded, `keys=` what identifies each of them.
        """
        cursor = kwargs.pop("cursor", None)
        if cursor is not None:
            self._insert_events(cursor, stored_events, **kwargs)
            return None
        with self.committing() as own:
            return self._insert_events(own, stored_events, **kwargs)

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        stamp: int | None = None,
        keys: Sequence[str] | None = None,
        **_: Any,
    ) -> Sequence[int]:
        c.execute("SELECT last_position, last_recorded_at FROM counter")
        head = c.fetchone()
        rows = self._rows(head, stored_events, stamp, keys)
        if rows:
            last = rows[-1]
            try:
                c.executemany(_INSERT, rows)
                nodes = self._grow(self._peaks(head, partial(_asked, c)), rows, _leaves(rows))
                c.executemany("INSERT INTO nodes VALUES (?, ?)", nodes)
                c.execute(
                    "UPDATE counter SET last_position = ?, last_recorded_at = ?", (last[0], last[5])
                )
            except sqlite3.IntegrityError as error:
                raise IntegrityError(error) from error
        return [row[0] for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return the events from a position on, by position."""
        first = 1 if start is None else start + (not inclusive_of_start)
        among = f"AND topic IN ({','.join('?' * len(topics))}) " if topics else ""
        last = 2**63 - 1 if stop is None else stop
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                f"{_NOTIFICATIONS}{among}ORDER BY position LIMIT ?", (first, last, *topics, limit)
            )
            return [Notification(*row) for row in c.fetchall()]

    def max_notification_id(self) -> int | None:  # type: ignore[override]
        """Return the last position, None where there is none."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT last_position FROM counter")
            return c.fetchone()[0] or None


def _asked(c: SQLiteCursor, statement: str, values: Sequence[Any]) -> list[Any]:
    c.execute(statement, values)
    return list(c.fetchall())


def _leaves(rows: Sequence[EventColumns]) -> Iterator[bytes]:
    """Return the leaves of rows, made field by field: that is the quickest."""
    positions, streams, versions, topics, states, stamps, _keys, _terms = zip(*rows, strict=True)
    return map(
        leaf_bytes,
        positions,
        stamps,
        map(str.encode, streams),
        versions,
        map(str.encode, topics),
        states,
    )
