"""An audit of a ledger on PostgreSQL: one snapshot of its schema, whoever writes meanwhile."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg import Connection

from ledger.errors import Damaged
from ledger.storage.auditing import AuditRow, Entry
from ledger.storage.log import Head, HeldLine, Seal
from ledger.storage.postgres_catalogue import expected, found_in
from ledger.storage.postgres_connection import connect
from ledger.storage.postgres_errors import speaking_of
from ledger.storage.postgres_rows import held_line
from ledger.storage.postgres_schema import HELD, identified
from ledger.storage.urls import PostgresUrl
from ledger.storage.vault_rows import Person, SealedText

_EVENTS: Final = (
    "SELECT position, convert_to(originator_id, 'UTF8'), originator_version,"
    " convert_to(topic, 'UTF8'), state, recorded_at, convert_to(event_key, 'UTF8'), is_term"
    " FROM events WHERE position > %s ORDER BY position LIMIT %s"
)
_NODES: Final = (
    "SELECT position, hashes FROM nodes WHERE position > %s AND position <= %s ORDER BY position"
)
_HOMES: Final = "SELECT convert_to(subject, 'UTF8'), convert_to(stream, 'UTF8') FROM homes"
_COUNTED: Final = {"seals": "last_seal", "register": "last_entry"}
_ROWS_AT_A_TIME: Final = 2_000


class PostgresAudit:
    """Reads through a connection of its own, in one transaction."""

    def __init__(
        self, url: PostgresUrl, connection: Connection[tuple[Any, ...]] | None = None
    ) -> None:
        """Connect, or read through a transaction that is open on the schema.

        Raises the errors of a ledger that cannot be used.
        """
        self._shown = url.shown
        self._schema = url.schema
        self._given = connection is not None
        self._connection = connection or connect(url, read_only=True)
        with speaking_of(self._shown):
            if not self._given:
                self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self._ledger_id = identified(self._connection, url)

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with speaking_of(self._shown):
            return self._connection.execute(statement.encode(), values, binary=True).fetchall()

    def _each(self, statement: str) -> Iterator[Any]:
        """Yield many rows without having all of them in memory."""
        with speaking_of(self._shown), self._connection.cursor("each") as cursor:
            cursor.itersize = _ROWS_AT_A_TIME
            yield from cursor.execute(statement.encode(), binary=True)

    def head(self) -> Head:
        """Return what the counter says of the last position."""
        found = self._all("SELECT last_position, last_recorded_at FROM counter")
        if len(found) != 1:
            raise Damaged(
                "{where} is damaged (its counter is gone): restore it from a copy",
                where=self._shown,
            )
        return Head(*found[0])

    def events(self, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` events with position > after, by position."""
        return list(map(AuditRow._make, self._all(_EVENTS, (after, limit))))

    def nodes(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return the rows of nodes with after < position <= until, by position."""
        return self._all(_NODES, (after, until))

    def nodes_at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked; empty where none is."""
        statement = "SELECT position, hashes FROM nodes WHERE position = ANY(%s::bigint[])"
        found = dict(self._all(statement, (list(positions),)))
        return [found.get(position, b"") for position in positions]

    def homes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every subject with the stream that it lives in."""
        return self._each(_HOMES)

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        found = self._all(
            "SELECT number, size, sealed_at, verifier_key, checkpoint FROM seals ORDER BY number"
        )
        return [Seal._make(row) for row in found]

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield the number, the digest (SHA-256) and the bytes of every line in the quarantine."""
        return self._each("SELECT number, digest, raw FROM quarantine ORDER BY number")

    def quarantine(self) -> Iterator[HeldLine]:
        """Yield every line in the quarantine, with all that is said of it, by number."""
        return map(held_line, self._each(f"{HELD}ORDER BY number"))

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""
        return int(self._all("SELECT last_held FROM counter")[0][0])

    def entries(self) -> list[Entry]:
        """Return every entry of the register, with all its columns, by number."""
        found = self._all("SELECT number, recorded_at, what, detail FROM register ORDER BY number")
        return [Entry._make(row) for row in found]

    def register(self) -> list[tuple[str, str]]:
        """Return what every entry of the register is about, and its details (JSON), by number."""
        return self._all("SELECT what, detail FROM register ORDER BY number")

    def ledger_id(self) -> str:
        """Return what names the ledger."""
        return self._ledger_id

    def persons(self) -> Iterator[Person]:
        """Yield every person in the vault, by number."""
        rows = self._each("SELECT number, digest, salt, key FROM persons ORDER BY number")
        return map(Person._make, rows)

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""
        return map(SealedText._make, self._each("SELECT * FROM personal ORDER BY commitment"))

    def complaints(self) -> list[str]:
        """Return what is wrong with the schema's tables and guards."""
        with speaking_of(self._shown):
            there = found_in(self._connection, self._schema)
        wanted = expected()
        return [
            *(said for table in _COUNTED if (said := self._uncounted(table)) is not None),
            *(f"{name} is not as cpod makes it" for name in sorted(wanted - there)),
            *(f"{name} is not of cpod" for name in sorted(there - wanted)),
        ]

    def _uncounted(self, table: str) -> str | None:
        """Return what is wrong with the numbers of a table whose rows are never removed."""
        statement = f"SELECT count(*), coalesce(max(number), 0) FROM {table}"  # noqa: S608
        count, last = self._all(statement)[0]
        ended = self._all(f"SELECT {_COUNTED[table]} FROM counter")[0][0]  # noqa: S608
        return None if count == last == ended else f"entries of {table} are gone"

    def close(self) -> None:
        """Let go of the connection, where it was made here."""
        if not self._given:
            self._connection.close()
