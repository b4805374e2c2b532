"""Exports: what left the ledger as a file is put on the register, and never taken off it."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.domain.values.instants import format_instant
from ledger.storage.log import Log, LogReader

EXPORTED: Final = "export"
"""What the register says of an answer that was written to a file."""


def register_exports(log: Log, details: Sequence[Mapping[str, object]]) -> list[int]:
    """Put files on the register, all or none, and return their numbers there."""
    with log.writing() as writer:
        return [writer.register(EXPORTED, detail) for detail in details]


def exports(log: LogReader) -> list[dict[str, object]]:
    """Return every file that is on the register, by number."""
    return [
        {
            **row.detail,
            "number": row.number,
            "recorded_at": format_instant(row.recorded_at),
        }
        for row in log.register_rows()
        if row.what == EXPORTED
    ]
