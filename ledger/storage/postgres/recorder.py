"""The library's recorder on PostgreSQL, with positions, stamps and keys in the same transaction.

Writers take their turn in order of arrival, and then lock the counter's row: so positions are dense
and in the order of commits, and no reader ever sees a gap. Rows go in by COPY. The library's own
insert, which works in psycopg's pipeline mode and notifies a channel, is not used.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from eventsourcing.persistence import (
    IntegrityError,
    Notification,
    StoredEvent,
)
from eventsourcing.postgres import (
    ConnectionPool,
    PostgresApplicationRecorder,
    PostgresDatastore,
)
from psycopg import Cursor
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from ledger.errors import LedgerBusy, LedgerUnreachable
from ledger.proof.leaf import leaf_bytes
from ledger.storage.log import Clock
from ledger.storage.postgres.connection import WRITING, Session, lock_ledger, parameters
from ledger.storage.postgres.errors import WAIT_SECONDS, speaking_of
from ledger.storage.postgres.rows import said
from ledger.storage.recorder import EventColumns, LedgerRecorder, Nodes
from ledger.storage.urls import PostgresUrl

_EVENT_COLUMNS: Final = (
    "position, originator_id, originator_version, topic, state, recorded_at, event_key, is_term"
)
_EVENT_TYPES: Final = ("int8", "text", "int8", "text", "bytea", "int8", "text", "int2")
_NOTIFICATIONS: Final = (
    "SELECT originator_id, originator_version, topic, state, position FROM events"
    " WHERE position BETWEEN %s AND %s AND (%s::text[] IS NULL OR topic = ANY(%s::text[]))"
    " ORDER BY position LIMIT %s"
)
_MOST_CONNECTIONS: Final = 8
"""Of one process to one ledger: each thread that writes has its own."""


class CommitUnknown(Exception):
    """The connection was lost while a transaction was being committed: it was, or it was not."""


class LedgerDatastore(PostgresDatastore):
    """Transactions in the ledger's schema: one that writes has its turn from its first moment."""

    pool: ConnectionPool[Session[DictRow]]  # type: ignore[assignment]

    def __init__(self, url: PostgresUrl) -> None:
        """Take the address of a ledger that is there; nothing is connected yet."""
        super().__init__("", "", "", "", "", schema=url.schema, originator_id_type="text")
        self.url = url
        self.pool.close()
        self.pool = ConnectionPool(
            connection_class=Session[DictRow],
            kwargs={**parameters(url), "row_factory": dict_row, "autocommit": True},
            min_size=0,
            max_size=_MOST_CONNECTIONS,
            open=False,
            configure=lambda made: made.prepare(url),
            check=ConnectionPool.check_connection,
            timeout=WAIT_SECONDS,
            reconnect_timeout=WAIT_SECONDS,
            num_workers=1,
        )

    def register_type_adapters(self) -> None:
        """Do nothing: the library's composite type is not made."""

    @contextmanager
    def transaction(self, *, commit: bool = False) -> Iterator[Cursor[DictRow]]:
        """Give a cursor; commit when the block ends (if asked to), undo all when it raises.

        Raises LedgerBusy when it is not one's turn within the time that we wait.
        """
        with self.pooled() as connection:
            with speaking_of(self.url.shown):
                connection.begin(WRITING, *([lock_ledger(self.url.schema)] if commit else []))
            yield connection.cursor()
            if commit:
                self._commit(connection)

    def _commit(self, connection: Session[DictRow]) -> None:
        try:
            with speaking_of(self.url.shown):
                connection.end()
        except LedgerUnreachable as error:
            if error.__cause__ is None:  # the server has answered: it was rolled back
                raise
            raise CommitUnknown(str(error)) from error

    @contextmanager
    def pooled(self) -> Iterator[Session[DictRow]]:
        """Give a connection of the pool; what is still open when the block ends is undone."""
        connection = self._take()
        try:
            yield connection
        finally:
            connection.undo()
            self.pool.putconn(connection)

    @contextmanager
    def get_connection(self) -> Iterator[Session[DictRow]]:
        """Give a connection with a transaction that only reads, as the library does by itself."""
        with self.pooled() as connection, speaking_of(self.url.shown), connection.reading():
            yield connection

    def _take(self) -> Session[DictRow]:
        try:
            self.pool.open()
            return self.pool.getconn()
        except (PoolTimeout, PoolClosed) as error:
            raise LedgerUnreachable(
                "{where} cannot be reached: check that the server runs, and try again",
                where=self.url.shown,
            ) from error
        except TooManyRequests as error:
            raise LedgerBusy(
                "{where}: too many at once: try again later", where=self.url.shown
            ) from error


class PostgresRecorder(PostgresApplicationRecorder, LedgerRecorder):
    """Inserts events at dense positions. What the library asks for and no more is enough, too."""

    datastore: LedgerDatastore

    def __init__(
        self, datastore: LedgerDatastore, clock: Clock, is_term: Callable[[str], bool]
    ) -> None:
        """Take the schema, the clock, and what tells the topics of terms from those of facts."""
        super().__init__(datastore, events_table_name="events")
        self._clock = clock
        self._is_term = is_term

    def close(self) -> None:
        """Let go of the connections."""
        self.datastore.close()

    def create_table(self) -> None:
        """Do nothing: the tables are made with the ledger (`postgres_schema`)."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Insert events; within the transaction of `cursor=` where it is given.

        `stamp=` is when they are recorded, `keys=` what identifies each of them.
        """
        cursor = kwargs.pop("cursor", None)
        if cursor is not None:
            self._insert(cursor, stored_events, **kwargs)
            return None
        with self.committing() as own:
            return self._insert(own.connection.cursor(row_factory=tuple_row), stored_events)

    def _insert(
        self,
        c: Cursor[TupleRow],
        stored_events: Sequence[StoredEvent],
        *,
        stamp: int | None = None,
        keys: Sequence[str] | None = None,
        **_: Any,
    ) -> Sequence[int]:
        found = c.execute("SELECT last_position, last_recorded_at FROM counter FOR UPDATE")
        head = found.fetchone()
        rows = self._rows(head, stored_events, stamp, keys)
        if rows:
            assert head is not None
            last = rows[-1]
            try:
                nodes = self._copy_events(c, head, rows)
                copy_rows(c, "nodes", "position, hashes", ("int8", "bytea"), nodes)
                c.execute(
                    "UPDATE counter SET last_position = %s, last_recorded_at = %s",
                    (last[0], last[5]),
                )
            except psycopg.IntegrityError as error:
                raise IntegrityError(_without_detail(error)) from error
        return [row[0] for row in rows]

    def _copy_events(
        self, c: Cursor[TupleRow], head: TupleRow, rows: Sequence[EventColumns]
    ) -> Nodes:
        """Add rows of events, and return the pieces of nodes that they add to the tree.

        The server inserts the rows that it has while the leaves of the next ones are made here.
        """

        def ask(statement: str, values: Sequence[Any]) -> list[TupleRow]:
            return c.execute(said(statement), values).fetchall()

        peaks = self._peaks(head, ask)  # nothing can be asked while rows are copied
        with _copying(c, "events", _EVENT_COLUMNS, _EVENT_TYPES) as write:

            def leaves() -> Iterator[bytes]:
                for row in rows:
                    write(row)
                    position, stream, version, topic, state, stamp, _key, _is_term = row
                    yield leaf_bytes(
                        position, stamp, stream.encode(), version, topic.encode(), state
                    )

            return self._grow(peaks, rows, leaves())

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
        last = 2**63 - 1 if stop is None else stop
        among = list(topics) or None
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            found = cursor.execute(_NOTIFICATIONS, (first, last, among, among, limit))
            return [Notification(*row) for row in found.fetchall()]

    def max_notification_id(self) -> int | None:
        """Return the last position, None where there is none."""
        with self.datastore.get_connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            row = cursor.execute("SELECT last_position FROM counter").fetchone()
            return row[0] or None if row is not None else None


def copy_rows(
    c: Cursor[TupleRow],
    table: str,
    columns: str,
    types: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add rows to a table of the session's schema. Raises psycopg.IntegrityError."""
    with _copying(c, table, columns, types) as write:
        for row in rows:
            write(row)


@contextmanager
def _copying(
    c: Cursor[TupleRow], table: str, columns: str, types: Sequence[str]
) -> Iterator[Callable[[Sequence[Any]], None]]:
    """Give what adds one row to a table; all of them are there when the block ends."""
    statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
    with c.copy(statement.encode()) as copy:
        copy.set_types(types)
        yield copy.write_row


def _without_detail(error: psycopg.Error) -> str:
    """Return what a broken constraint is called; the values stay out of messages."""
    return error.diag.constraint_name or error.diag.message_primary or type(error).__name__
