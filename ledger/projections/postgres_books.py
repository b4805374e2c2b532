"""Books on PostgreSQL: the derived tables in the schema of the ledger, to be dropped at will.

One pool of connections serves the whole process. The tables are marked by their comment, so that
nobody takes them for a part of the ledger.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from psycopg import Connection as DriverConnection
from psycopg import Error as DriverError
from psycopg.types.numeric import NumericLoader
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from ledger.errors import LedgerFull, LedgerReadOnly
from ledger.projections.books import Books, BooksRefused
from ledger.projections.postgres_phrases import (
    bulk,
    columns_of,
    escaped,
    made,
    said,
    table_of,
    texts_in,
    unescaped,
)
from ledger.projections.schema import TABLES, VERSION
from ledger.projections.sqlite_books import SqliteBooks, open_books
from ledger.storage.postgres_connection import connect, lock_books
from ledger.storage.postgres_errors import is_bug, translated
from ledger.storage.postgres_schema import BOOKS_COMMENT
from ledger.storage.urls import PostgresUrl

_POOLED: Final = 2
"""Connections that a process keeps; as many more are opened where they are needed."""

_ROWS_AT_A_TIME: Final = 10_000

_THERE: Final = "42P07"
"""A table by that name, which is not of the books, is there already."""

_ESCAPES: Final = "CREATE TABLE escapes (one bigint PRIMARY KEY)"
"""Has a row where a text of the books holds what PostgreSQL cannot (`postgres_phrases.escaped`)."""

_LOCK: Final = "LOCK TABLE checkpoint IN"
"""Whoever locks tables of the books locks this one first: so no two wait for each other."""

_OURS: Final = """SELECT c.oid, quote_ident(c.relname) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' AND obj_description(c.oid, 'pg_class') = %s"""


class _Whole(NumericLoader):
    """Reads a sum as the whole number that it is, as SQLite does."""

    def load(self, data: Any) -> Any:
        found = super().load(data)
        return int(found) if found == found.to_integral_value() else found


@cache
def _engine(url: PostgresUrl) -> Engine:
    def connected() -> DriverConnection[Any]:
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


class PostgresBooks(Books):
    """The derived tables in the ledger's schema."""

    def __init__(self, url: PostgresUrl, ledger_id: str) -> None:
        """Take the address; `open_postgres_books` sees to it that the tables are there."""
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
                with self._engine.connect() as connection:
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
            if cause.sqlstate == _THERE:
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
            for row in rows:
                connection.exec_driver_sql(said(statement), _safe(row))

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        if rows:
            self._copy_in(table, columns_of()[table], rows)

    def _copy_in(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connected() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            escapes = _is_unsafe("".join([v for row in rows for v in row if type(v) is str]))
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row([_escaped(value) for value in row] if escapes else row)
            if escapes:
                self._escapes = True
                connection.exec_driver_sql("INSERT INTO escapes VALUES (1) ON CONFLICT DO NOTHING")

    @contextmanager
    def _transaction(self, *begun: Any, ended: str) -> Iterator[None]:
        with self._speaking(), self._engine.connect() as connection:
            for statement in begun:
                connection.exec_driver_sql(statement)
            self._held, self._escapes = connection, None
            try:
                yield
                connection.exec_driver_sql(ended)
            finally:
                self._held = None
                connection.rollback()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one snapshot while the block reads."""
        if self._held is not None:
            yield
            return
        # The lock comes before the snapshot: who makes the tables anew waits for those who read
        # them, and a reader never has a snapshot of before and tables of after.
        begun = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f"{_LOCK} ACCESS SHARE MODE")
        with self._transaction(*begun, ended="ROLLBACK"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; commit when the block ends, undo all when it raises."""
        assert self._held is None, "one transaction is open already"
        lock = lock_books(self._url.schema).as_string(None)
        begun = ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", lock)
        with self._transaction(*begun, ended="COMMIT"):
            yield

    def copy(self) -> SqliteBooks:
        """Return the same books in memory, in SQLite, which nobody else sees."""
        books = open_books(None, self._ledger_id)
        with self.reading(), books.writing():
            for table in columns_of():
                columns = columns_of()[table]
                marks = ",".join("?" * (columns.count(",") + 1))
                books.write(f"DELETE FROM {table} WHERE 1 = ?", [(1,)])
                for rows in self._in_pieces(f"SELECT {columns} FROM {table}"):
                    books.write(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        return books

    def _in_pieces(self, query: str) -> Iterator[list[Any]]:
        """Yield all rows of a query, some at a time."""
        with self._connected() as connection:
            escapes = self._has_escapes(connection)
            driver = connection.connection.driver_connection
            assert driver is not None
            with driver.cursor("pieces") as cursor:
                cursor.execute(query)
                while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
                    yield [tuple(map(_restored, row)) for row in rows] if escapes else rows

    def make(self) -> None:
        """Make the tables where they are not there, or of another ledger or version."""
        if self._is_current():
            return
        with self.writing():
            if not self._is_current():
                self._make_tables(erasures=0)

    def _make_tables(self, erasures: int) -> None:
        """Make every table in the place of what is there, in the transaction that is open."""
        self._drop()
        for statement in (*TABLES, _ESCAPES):
            self._define(made(statement))
            name = table_of(statement)
            if name is not None:
                self._define(f"COMMENT ON TABLE {name} IS '{BOOKS_COMMENT}'")
                for column in texts_in(statement):
                    self._define(f"ALTER TABLE {name} ALTER {column} SET STATISTICS 0")
        first = (self._ledger_id, VERSION, 0, None, erasures)
        self.write("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?)", [first])

    def wipe(self, erasures: int, patience: float = 0) -> bool:
        """Make them anew, empty, for that many erased persons; the files of before are removed.

        Raises LedgerBusy where another process reads what was before, for longer than one waits for
        a lock. With no patience it is the next one who makes them anew.
        """
        del patience
        with self.writing():
            if self.erasures != erasures:
                self._make_tables(erasures)
        return True

    def _define(self, statement: str) -> None:
        with self._connected() as connection:
            connection.exec_driver_sql(statement)

    def _is_current(self) -> bool:
        ((there,),) = self.rows("SELECT to_regclass('checkpoint') IS NOT NULL")
        if not there:
            return False
        return self.rows("SELECT ledger_id, version FROM checkpoint") == [
            (self._ledger_id, VERSION)
        ]

    def _tables(self) -> list[Any]:
        with self._connected() as connection:
            found = connection.exec_driver_sql(_OURS, (self._url.schema, BOOKS_COMMENT))
            return list(found.fetchall())

    def empty(self) -> None:
        """Throw away what they hold, where there are any; others go on with the new ones.

        Raises BooksRefused to one who may not.
        """
        with self.writing():
            if self._tables():
                ((self._ledger_id, version),) = self.rows(
                    "SELECT ledger_id, version FROM checkpoint"
                )
                if version == VERSION:  # others are made anew by whoever opens them
                    self._make_tables(self.erasures)

    def _drop(self) -> None:
        """Drop the tables, in the transaction that is open."""
        names = [name for _, name in self._tables()]
        if "checkpoint" in names:
            self._define(f"{_LOCK} ACCESS EXCLUSIVE MODE")
        for name in names:
            self._define(f"DROP TABLE {name}")

    def size_bytes(self) -> int:
        """Return the bytes that the tables and their indexes take on the server's disk."""
        numbers = [number for number, _ in self._tables()]
        with self._connected() as connection:
            return int(
                connection.exec_driver_sql(
                    "SELECT coalesce(sum(pg_total_relation_size(each::regclass)), 0)"
                    " FROM unnest(%s::oid[]) AS each",
                    (numbers,),
                ).scalar_one()
            )

    def close(self) -> None:
        """Let go of the connections; others of the process may go on using the pool."""
        self._engine.dispose(close=True)


def open_postgres_books(url: PostgresUrl, ledger_id: str) -> PostgresBooks:
    """Return the books of a ledger, made anew where they are of another ledger or version.

    Raises BooksRefused where they can be neither read nor made.
    """
    books = PostgresBooks(url, ledger_id)
    try:
        books.make()
    except BaseException:
        books.close()
        raise
    return books


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
