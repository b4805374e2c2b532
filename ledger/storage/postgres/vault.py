"""The vault on PostgreSQL: its rows in a transaction, and taking off the disk what was erased."""

import re
import time
from collections.abc import Sequence
from typing import Final

from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from ledger.errors import LedgerBusy, LedgerReadOnly
from ledger.storage.database.writer import DatabaseWriter
from ledger.storage.postgres.connection import Session, connect
from ledger.storage.postgres.errors import speaking_of
from ledger.storage.postgres.rows import PostgresRows
from ledger.storage.postgres.schema import BOOKS_COMMENT
from ledger.storage.urls import PostgresUrl
from ledger.storage.vault.rows import Person, SealedText

_PATIENCE: Final = 10.0
"""Seconds that one waits for those who still read what was before an erasure."""

_NAP: Final = 0.1

_REWRITTEN: Final = ("persons", "quarantine", "intakes")
"""The tables whose rows change or go: the server leaves the old ones in the file for a while."""

_FIRST_NUMBER: Final = re.compile(r"\d+")


class PostgresVaultWriter(DatabaseWriter, PostgresRows):
    """The part of a transaction that writes the vault."""

    def keep(self, persons: Sequence[Person], texts: Sequence[SealedText]) -> None:
        """Put new persons and sealed texts into the vault; what is kept already stays as it is."""
        with self._speaking():
            if persons:
                self._execute(
                    "INSERT INTO persons SELECT * FROM"
                    " unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])",
                    [list(column) for column in zip(*persons, strict=True)],
                )
            if texts:
                self._execute(
                    "INSERT INTO personal SELECT * FROM"
                    " unnest(%s::bytea[], %s::bigint[], %s::bytea[]) ON CONFLICT DO NOTHING",
                    [list(column) for column in zip(*texts, strict=True)],
                )


_NOT_OURS: Final = """SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' AND NOT pg_has_role(c.relowner, 'USAGE')
    AND (c.relname = ANY(%s) OR obj_description(c.oid, 'pg_class') = %s) ORDER BY 1 LIMIT 1"""


def assert_erasable(url: PostgresUrl) -> None:
    """Raise LedgerReadOnly where tables, or books, belong to a role that this user has not.

    The server lets nobody else rewrite or drop them.
    """
    with connect(url) as connection, speaking_of(url.shown), connection.reading():
        asked = (url.schema, list(_REWRITTEN), BOOKS_COMMENT)
        found = connection.execute(_NOT_OURS, asked).fetchone()
    if found is not None:
        raise LedgerReadOnly(
            "{where}: table {table} belongs to {owner}, and only its owner can take off the disk "
            "what is erased: be granted that role, or give the command as {owner}; nothing was "
            "written",
            where=url.shown,
            table=found[0],
            owner=found[1],
        )


def scrub(url: PostgresUrl) -> bool:
    """Write the tables anew without the rows that were overwritten or removed.

    Returns whether none of them is left in the tables' files. It waits a while for whoever still
    reads what was before. Write-ahead segments and replicas are the server's.
    """
    until = time.monotonic() + _PATIENCE
    with connect(url) as connection:
        while True:
            try:
                with speaking_of(url.shown):
                    left = sum(_rewritten(connection, table) for table in _REWRITTEN)
            except (LedgerBusy, LedgerReadOnly):
                return False
            if left == 0:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(_NAP)


def _rewritten(connection: Session[TupleRow], table: str) -> int:
    """Write a table anew; return how many dead rows somebody may still see, so that they stay.

    VACUUM would do it, too, but in no transaction, and so with the settings of anybody.
    """
    said: list[str] = []

    def listen(notice: Diagnostic) -> None:
        found = _FIRST_NUMBER.search(notice.message_detail or "")
        if found is not None:
            said.append(found[0])

    connection.add_notice_handler(listen)
    try:
        with connection.writing(f"SET LOCAL lock_timeout = '{_PATIENCE:.0f}s'"):
            connection.execute(f"CLUSTER (VERBOSE) {table} USING {table}_pkey".encode())
    finally:
        connection.remove_notice_handler(listen)
    return int(said[0]) if said else 1
