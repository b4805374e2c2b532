"""Status: where a ledger is, what it holds, what waits, and how large it is."""

from ledger.domain.instants import format_instant
from ledger.storage.log import LogReader
from ledger.storage.urls import without_password


def status(log: LogReader, books: dict[str, object]) -> dict[str, object]:
    """Return the state of a ledger; nothing is caught up or written for it."""
    head = log.head()
    return {
        "ledger": without_password(log.url),
        "ledger_id": log.ledger_id,
        "position": head.position,
        "recorded_at": None if head.recorded_at is None else format_instant(head.recorded_at),
        "quarantine": log.quarantine_counts(),
        "size_bytes": log.size_bytes(),
        "books": books,
    }
