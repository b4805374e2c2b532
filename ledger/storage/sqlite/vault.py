"""The vault in SQLite: its rows in a transaction, and taking off the disk what was erased."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from ledger.storage.database.writer import DatabaseWriter
from ledger.storage.sqlite.connection import connect_writer
from ledger.storage.sqlite.errors import speaking_of
from ledger.storage.sqlite.rows import SqliteRows
from ledger.storage.vault.rows import Person, SealedText

_PATIENCE: Final = 10.0
"""Seconds that one waits for readers of what was before an erasure."""

_NAP: Final = 0.05

_PACKED: Final = (
    # A page that was divided may still have, between its rows, a copy of one that left it since.
    # So the rows that are moved about are written anew; the pages they had are zeroed.
    *(
        statement.format(table=table)
        for table in ("quarantine", "intakes")
        for statement in (
            "CREATE TEMP TABLE moved AS SELECT * FROM main.{table}",
            "DELETE FROM main.{table}",
            "INSERT INTO main.{table} SELECT * FROM temp.moved ORDER BY 1",
            "DROP TABLE temp.moved",
        )
    ),
    "REINDEX main.persons",
)


class SqliteVaultWriter(DatabaseWriter, SqliteRows):
    """The part of a transaction that writes the vault."""

    def keep(self, persons: Sequence[Person], texts: Sequence[SealedText]) -> None:
        """Put new persons and sealed texts into the vault; what is kept already stays as it is."""
        self._many("INSERT INTO persons VALUES (?, ?, ?, ?)", persons)
        self._many("INSERT INTO personal VALUES (?, ?, ?) ON CONFLICT DO NOTHING", texts)

    def _many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Carry out a statement for each row."""
        self._live()
        if rows:
            with self._speaking():
                self._cursor.executemany(statement, rows)

    def erase(self, person: Person) -> None:
        """Overwrite the row of a person with what is left of one, and no copy of it stays."""
        super().erase(person)
        for statement in _PACKED:
            self._write(statement, ())


def scrub(path: str) -> bool:
    """Move the write-ahead log into the file and empty it; return whether that was done.

    It waits a while for readers of what was before.
    """
    with speaking_of(path), closing(connect_writer(path)) as connection:
        until = time.monotonic() + _PATIENCE
        while not _is_emptied(connection):
            if time.monotonic() > until:
                return False
            time.sleep(_NAP)
    return True


def merge(path: str) -> bool:
    """Move the write-ahead log into the file and empty it; return whether nobody was in the way."""
    with speaking_of(path), closing(connect_writer(path)) as connection:
        return _is_emptied(connection)


def _is_emptied(connection: sqlite3.Connection) -> bool:
    connection.execute("PRAGMA busy_timeout = 0")
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy
