"""Status: where a ledger is, what it holds, what waits, and how large it is."""

from ledger.domain.values.instants import format_instant
from ledger.projections.books.belonging import Found, other_history
from ledger.storage.log import LogReader
from ledger.storage.urls import without_password


def status(log: LogReader, books: Found) -> dict[str, object]:
    """Return the state of a ledger; nothing is caught up or written for it."""
    head, other = log.head(), other_history(books, log)
    unfit = other is not None and not other["rebuilt"]
    return {
        "ledger": without_password(log.url),
        "ledger_id": log.ledger_id,
        "position": head.position,
        "recorded_at": None if head.recorded_at is None else format_instant(head.recorded_at),
        "quarantine": log.quarantine_counts(),
        "size_bytes": log.size_bytes(),
        "books": {
            "position": 0 if unfit else books.checkpoint.position,
            "size_bytes": books.size_bytes,
        },
        "other_history": other,
    }
