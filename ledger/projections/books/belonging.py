"""Belonging: whether books are of the log that they are found beside, or of another history.

A backup may be put back over a ledger, a schema renamed, a directory copied: the books that stay
behind are of events that the log does not have. A position proves nothing, nor does a time: what
is compared is the root of the tree over all events that the books have read.
"""

from contextlib import suppress
from typing import Final, NamedTuple, Protocol

from ledger.domain.values.instants import format_instant
from ledger.errors import Damaged
from ledger.projections.books.books import Books, Checkpoint
from ledger.projections.books.tables import VERSION
from ledger.storage.log import Head, LogReader


class History(Protocol):
    """What books may be of: a log, or the transaction of one that is being written."""

    def erased(self) -> bytes:
        """Return what tells the erased from all others."""

    def root_at(self, position: int) -> bytes | None:
        """Return the root of the tree that an event ends; None where there is no such event."""


def has_read(checkpoint: Checkpoint, history: History) -> bool:
    """Return whether all that books have read is in a history."""
    if not checkpoint.position:
        return True
    return checkpoint.root == history.root_at(checkpoint.position)


def belongs(checkpoint: Checkpoint, history: History) -> bool:
    """Return whether books may answer for a history: up to their position they are of it."""
    return checkpoint.erased == history.erased() and has_read(checkpoint, history)


class Found(NamedTuple):
    """Books as they are found: nothing is made or caught up for it."""

    ledger_id: str
    checkpoint: Checkpoint
    discarded: Head | None
    size_bytes: int


NOTHING: Final = Found("", Checkpoint(0, None), None, 0)
"""What is found where there are no books, or none that may be read."""


def found_in(books: Books, size_bytes: int) -> Found:
    """Return what books are, be they of another version."""
    with books.reading():
        rows = books.rows("SELECT ledger_id, version FROM checkpoint")
        if not rows or rows[0][1] != VERSION:
            return NOTHING._replace(size_bytes=size_bytes)
        return Found(rows[0][0], books.checkpoint, books.discarded, size_bytes)


def is_of(found: Found, log: LogReader) -> bool:
    """Return whether books that were found are of the history of a log."""
    return found.ledger_id in ("", log.ledger_id) and has_read(found.checkpoint, log)


def other_history(found: Found, log: LogReader) -> dict[str, object] | None:
    """Return what is known of books of another history, those that are there or were before them.

    It says up to where they had read, and whether they have been rebuilt from the events.
    """
    last = found.discarded
    with suppress(Damaged):  # it is said elsewhere: here it hides whose the books are
        if not is_of(found, log):
            last = found.checkpoint.head
    if last is None:
        return None
    return {
        "position": last.position,
        "recorded_at": None if last.recorded_at is None else format_instant(last.recorded_at),
        "rebuilt": last is found.discarded,
    }
