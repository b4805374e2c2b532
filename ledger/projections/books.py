"""Books: the derived tables that answer questions, wherever they stand."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, NamedTuple


class BooksRefused(Exception):
    """The books cannot be read or written where they stand: others are made in memory."""


REFUSED: Final = (BooksRefused, sqlite3.OperationalError)
"""What books raise that cannot be written."""


class Checkpoint(NamedTuple):
    """Up to where the log has been read."""

    position: int
    recorded_at: int | None


class Books(ABC):
    """The derived tables; whatever is read within `reading` is of one checkpoint.

    Statements are SQL as SQLite and PostgreSQL both know it, with `?` or `:name` for a parameter;
    what only SQLite has is said otherwise by the books on PostgreSQL (`postgres_phrases`).
    """

    @property
    def checkpoint(self) -> Checkpoint:
        """Return up to where the log has been read."""
        return Checkpoint(*self.rows("SELECT position, recorded_at FROM checkpoint")[0])

    @property
    def erasures(self) -> int:
        """Return how many persons were erased when they were made."""
        return int(self.rows("SELECT erasures FROM checkpoint")[0][0])

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

    def move_to(self, checkpoint: Checkpoint) -> None:
        """Note up to where the log has been read, in the transaction that is open."""
        self.write("UPDATE checkpoint SET position = ?, recorded_at = ?", [checkpoint])

    @abstractmethod
    def wipe(self, erasures: int, patience: float = 0) -> bool:
        """Make them anew, empty, for that many erased persons, so that nothing of before is left.

        Returns False where another process still reads what was before, for longer than one has
        patience (seconds).
        """

    @abstractmethod
    def copy(self) -> "Books":
        """Return the same books in a temporary database of their own, which nobody else sees."""

    @abstractmethod
    def close(self) -> None:
        """Let go of them."""
