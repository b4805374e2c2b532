"""A copy of a ledger into a file of SQLite: made beside its place, and then put there."""

import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.storage.atomic_file import beside
from ledger.storage.audit import AuditRow
from ledger.storage.copy_target import Aside, columns_of, digest_of_line
from ledger.storage.hash_blocks import in_pieces
from ledger.storage.log import Head
from ledger.storage.sqlite.audit import SqliteAudit
from ledger.storage.sqlite.backup import put
from ledger.storage.sqlite.connection import connect_writer, stat_file
from ledger.storage.sqlite.errors import speaking_of
from ledger.storage.sqlite.schema import make_tables

_EVENTS: Final = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class SqliteReceiver:
    """A file that is being filled, in one transaction."""

    def __init__(self, path: str, connection: sqlite3.Connection) -> None:
        """Take the path as messages name it, and a connection with empty tables."""
        self._path = path
        self._connection = connection

    def take_events(self, rows: Sequence[AuditRow], nodes: Sequence[tuple[int, bytes]]) -> None:
        """Write events with all their columns, and their rows of nodes."""
        with speaking_of(self._path):
            self._connection.executemany(_EVENTS, map(columns_of, rows))
            self._connection.executemany("INSERT INTO nodes VALUES (?, ?)", in_pieces(nodes))

    def take_aside(self, head: Head, aside: Aside) -> None:
        """Write what is kept beside the events, and then the counter."""
        many = self._connection.executemany
        lines = (
            (
                *(line.number, digest_of_line(line), line.code, line.file, line.line),
                *(line.reason, line.raw, line.waits_for, line.received_at),
            )
            for line in aside.lines
        )
        with speaking_of(self._path):
            many("INSERT INTO homes VALUES (?, ?)", aside.homes)
            many("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", lines)
            many("INSERT INTO seals VALUES (?, ?, ?, ?, ?)", aside.seals)
            many("INSERT INTO register VALUES (?, ?, ?, ?)", aside.entries)
            many("INSERT INTO persons VALUES (?, ?, ?, ?)", aside.persons)
            many("INSERT INTO personal VALUES (?, ?, ?)", aside.texts)
            many("DELETE FROM sqlite_sequence WHERE name = ?", [("quarantine",)])
            if aside.last_held:
                many("INSERT INTO sqlite_sequence VALUES ('quarantine', ?)", [(aside.last_held,)])
            many("UPDATE counter SET last_position = ?, last_recorded_at = ?", [head])

    def audit(self) -> SqliteAudit:
        """Return an audit of what has been written."""
        return SqliteAudit(self._path, self._connection)


@contextmanager
def receive_in_file(path: str, ledger_id: str) -> Iterator[SqliteReceiver]:
    """Give what fills a new file; it is put in its place when the block ends."""
    with beside(Path(path)) as made:
        with speaking_of(path):
            connection = connect_writer(str(made.path), create=True)
            connection.execute("BEGIN IMMEDIATE")
            make_tables(connection, ledger_id)
        try:
            yield SqliteReceiver(path, connection)
            with speaking_of(path):
                connection.commit()
        finally:
            connection.rollback()
            connection.close()
        target = Path(path)
        if not stat_file(path):
            target.unlink(missing_ok=True)  # a file with nothing in it
        put(made, _rights_of_a_new(Path(f"{made.path}-journal")))


def _rights_of_a_new(file: Path) -> int:
    """Make a file, and return the rights that the system gives it.

    The mask of the process says it, too, but cannot be read without changing it for all threads.
    `beside` removes the file, which has a name of SQLite's.
    """
    with file.open("xb") as made:
        return stat.S_IMODE(os.fstat(made.fileno()).st_mode)
