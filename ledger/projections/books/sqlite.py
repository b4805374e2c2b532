"""Books in SQLite: one database of derived tables, in a file beside the log or in memory."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from ledger.errors import BooksDamaged, LedgerBusy
from ledger.projections.books.belonging import Found, found_in
from ledger.projections.books.books import Books, Checkpoint
from ledger.projections.books.lock import Hold
from ledger.projections.books.tables import DERIVED, TABLES, VERSION
from ledger.storage.log import Head
from ledger.storage.sqlite.connection import begin_immediate, use_wal
from ledger.storage.sqlite.errors import is_busy, kind_of

_WAIT_SECONDS: Final = 30.0
"""How long one waits for another process that catches the books up."""

_NAP_SECONDS: Final = 0.05

_CACHE_KIBIBYTES: Final = 65_536

_CHECKPOINT_PAGES: Final = 8_000
"""Pages of the write-ahead log (4 KiB each) after which they are written into the file."""

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SqliteBooks(Books):
    """The derived tables in one database; one thread uses it."""

    def __init__(self, connection: sqlite3.Connection, hold: Hold | None = None) -> None:
        """Take a connection to books that `open_books` has made, and the hold on their file."""
        self._connection = connection
        self._hold = hold

    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return all rows of a query, as tuples."""
        with _whole():
            return self._connection.execute(query, parameters).fetchall()

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry out a statement for each row of parameters."""
        with _whole():
            self._connection.executemany(statement, rows)

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a derived table."""
        if rows:
            self.write(f"INSERT INTO {table} VALUES ({','.join('?' * DERIVED[table])})", rows)

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
            with _whole():
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
        with _whole():
            self._connection.commit()

    def wipe(self, stale: Checkpoint, erased: bytes, *, lost: bool = False) -> None:
        """Empty them, unless another process has done so, or moved them on, since `stale`."""
        with self.writing():
            if self.checkpoint == stale:
                ((ledger_id,),) = self.rows("SELECT ledger_id FROM checkpoint")
                _make_tables(self, ledger_id, erased, stale.head if lost else self.discarded)

    def scrub(self, patience: float = 0) -> bool:
        """Remove what was wiped from the disk.

        Returns False if another process still reads it after `patience` seconds.
        """
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
        with _whole():
            self._connection.backup(connection)
        return SqliteBooks(connection)

    def close(self) -> None:
        """Let go of them."""
        self._connection.close()
        if self._hold is not None:
            self._hold.close()


def open_books(path: Path | None, ledger_id: str) -> SqliteBooks:
    """Return the books at a path, or new ones in memory (None).

    Books of another ledger or of another version are made anew, as is a file that is damaged.
    Raises one of `books.REFUSED` when the path can be neither read nor written, and BooksDamaged
    when others use the damaged file.
    """
    if path is None:
        return _made(SqliteBooks(_connect(":memory:")), ledger_id)
    hold = Hold(path)
    try:
        try:
            return _opened(path, ledger_id, hold)
        except BooksDamaged:
            if not hold.remove():
                raise
            return _opened(path, ledger_id, hold)
    except BaseException:
        hold.close()
        raise


def look_at(path: Path) -> Found:
    """Return what the books in a file are, without making any. Raises what `open_books` does."""
    hold = Hold(path)
    try:
        where = f"{path.absolute().as_uri()}?mode=rw"
        books = SqliteBooks(sqlite3.connect(where, uri=True, isolation_level=None), hold)
    except BaseException:
        hold.close()
        raise
    with closing(books):
        return found_in(books, path.stat().st_size)


def temporary_books(ledger_id: str) -> SqliteBooks:
    """Return new books in a temporary file of their own, which is gone once they are closed."""
    return _made(SqliteBooks(_connect("")), ledger_id)


def discard_books(path: Path) -> None:
    """Throw away what books hold: the file, or, where others go on using it, what is in it.

    Raises what `open_books` does.
    """
    with closing(Hold(path)) as hold:
        if hold.remove():
            return
        with closing(SqliteBooks(_connect(str(path)))) as books, books.writing():
            found = _identity(books)
            if found is not None and found.version == VERSION:
                _make_tables(books, found.ledger_id, books.checkpoint.erased)
            # Others are made anew by whoever opens them


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_SECONDS)
    try:
        with _whole():
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
            connection.execute("PRAGMA temp_store = MEMORY")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(path: Path, ledger_id: str, hold: Hold) -> SqliteBooks:
    connection = _connect(str(path))
    try:
        books = SqliteBooks(connection, hold)
        if _identity(books) == (ledger_id, VERSION):
            return books
        with _whole():
            use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        return _made(books, ledger_id)
    except BaseException:
        connection.close()
        raise


class _Identity(NamedTuple):
    """Whose books they are, and of which version."""

    ledger_id: str
    version: int


def _identity(books: SqliteBooks) -> _Identity | None:
    """Return what books are; None where they are not made yet, or of a time before versions."""
    try:
        found = books.rows("SELECT ledger_id, version FROM checkpoint")
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return None
        raise
    return _Identity(*found[0]) if found else None


def _made(books: SqliteBooks, ledger_id: str) -> SqliteBooks:
    """Make every table, in one transaction; another process may have done so meanwhile."""
    with books.writing():
        found = _identity(books)
        if found != (ledger_id, VERSION):
            known = found is not None and found.version == VERSION
            _make_tables(books, ledger_id, discarded=books.checkpoint.head if known else None)
    return books


def _make_tables(
    books: SqliteBooks, ledger_id: str, erased: bytes = b"", discarded: Head | None = None
) -> None:
    """Make every table in the place of what is there, in the transaction that is open."""
    tables = books.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    for (table,) in tables:
        books.rows(f'DROP TABLE "{table}"')
    if tables:
        books.rows("PRAGMA user_version = 1")
    for statement in TABLES:
        books.rows(statement)
    first = (ledger_id, VERSION, 0, None, b"", erased)
    books.write("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)", [first])
    books.write("INSERT INTO discarded VALUES (?, ?)", [] if discarded is None else [discarded])


@contextmanager
def _whole() -> Iterator[None]:
    """Raise BooksDamaged where SQLite finds in the block that the file is not whole."""
    try:
        yield
    except UnicodeDecodeError as error:  # SQLite says what is malformed in its own, damaged words
        raise BooksDamaged from error
    except sqlite3.DatabaseError as error:
        if kind_of(error) in _DAMAGE:
            raise BooksDamaged from error
        raise


def _is_scrubbed(connection: sqlite3.Connection) -> bool:
    """Write what is left into pages of its own, and empty the write-ahead log, if one may now."""
    try:
        with _whole():
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
