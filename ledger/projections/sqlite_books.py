"""Books in SQLite: one database of derived tables, in a file beside the log or in memory."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.errors import LedgerBusy
from ledger.projections.books import Books
from ledger.projections.schema import DERIVED, TABLES, VERSION
from ledger.storage.sqlite_connection import begin_immediate, use_wal
from ledger.storage.sqlite_errors import is_busy

_WAIT_SECONDS: Final = 30.0
"""How long one waits for another process that catches the books up."""

_NAP_SECONDS: Final = 0.05

_CACHE_KIBIBYTES: Final = 65_536


class SqliteBooks(Books):
    """The derived tables in one database; one thread uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection to books that `open_books` has made."""
        self._connection = connection

    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return all rows of a query, as tuples."""
        return self._connection.execute(query, parameters).fetchall()

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry out a statement for each row of parameters."""
        self._connection.executemany(statement, rows)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        if rows:
            marks = ",".join("?" * DERIVED[table])
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one snapshot while the block reads."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock; commit when the block ends, undo all when it raises."""
        try:
            begin_immediate(self._connection)
        except sqlite3.OperationalError as error:
            if is_busy(error):
                raise LedgerBusy(
                    "the books are being made by another process: try again"
                ) from error
            raise
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def wipe(self, erasures: int, patience: float = 0) -> bool:
        """Make them anew, empty, for that many erased persons, so that nothing of before is left.

        Returns False where another process still reads what was before, for longer than one has
        patience (seconds).
        """
        with self.writing():
            if self.erasures != erasures:
                ((ledger_id,),) = self.rows("SELECT ledger_id FROM checkpoint")
                _make_tables(self._connection, ledger_id, erasures)
        until = time.monotonic() + patience
        while self._unscrubbed and not _is_scrubbed(self._connection):
            if time.monotonic() > until:
                return False
            time.sleep(_NAP_SECONDS)
        return True

    @property
    def _unscrubbed(self) -> bool:
        """Whether tables were dropped, and their pages may still lie in the files."""
        return bool(self.rows("PRAGMA user_version")[0][0])

    def copy(self) -> "SqliteBooks":
        """Return the same books in a temporary database of their own, which nobody else sees."""
        connection = _connect("")
        self._connection.backup(connection)
        return SqliteBooks(connection)

    def close(self) -> None:
        """Let go of them."""
        self._connection.close()


def open_books(path: Path | None, ledger_id: str) -> SqliteBooks:
    """Return the books at a path, or new ones in memory (None).

    Books of another ledger or of another version are made anew, as is a file that is damaged.
    Raises sqlite3.Error when the path can be neither read nor written.
    """
    if path is None:
        return _made(_connect(":memory:"), ledger_id)
    try:
        return _opened(path, ledger_id)
    except sqlite3.DatabaseError as error:
        if "not a database" not in str(error) and "malformed" not in str(error):
            raise
        delete_books(path)
        return _opened(path, ledger_id)


def temporary_books(ledger_id: str) -> SqliteBooks:
    """Return new books in a temporary file of their own, which is gone once they are closed."""
    return _made(_connect(""), ledger_id)


def empty_books(path: Path) -> None:
    """Throw away what books hold, in place: others may have the file open, and go on using it.

    Only a file that holds no books that can be read is removed.
    """
    try:
        with closing(_connect(str(path))) as connection:
            books = SqliteBooks(connection)
            with books.writing():
                ((ledger_id, version),) = books.rows("SELECT ledger_id, version FROM checkpoint")
                if version == VERSION:  # others are made anew by whoever opens them
                    _make_tables(connection, ledger_id, books.erasures)
    except (sqlite3.DatabaseError, ValueError) as error:
        # Whatever else is wrong may be of the moment; a file in use is never taken from others
        if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
            raise
        delete_books(path)


def delete_books(path: Path) -> None:
    """Remove books and what SQLite keeps beside them."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_SECONDS)
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def _opened(path: Path, ledger_id: str) -> SqliteBooks:
    connection = _connect(str(path))
    try:
        if _is_current(connection, ledger_id):
            return SqliteBooks(connection)
        use_wal(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        return _made(connection, ledger_id)
    except BaseException:
        connection.close()
        raise


def _is_current(connection: sqlite3.Connection, ledger_id: str) -> bool:
    try:
        found = connection.execute("SELECT ledger_id, version FROM checkpoint").fetchone()
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return False
        raise
    return found is not None and tuple(found) == (ledger_id, VERSION)


def _made(connection: sqlite3.Connection, ledger_id: str) -> SqliteBooks:
    """Make every table, in one transaction; another process may have done so meanwhile."""
    books = SqliteBooks(connection)
    with books.writing():
        if not _is_current(connection, ledger_id):
            _make_tables(connection, ledger_id, erasures=0)
    return books


def _make_tables(connection: sqlite3.Connection, ledger_id: str, erasures: int) -> None:
    """Make every table in the place of what is there, in the transaction that is open."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        connection.execute(f'DROP TABLE "{table}"')
    if tables:
        connection.execute("PRAGMA user_version = 1")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(
        "INSERT INTO checkpoint VALUES (?, ?, 0, NULL, ?)", (ledger_id, VERSION, erasures)
    )


def _is_scrubbed(connection: sqlite3.Connection) -> bool:
    """Write what is left into pages of its own, and empty the write-ahead log, if one may now."""
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("VACUUM")
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if not busy:
            connection.execute("PRAGMA user_version = 0")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return False
        raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(_WAIT_SECONDS * 1000)}")
    return not busy
