"""An audit of a ledger on PostgreSQL: one snapshot of its schema, whoever writes meanwhile."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg.rows import TupleRow

from ledger.storage.database.audit import DatabaseAudit
from ledger.storage.log import HeldLine
from ledger.storage.postgres.catalogue import expected, found_in
from ledger.storage.postgres.connection import SNAPSHOT, Session, connect
from ledger.storage.postgres.errors import speaking_of
from ledger.storage.postgres.rows import held_line, said
from ledger.storage.postgres.schema import identified
from ledger.storage.urls import PostgresUrl
from ledger.storage.vault.rows import SealedText

_COUNTED: Final = {"seals": "last_seal", "register": "last_entry"}
_ROWS_AT_A_TIME: Final = 2_000


class PostgresAudit(DatabaseAudit):
    """Reads through a connection of its own, in one transaction."""

    _as_bytes = "convert_to({}, 'UTF8')"

    def __init__(self, url: PostgresUrl, connection: Session[TupleRow] | None = None) -> None:
        """Connect, or read through a transaction that is open on the schema.

        Raises the errors of a ledger that cannot be used.
        """
        self._shown = url.shown
        self._schema = url.schema
        self._given = connection is not None
        self._connection: Session[TupleRow] = connection or connect(url)
        with speaking_of(self._shown):
            if not self._given:
                self._connection.begin(SNAPSHOT)
            self._ledger_id = identified(self._connection, url)

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with speaking_of(self._shown):
            return self._connection.execute(said(statement), values, binary=True).fetchall()

    def _each(self, statement: str) -> Iterator[Any]:
        """Yield many rows without having all of them in memory."""
        with speaking_of(self._shown), self._connection.cursor("each") as cursor:
            cursor.itersize = _ROWS_AT_A_TIME
            yield from cursor.execute(statement.encode(), binary=True)

    def _held(self, row: Sequence[Any]) -> HeldLine:
        return held_line(row)

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""
        return int(self._all("SELECT last_held FROM counter")[0][0])

    def ledger_id(self) -> str:
        """Return what names the ledger."""
        return self._ledger_id

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""
        return map(SealedText._make, self._each("SELECT * FROM personal ORDER BY commitment"))

    def complaints(self) -> list[str]:
        """Return what is wrong with the schema's tables and guards."""
        with speaking_of(self._shown):
            there = found_in(self._connection, self._schema)
        wanted = expected()
        return [
            *(found for table in _COUNTED if (found := self._uncounted(table)) is not None),
            *(f"{name} is not as cpod makes it" for name in sorted(wanted - there)),
            *(f"{name} is not of cpod" for name in sorted(there - wanted)),
        ]

    def _uncounted(self, table: str) -> str | None:
        """Return what is wrong with the numbers of a table whose rows are never removed."""
        statement = f"SELECT count(*), coalesce(max(number), 0) FROM {table}"  # noqa: S608
        count, last = self._all(statement)[0]
        ended = self._all(f"SELECT {_COUNTED[table]} FROM counter")[0][0]  # noqa: S608
        return None if count == last == ended else f"entries of {table} are gone"
