"""Shelves: where the books of a ledger are kept, and how they are taken down and thrown away."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

from ledger.errors import LedgerReadOnly
from ledger.projections.books import Books, BooksRefused
from ledger.projections.holding import Hold
from ledger.projections.sqlite_books import discard_books, open_books
from ledger.storage.urls import PostgresUrl, SqliteUrl, parse_url

_SUFFIX: Final = "-books"
"""What is added to the name of a ledger's file for the file of its books."""


class Shelf(Protocol):
    """The place of one ledger's books."""

    def open(self, ledger_id: str) -> Books:
        """Return the books, made anew where they are of another ledger or version.

        Raises one of `books.REFUSED` where they can be neither read nor made, and BooksDamaged
        where others use what is damaged.
        """

    def is_empty(self) -> bool:
        """Return whether no books are there."""

    def discard(self) -> None:
        """Throw the books away.

        Raises one of `books.REFUSED` where that cannot be done, and BooksDamaged where others use
        them and they cannot be emptied.
        """

    def assert_wipeable(self) -> None:
        """Raise LedgerReadOnly where what books hold could not be overwritten."""

    def state(self) -> dict[str, object]:
        """Return how far they have come, and how large they are; nothing is made for it."""


class Nowhere:
    """Books that nothing is kept of: they are in memory, and gone when they are closed."""

    def open(self, ledger_id: str) -> Books:
        """Return new books."""
        return open_books(None, ledger_id)

    def is_empty(self) -> bool:
        """Return True: nothing is kept."""
        return True

    def discard(self) -> None:
        """Do nothing."""

    def assert_wipeable(self) -> None:
        """Do nothing."""

    def state(self) -> dict[str, object]:
        """Return that there are none."""
        return {"position": 0, "size_bytes": 0}


class File:
    """Books in a file beside that of the ledger."""

    def __init__(self, path: Path) -> None:
        """Take the path of the books."""
        self._path = path

    def open(self, ledger_id: str) -> Books:
        """Return the books in the file."""
        return open_books(self._path, ledger_id)

    def is_empty(self) -> bool:
        """Return whether there is no file."""
        return not self._path.exists()

    def discard(self) -> None:
        """Remove the file, or empty it where others use it."""
        if self._path.exists():
            discard_books(self._path)

    def assert_wipeable(self) -> None:
        """Raise LedgerReadOnly where the file, or one beside it, could not be written."""
        if self._path.exists():
            for path in (self._path, self._path.parent):
                if not os.access(path, os.W_OK):
                    raise LedgerReadOnly(
                        "{where} cannot be written, and the books have names in clear: ask for"
                        " the right, or remove the books; nothing was written",
                        where=path,
                    )

    def state(self) -> dict[str, object]:
        """Return how far they have come; they may not be there, or be of another version."""
        nothing: dict[str, object] = {"position": 0, "size_bytes": 0}
        if not self._path.exists():
            return nothing
        where = f"{self._path.absolute().as_uri()}?mode=rw"
        try:
            with closing(Hold(self._path)), closing(sqlite3.connect(where, uri=True)) as connection:
                (position,) = connection.execute("SELECT position FROM checkpoint").fetchone()
        except (BooksRefused, sqlite3.Error):
            return nothing
        return {"position": position, "size_bytes": self._path.stat().st_size}


class Schema:
    """Books in the schema of a ledger on PostgreSQL."""

    def __init__(self, url: PostgresUrl) -> None:
        """Take the address of the ledger."""
        self._url = url

    def open(self, ledger_id: str) -> Books:
        """Return the books in the schema."""
        from ledger.projections.postgres_books import open_postgres_books

        return open_postgres_books(self._url, ledger_id)

    def is_empty(self) -> bool:
        """Return whether the schema has no tables of books."""
        return self.state()["size_bytes"] == 0

    def discard(self) -> None:
        """Empty the tables of the books. Raises BooksRefused to one who may not."""
        from ledger.projections.postgres_books import PostgresBooks

        books = PostgresBooks(self._url, "")
        try:
            books.empty()
        finally:
            books.close()

    def assert_wipeable(self) -> None:
        """Do nothing: the log looks at whose tables there are in its schema."""

    def state(self) -> dict[str, object]:
        """Return how far they have come; they may not be there, or not for this user."""
        from ledger.projections.postgres_books import PostgresBooks

        books = PostgresBooks(self._url, "")
        try:
            size = books.size_bytes()
            position = books.checkpoint.position if size else 0
        except BooksRefused:
            return {"position": 0, "size_bytes": 0}
        finally:
            books.close()
        return {"position": position, "size_bytes": size}


def shelf_of(url: str) -> Shelf:
    """Return where the books of a ledger are kept."""
    where = parse_url(url)
    if isinstance(where, SqliteUrl):
        return File(Path(f"{where.path}{_SUFFIX}"))
    return Schema(where) if isinstance(where, PostgresUrl) else Nowhere()
