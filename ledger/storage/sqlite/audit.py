"""An audit of a ledger in SQLite: one snapshot of the file, whoever writes meanwhile."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.storage.database.audit import DatabaseAudit
from ledger.storage.sqlite.connection import connect_reader
from ledger.storage.sqlite.errors import speaking_of
from ledger.storage.sqlite.schema import make_tables
from ledger.storage.vault.rows import SealedText

_MOST_COMPLAINTS: Final = 20
_COUNTED: Final = ("seals", "register")


class SqliteAudit(DatabaseAudit):
    """Reads through a connection of its own, in one transaction."""

    _as_bytes = "CAST({} AS BLOB)"

    def __init__(self, path: str, connection: sqlite3.Connection | None = None) -> None:
        """Open the file, or read through a transaction that is open on it.

        Raises the errors of a ledger that cannot be used.
        """
        self._shown = path
        self._given = connection is not None
        self._connection: sqlite3.Connection = connection or connect_reader(path)
        if not self._given:
            with speaking_of(path):
                self._connection.execute("BEGIN")

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with speaking_of(self._shown):
            return self._connection.execute(statement, values).fetchall()

    def _each(self, statement: str) -> Iterator[Any]:
        with speaking_of(self._shown):
            yield from self._connection.execute(statement)

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""
        return self._last_number("quarantine")

    def ledger_id(self) -> str:
        """Return what names the ledger."""
        found = self._all("SELECT CAST(ledger_id AS BLOB) FROM counter")
        if len(found) != 1:
            raise self._lacks_counter()
        return str(found[0][0].decode(errors="replace"))

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""
        return map(SealedText._make, self._each("SELECT * FROM personal ORDER BY rowid"))

    def complaints(self) -> list[str]:
        """Return what the database itself finds wrong with its file, tables and guards."""
        found = [said for (said,) in self._all(f"PRAGMA integrity_check({_MOST_COMPLAINTS})")]
        with speaking_of(self._shown):
            there, expected = _schema(self._connection), _expected_schema()
        missing = sorted(name for name, text in expected.items() if there.get(name) != text)
        return [
            *(said for said in found if said != "ok"),
            *(said for table in _COUNTED if (said := self._uncounted(table)) is not None),
            *(f"{name} is not as cpod makes it" for name in missing),
            *(f"{name} is not of cpod" for name in sorted(there.keys() - expected.keys())),
        ]

    def _uncounted(self, table: str) -> str | None:
        """Return what is wrong with the numbers of a table whose rows are never removed."""
        count, last = self._all(f"SELECT count(*), max(number) FROM {table}")[0]  # noqa: S608
        ended = self._last_number(table)
        return None if count == (last or 0) == ended else f"entries of {table} are gone"

    def _last_number(self, table: str) -> int:
        given = self._all("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
        return given[0][0] if given else 0


def _schema(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the statement that made each table, index and trigger, by kind and name."""
    rows = connection.execute(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema"
        " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
    )
    texts = ([part.decode(errors="replace") for part in row] for row in rows)
    return {f"{kind} {name}": text for kind, name, text in texts}


def _expected_schema() -> dict[str, str]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        make_tables(connection, "")
        return _schema(connection)
    finally:
        connection.close()
