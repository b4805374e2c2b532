"""A copy of a ledger into a schema of PostgreSQL, in one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from ledger.errors import NoLedger
from ledger.storage.audit import AuditRow
from ledger.storage.copy_target import Aside, columns_of, digest_of_line, occupied
from ledger.storage.hash_blocks import in_pieces
from ledger.storage.log import Head
from ledger.storage.postgres.audit import PostgresAudit
from ledger.storage.postgres.connection import Session, connect, lock_ledger
from ledger.storage.postgres.errors import speaking_of
from ledger.storage.postgres.recorder import copy_rows
from ledger.storage.postgres.rows import as_bytes
from ledger.storage.postgres.schema import TABLES, identified, make_schema, make_tables
from ledger.storage.urls import PostgresUrl


class PostgresReceiver:
    """A schema that is being filled, in one transaction."""

    def __init__(self, url: PostgresUrl, connection: Session[TupleRow]) -> None:
        """Take the address, and the connection of an open transaction that has made the tables."""
        self._url = url
        self._connection = connection

    def _copy(self, table: str, rows: Any) -> None:
        columns = TABLES[table].columns
        types = [kind.split()[0] for kind in columns.values()]
        with self._connection.cursor() as cursor:
            copy_rows(cursor, table, ", ".join(columns), types, rows)

    def take_events(self, rows: Sequence[AuditRow], nodes: Sequence[tuple[int, bytes]]) -> None:
        """Write events with all their columns, and their rows of nodes."""
        with speaking_of(self._url.shown):
            self._copy("events", map(columns_of, rows))
            self._copy("nodes", in_pieces(nodes))

    def take_aside(self, head: Head, aside: Aside) -> None:
        """Write what is kept beside the events, and then the counter."""
        lines = (
            (
                *(line.number, digest_of_line(line), line.code, as_bytes(line.file), line.line),
                *(as_bytes(line.reason), line.raw, line.waits_for, line.received_at),
            )
            for line in aside.lines
        )
        with speaking_of(self._url.shown):
            self._copy("homes", aside.homes)
            self._copy("quarantine", lines)
            self._copy("seals", aside.seals)
            self._copy("register", aside.entries)
            self._copy("persons", aside.persons)
            self._copy("personal", aside.texts)
            self._connection.execute(
                "UPDATE counter SET last_position = %s, last_recorded_at = %s, last_held = %s,"
                " last_seal = %s, last_entry = %s",
                (*head, aside.last_held, len(aside.seals), len(aside.entries)),
            )

    def audit(self) -> PostgresAudit:
        """Return an audit of what has been written."""
        return PostgresAudit(self._url, self._connection)


@contextmanager
def receive_on_postgres(url: PostgresUrl, ledger_id: str) -> Iterator[PostgresReceiver]:
    """Give what fills a new schema; it is committed when the block ends."""
    with connect(url) as connection, speaking_of(url.shown), connection.writing():
        try:
            make_schema(connection, url)
        except UniqueViolation:  # another process made it first
            raise occupied(url.url) from None
        connection.execute(lock_ledger(url.schema).encode())
        try:
            identified(connection, url)
        except NoLedger:
            make_tables(connection, ledger_id)
        else:
            raise occupied(url.url)
        yield PostgresReceiver(url, connection)
