"""The tables of books on PostgreSQL: what is read of them and written into them, in transactions.

One pool of connections serves the whole process. Statements come as SQLite has them
(`ledger.projections.books.books.Books`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Final

from psycopg import Error as DriverError
from psycopg.types.numeric import NumericLoader
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerFull, LedgerReadOnly
from ledger.projections.books.books import Books, BooksRefused
from ledger.projections.books.postgres.phrases import bulk, columns_of, escaped, said, unescaped
from ledger.storage.postgres.connection import (
    SNAPSHOT,
    Session,
    connect,
    lock_books,
    sharing,
)
from ledger.storage.postgres.errors import is_bug, translated
from ledger.storage.urls import PostgresUrl

_POOLED: Final = 2
"""Connections that a process keeps; as many more are opened where they are needed."""

_ROWS_AT_A_TIME: Final = 10_000

_Begun = Callable[[Session[Any]], AbstractContextManager[None]]
"""Begins a transaction of a session, which ends with the block."""

_NO_BOOKS: Final = frozenset({"42P07", "42P01", "42703"})
"""A table by that name is there, which is not of the books; or one was dropped, or is of another
version, while this process used it."""

LOCK: Final = "LOCK TABLE checkpoint IN"
"""Whoever locks tables of the books locks this one first: so no two wait for each other."""


class _Whole(NumericLoader):
    """Reads a sum as the whole number that it is, as SQLite does."""

    def load(self, data: Any) -> Any:
        found = super().load(data)
        return int(found) if found == found.to_integral_value() else found


@cache
def _engine(url: PostgresUrl) -> Engine:
    def connected() -> Session[Any]:
        connection = connect(url)
        connection.adapters.register_loader("numeric", _Whole)
        return connection

    return create_engine(
        "postgresql+psycopg://",
        creator=connected,
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended by name
        pool_size=_POOLED,
        max_overflow=_POOLED,
        pool_pre_ping=True,
        use_native_hstore=False,
    )


class PostgresTables(Books):
    """Reads and writes the derived tables in the schema of a ledger."""

    def __init__(self, url: PostgresUrl, ledger_id: str) -> None:
        """Take the address of the ledger, and what names it."""
        self._url = url
        self._ledger_id = ledger_id
        self._engine = _engine(url)
        self._held: Connection | None = None
        self._escapes: bool | None = None

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give the connection of the open transaction, else one for the block alone."""
        with self._speaking():
            if self._held is not None:
                yield self._held
            else:
                with self._engine.connect() as connection, _session(connection).reading():
                    yield connection

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what PostgreSQL raises into our errors."""
        try:
            yield
        except (DBAPIError, DriverError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            if not isinstance(cause, DriverError):
                raise
            if cause.sqlstate in _NO_BOOKS:
                raise BooksRefused(str(cause)) from error
            if is_bug(cause):
                raise
            ours = translated(cause, self._url.shown)
            if isinstance(ours, LedgerReadOnly | LedgerFull):
                raise BooksRefused(str(ours)) from error
            raise ours from error

    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return all rows of a query, as tuples."""
        with self._connected() as connection:
            found = connection.exec_driver_sql(said(query), _safe(parameters))
            if not found.returns_rows:
                return []
            assert found.cursor is not None
            rows: list[Any] = list(found.cursor.fetchall())
            found.close()
            if rows and self._has_escapes(connection):
                rows = [tuple(map(_restored, row)) for row in rows]
        return rows

    def _has_escapes(self, connection: Connection) -> bool:
        """Return whether a text may hold an escape; one look is enough for a transaction."""
        if self._held is None or self._escapes is None:
            found = connection.exec_driver_sql("SELECT to_regclass('escapes') IS NOT NULL")
            self._escapes = bool(found.scalar()) and bool(
                connection.exec_driver_sql("SELECT 1 FROM escapes").fetchone()
            )
        return self._escapes

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry out a statement for each row of parameters."""
        if not rows:
            return
        at_once = bulk(statement)
        if at_once is not None and at_once.kind == "copy":
            self._copy_in(at_once.table, at_once.columns, rows)
            return
        with self._connected() as connection:
            if at_once is not None:
                some = f"DELETE FROM {at_once.table} WHERE {at_once.columns} = ANY(%s)"
                connection.exec_driver_sql(some, ([value for (value,) in rows],))
                return
            connection.exec_driver_sql(said(statement), list(map(_safe, rows)))

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        if rows:
            self._copy_in(table, columns_of()[table], rows)

    def _copy_in(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connected() as connection:
            driver = _session(connection)
            escapes = _is_unsafe("".join([v for row in rows for v in row if type(v) is str]))
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row([_escaped(value) for value in row] if escapes else row)
            if escapes:
                self._escapes = True
                connection.exec_driver_sql("INSERT INTO escapes VALUES (1) ON CONFLICT DO NOTHING")

    def _in_pieces(self, query: str) -> Iterator[list[Any]]:
        """Yield all rows of a query, some at a time."""
        with self._connected() as connection:
            escapes = self._has_escapes(connection)
            driver = _session(connection)
            with driver.cursor("pieces") as cursor:
                cursor.execute(query)
                while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
                    yield [tuple(map(_restored, row)) for row in rows] if escapes else rows

    def _define(self, statement: str) -> None:
        with self._connected() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def _transaction(self, begun: _Begun) -> Iterator[None]:
        with self._speaking(), self._engine.connect() as connection:
            session = _session(connection)
            with begun(session), sharing(self._url, session):
                self._held, self._escapes = connection, None
                try:
                    yield
                finally:
                    self._held = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one snapshot while the block reads."""
        if self._held is not None:
            yield
            return
        # The lock comes before the snapshot: who makes the tables anew waits for those who read
        # them, and a reader never has a snapshot of before and tables of after.
        lock = f"{LOCK} ACCESS SHARE MODE"
        with self._transaction(lambda session: session.reading(SNAPSHOT, lock)):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; commit when the block ends, undo all when it raises."""
        assert self._held is None, "one transaction is open already"
        lock = lock_books(self._url.schema)
        with self._transaction(lambda session: session.writing(lock)):
            yield

    def close(self) -> None:
        """Let go of the connections; others of the process may go on using the pool."""
        self._engine.dispose(close=True)


def _session(connection: Connection) -> Session[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, Session)
    return driver


def _is_unsafe(text: str) -> bool:
    return "\x00" in text or "\x01" in text


def _escaped(value: Any) -> Any:
    return escaped(value) if type(value) is str and _is_unsafe(value) else value


def _restored(value: Any) -> Any:
    return unescaped(value) if type(value) is str and "\x01" in value else value


def _safe(parameters: Sequence[Any] | Mapping[str, Any]) -> Any:
    """Return parameters as the driver takes them."""
    if isinstance(parameters, Mapping):
        return {name: _escaped(value) for name, value in parameters.items()}
    return tuple(map(_escaped, parameters))
