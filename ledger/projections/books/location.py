"""Shelves: where the books of a ledger are kept, and how they are taken down and thrown away."""

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Protocol

from ledger.errors import BooksDamaged, LedgerReadOnly
from ledger.projections.books.belonging import NOTHING, Found, found_in
from ledger.projections.books.books import REFUSED, Books, BooksRefused
from ledger.projections.books.sqlite import discard_books, look_at, open_books
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

    def look(self) -> Found:
        """Return what is there, of any ledger and version; nothing is made for it."""


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

    def look(self) -> Found:
        """Return that there are none."""
        return NOTHING


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

    def look(self) -> Found:
        """Return what is in the file, if it is there and can be read."""
        if not self._path.exists():
            return NOTHING
        try:
            return look_at(self._path)
        except (BooksDamaged, *REFUSED):
            return NOTHING


class Schema:
    """Books in the schema of a ledger on PostgreSQL."""

    def __init__(self, url: PostgresUrl) -> None:
        """Take the address of the ledger."""
        self._url = url

    def open(self, ledger_id: str) -> Books:
        """Return the books in the schema."""
        from ledger.projections.books.postgres.books import open_postgres_books

        return open_postgres_books(self._url, ledger_id)

    def is_empty(self) -> bool:
        """Return whether the schema has no tables of books."""
        return self.look().size_bytes == 0

    def discard(self) -> None:
        """Empty the tables of the books. Raises BooksRefused to one who may not."""
        from ledger.projections.books.postgres.books import PostgresBooks

        books = PostgresBooks(self._url, "")
        try:
            books.empty()
        finally:
            books.close()

    def assert_wipeable(self) -> None:
        """Do nothing: the log looks at whose tables there are in its schema."""

    def look(self) -> Found:
        """Return what is in the schema, if it is there and this user may read it."""
        from ledger.projections.books.postgres.books import PostgresBooks

        with closing(PostgresBooks(self._url, "")) as books, suppress(BooksRefused):
            size = books.size_bytes()
            if size:
                return found_in(books, size)
        return NOTHING


def shelf_of(url: str) -> Shelf:
    """Return where the books of a ledger are kept."""
    where = parse_url(url)
    if isinstance(where, SqliteUrl):
        return File(Path(f"{where.path}{_SUFFIX}"))
    return Schema(where) if isinstance(where, PostgresUrl) else Nowhere()
