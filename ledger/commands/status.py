"""Status: where a ledger is, what it holds, what waits, and how large it is."""

import sqlite3
from pathlib import Path

from ledger.domain.instants import format_instant
from ledger.storage.log import LogReader


def status(log: LogReader, books_path: Path | None) -> dict[str, object]:
    """Return the state of a ledger; nothing is caught up or written for it."""
    head = log.head()
    return {
        "ledger": log.url,
        "ledger_id": log.ledger_id,
        "position": head.position,
        "recorded_at": None if head.recorded_at is None else format_instant(head.recorded_at),
        "quarantine": log.quarantine_counts(),
        "size_bytes": log.size_bytes(),
        "books": _books(books_path),
    }


def _books(path: Path | None) -> dict[str, object]:
    """Return how far the books have come; they may not be there, or be of another version."""
    nothing: dict[str, object] = {"position": 0, "size_bytes": 0}
    if path is None or not path.exists():
        return nothing
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            (position,) = connection.execute("SELECT position FROM checkpoint").fetchone()
        finally:
            connection.close()
    except sqlite3.Error:
        return nothing
    return {"position": position, "size_bytes": path.stat().st_size}
