"""An audit of a ledger in SQLite: one snapshot of the file, whoever writes meanwhile."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.errors import Damaged
from ledger.storage.auditing import AuditRow, Entry
from ledger.storage.log import Head, HeldLine, Seal
from ledger.storage.sqlite_connection import connect_reader
from ledger.storage.sqlite_errors import speaking_of
from ledger.storage.sqlite_schema import HELD, make_tables
from ledger.storage.vault_rows import Person, SealedText

_EVENTS: Final = (
    "SELECT position, CAST(originator_id AS BLOB), originator_version, CAST(topic AS BLOB), state,"
    " recorded_at, CAST(event_key AS BLOB), is_term FROM events"
    " WHERE position > ? ORDER BY position LIMIT ?"
)
_NODES: Final = (
    "SELECT position, hashes FROM nodes WHERE position > ? AND position <= ? ORDER BY position"
)
_SEALS: Final = (
    "SELECT number, size, sealed_at, CAST(verifier_key AS BLOB), checkpoint FROM seals"
    " ORDER BY number"
)
_REGISTER: Final = "SELECT CAST(what AS BLOB), CAST(detail AS BLOB) FROM register ORDER BY number"
_MOST_COMPLAINTS: Final = 20
_COUNTED: Final = ("seals", "register")


class SqliteAudit:
    """Reads through a connection of its own, in one transaction."""

    def __init__(self, path: str, connection: sqlite3.Connection | None = None) -> None:
        """Open the file, or read through a transaction that is open on it.

        Raises the errors of a ledger that cannot be used.
        """
        self._path = path
        self._given = connection is not None
        self._connection = connection or connect_reader(path)
        if not self._given:
            with speaking_of(path):
                self._connection.execute("BEGIN")

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with speaking_of(self._path):
            return self._connection.execute(statement, values).fetchall()

    def _each(self, statement: str) -> Iterator[Any]:
        with speaking_of(self._path):
            yield from self._connection.execute(statement)

    def head(self) -> Head:
        """Return what the counter says of the last position."""
        found = self._all("SELECT last_position, last_recorded_at FROM counter")
        if len(found) != 1:
            raise Damaged(
                "{where} is damaged (its counter is gone): restore it from a copy", where=self._path
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
        statement = "SELECT hashes FROM nodes WHERE position = ?"
        found = [self._all(statement, (position,)) for position in positions]
        return [rows[0][0] if rows else b"" for rows in found]

    def homes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every subject with the stream that it lives in."""
        return self._each("SELECT CAST(subject AS BLOB), CAST(stream AS BLOB) FROM homes")

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        return [
            Seal(number, size, at, key.decode(errors="replace"), checkpoint)
            for number, size, at, key, checkpoint in self._all(_SEALS)
        ]

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield the number, the digest (SHA-256) and the bytes of every line in the quarantine."""
        return self._each("SELECT number, digest, raw FROM quarantine ORDER BY number")

    def quarantine(self) -> Iterator[HeldLine]:
        """Yield every line in the quarantine, with all that is said of it, by number."""
        return map(HeldLine._make, self._each(f"{HELD}ORDER BY number"))

    def last_held(self) -> int:
        """Return the last number that a line in the quarantine was given."""
        return self._last_number("quarantine")

    def entries(self) -> list[Entry]:
        """Return every entry of the register, with all its columns, by number."""
        found = self._all("SELECT number, recorded_at, what, detail FROM register ORDER BY number")
        return [Entry._make(row) for row in found]

    def register(self) -> list[tuple[str, str]]:
        """Return what every entry of the register is about, and its details (JSON), by number."""
        found = self._all(_REGISTER)
        return [
            (what.decode(errors="replace"), detail.decode(errors="replace"))
            for what, detail in found
        ]

    def ledger_id(self) -> str:
        """Return what names the ledger."""
        found = self._all("SELECT CAST(ledger_id AS BLOB) FROM counter")
        if len(found) != 1:
            raise Damaged(
                "{where} is damaged (its counter is gone): restore it from a copy", where=self._path
            )
        return str(found[0][0].decode(errors="replace"))

    def persons(self) -> Iterator[Person]:
        """Yield every person in the vault, by number."""
        rows = self._each("SELECT number, digest, salt, key FROM persons ORDER BY number")
        return map(Person._make, rows)

    def texts(self) -> Iterator[SealedText]:
        """Yield every sealed text in the vault."""
        return map(SealedText._make, self._each("SELECT * FROM personal ORDER BY rowid"))

    def complaints(self) -> list[str]:
        """Return what the database itself finds wrong with its file, tables and guards."""
        found = [said for (said,) in self._all(f"PRAGMA integrity_check({_MOST_COMPLAINTS})")]
        with speaking_of(self._path):
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

    def close(self) -> None:
        """Let go of the file, where it was opened here."""
        if not self._given:
            self._connection.close()


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
