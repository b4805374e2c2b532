"""Books: the derived tables that answer questions, wherever they stand."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple

from ledger.storage.log import Head


class BooksRefused(Exception):
    """The books cannot be read or written where they stand: others are made in memory."""


REFUSED: Final = (BooksRefused, sqlite3.OperationalError)
"""What books raise that cannot be written."""


class Checkpoint(NamedTuple):
    """What books are made of: the events that they have read, and who was erased then.

    Books with one checkpoint say the same, whoever made them. `ledger.projections.books.belonging`
    compares it with a log.
    """

    position: int
    recorded_at: int | None
    root: bytes = b""
    """The root of the tree over these events; empty where there are none."""
    erased: bytes = b""
    """What tells the erased from all others (`ledger.storage.vault.rows.VaultRows.erased`)."""

    @property
    def head(self) -> Head:
        """The last event that they have read."""
        return Head(self.position, self.recorded_at)


class Books(ABC):
    """The derived tables; whatever is read within `reading` is of one checkpoint.

    Statements are SQL as SQLite and PostgreSQL both know it, with `?` or `:name` for a parameter;
    what only SQLite has is said otherwise by the books on PostgreSQL (`postgres_phrases`).
    """

    @property
    def checkpoint(self) -> Checkpoint:
        """Return what they are made of."""
        return Checkpoint(
            *self.rows("SELECT position, recorded_at, root, erased FROM checkpoint")[0]
        )

    @property
    def discarded(self) -> Head | None:
        """Return the last event of another history that was thrown away for them, if any was."""
        found = self.rows("SELECT position, recorded_at FROM discarded")
        return Head(*found[0]) if found else None

    @abstractmethod
    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """Return all rows of a query, as tuples."""

    @abstractmethod
    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry out a statement for each row of parameters."""

    @abstractmethod
    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a derived table."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Hold one snapshot while the block reads."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """Hold the write lock; commit when the block ends, undo all when it raises."""

    def move_to(self, position: int, recorded_at: int | None, root: bytes | None) -> None:
        """Note up to where the log has been read, in the transaction that is open."""
        self.write(
            "UPDATE checkpoint SET position = ?, recorded_at = ?, root = ?",
            [(position, recorded_at, root or b"")],
        )

    @abstractmethod
    def wipe(self, stale: Checkpoint, erased: bytes, *, lost: bool = False) -> None:
        """Empty them, unless another process has done so, or moved them on, since `stale`.

        `erased` is who is erased now; with `lost` they are of another history, and remember that
        (`discarded`).
        """

    @abstractmethod
    def scrub(self, patience: float = 0) -> bool:
        """Remove what was wiped from the disk.

        Returns False if another process still reads it after `patience` seconds.
        """

    @abstractmethod
    def copy(self) -> "Books":
        """Return the same books in a temporary database of their own, which nobody else sees."""

    @abstractmethod
    def close(self) -> None:
        """Let go of them."""
