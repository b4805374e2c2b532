"""Books on PostgreSQL: the derived tables in the schema of the ledger, to be dropped at will.

The tables are marked by their comment, so that nobody takes them for a part of the ledger.
"""

from typing import Any, Final

from ledger.projections.books.books import Checkpoint
from ledger.projections.books.postgres.phrases import columns_of, made, table_of, texts_in
from ledger.projections.books.postgres.tables import LOCK, PostgresTables
from ledger.projections.books.sqlite import SqliteBooks, open_books
from ledger.projections.books.tables import TABLES, VERSION
from ledger.storage.log import Head
from ledger.storage.postgres.schema import BOOKS_COMMENT
from ledger.storage.urls import PostgresUrl

_ESCAPES: Final = "CREATE TABLE escapes (one bigint PRIMARY KEY)"
"""Has a row where a text of the books holds what PostgreSQL cannot (`postgres_phrases.escaped`)."""

_OURS: Final = """SELECT c.oid, quote_ident(c.relname) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' AND obj_description(c.oid, 'pg_class') = %s"""


class PostgresBooks(PostgresTables):
    """The derived tables in the ledger's schema, and how they are made and thrown away."""

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

    def make(self) -> None:
        """Make the tables where they are not there, or of another ledger or version."""
        wanted = (self._ledger_id, VERSION)
        if self._identity() == wanted:
            return
        with self.writing():
            found = self._identity()
            if found != wanted:
                known = found is not None and found[1] == VERSION
                self._make_tables(discarded=self.checkpoint.head if known else None)

    def _make_tables(self, erased: bytes = b"", discarded: Head | None = None) -> None:
        """Make every table in the place of what is there, in the transaction that is open."""
        self._drop()
        for statement in (*TABLES, _ESCAPES):
            self._define(made(statement))
            name = table_of(statement)
            if name is not None:
                self._define(f"COMMENT ON TABLE {name} IS '{BOOKS_COMMENT}'")
                for column in texts_in(statement):
                    self._define(f"ALTER TABLE {name} ALTER {column} SET STATISTICS 0")
        first = (self._ledger_id, VERSION, 0, None, b"", erased)
        self.write("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)", [first])
        self.write("INSERT INTO discarded VALUES (?, ?)", [discarded] if discarded else [])

    def wipe(self, stale: Checkpoint, erased: bytes, *, lost: bool = False) -> None:
        """Empty them, unless another process has done so, or moved them on, since `stale`.

        Raises LedgerBusy where another process reads what was before, for longer than one waits for
        a lock.
        """
        with self.writing():
            if self.checkpoint == stale:
                self._make_tables(erased, stale.head if lost else self.discarded)

    def scrub(self, patience: float = 0) -> bool:
        """Return True: the files of tables that were dropped are removed by the server."""
        del patience
        return True

    def _identity(self) -> tuple[str, int] | None:
        """Return of which ledger and version the tables are; None where there are none."""
        ((there,),) = self.rows("SELECT to_regclass('checkpoint') IS NOT NULL")
        found = self.rows("SELECT ledger_id, version FROM checkpoint") if there else []
        return tuple(found[0]) if found else None

    def _tables(self) -> list[Any]:
        with self._connected() as connection:
            found = connection.exec_driver_sql(_OURS, (self._url.schema, BOOKS_COMMENT))
            return list(found.fetchall())

    def empty(self) -> None:
        """Throw away what they hold, where there are any; others go on with the new ones.

        Raises BooksRefused to one who may not.
        """
        if not self._tables():  # nor, it may be, a schema whose books could be locked
            return
        with self.writing():
            if self._tables():
                ((self._ledger_id, version),) = self.rows(
                    "SELECT ledger_id, version FROM checkpoint"
                )
                if version == VERSION:  # others are made anew by whoever opens them
                    self._make_tables(self.checkpoint.erased)

    def _drop(self) -> None:
        """Drop the tables, in the transaction that is open."""
        names = [name for _, name in self._tables()]
        if "checkpoint" in names:
            self._define(f"{LOCK} ACCESS EXCLUSIVE MODE")
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
