"""An audit of a ledger in a database: what both databases are asked with the same statements."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from ledger.errors import Damaged
from ledger.storage.audit import AuditRow, Entry
from ledger.storage.database.rows import HELD
from ledger.storage.hash_blocks import rows_at, rows_between
from ledger.storage.intakes import COLUMNS, intake_of
from ledger.storage.log import Head, HeldLine, Intake, Seal
from ledger.storage.vault.rows import Person


class DatabaseAudit:
    """Reads through a connection of its own, in one transaction, or through one that is given."""

    _as_bytes: ClassVar[str]
    """How a statement asks for the bytes of a text: damaged ones are no text."""
    _shown: str
    """What messages call the ledger."""
    _connection: Any
    _given: bool

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a statement, in which `?` stands for a value."""
        raise NotImplementedError

    def _each(self, statement: str) -> Iterator[Any]:
        """Yield many rows without having all of them in memory."""
        raise NotImplementedError

    def _held(self, row: Sequence[Any]) -> HeldLine:
        """Return a held line from what is stored of it."""
        return HeldLine._make(row)

    def _bytes(self, column: str) -> str:
        return self._as_bytes.format(column)

    def _lacks_counter(self) -> Damaged:
        return Damaged(
            "{where} is damaged (its counter is gone): restore it from a copy", where=self._shown
        )

    def head(self) -> Head:
        """Return what the counter says of the last position."""
        found = self._all("SELECT last_position, last_recorded_at FROM counter")
        if len(found) != 1:
            raise self._lacks_counter()
        return Head(*found[0])

    def events(self, after: int, limit: int) -> list[AuditRow]:
        """Return up to `limit` events with position > after, by position."""
        stream, topic, key = map(self._bytes, ("originator_id", "topic", "event_key"))
        found = self._all(
            f"SELECT position, {stream}, originator_version, {topic}, state, recorded_at, {key},"  # noqa: S608
            " is_term FROM events WHERE position > ? ORDER BY position LIMIT ?",
            (after, limit),
        )
        return list(map(AuditRow._make, found))

    def nodes(self, after: int, until: int) -> list[tuple[int, bytes]]:
        """Return the rows of nodes with after < position <= until, by position."""
        return rows_between(after, until, self._all)

    def nodes_at(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes at these positions, in the order asked; empty where none is."""
        found = rows_at(positions, self._all)
        return [found.get(position, b"") for position in positions]

    def homes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every subject with the stream that it lives in."""
        subject, stream = map(self._bytes, ("subject", "stream"))
        return self._each(f"SELECT {subject}, {stream} FROM homes")  # noqa: S608

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""
        key = self._bytes("verifier_key")
        found = self._all(
            f"SELECT number, size, sealed_at, {key}, checkpoint FROM seals ORDER BY number"  # noqa: S608
        )
        return [
            Seal(number, size, at, key.decode(errors="replace"), checkpoint)
            for number, size, at, key, checkpoint in found
        ]

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way."""
        file = self._bytes("file")
        rows = self._all(f"SELECT {file}, {', '.join(COLUMNS[1:])} FROM intakes ORDER BY file")  # noqa: S608
        return [intake_of((row[0].decode(errors="replace"), *row[1:])) for row in rows]

    def held(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield the number, the digest (SHA-256) and the bytes of every line in the quarantine."""
        return self._each("SELECT number, digest, raw FROM quarantine ORDER BY number")

    def quarantine(self) -> Iterator[HeldLine]:
        """Yield every line in the quarantine, with all that is said of it, by number."""
        return map(self._held, self._each(f"{HELD}ORDER BY number"))

    def entries(self) -> list[Entry]:
        """Return every entry of the register, with all its columns, by number."""
        found = self._all("SELECT number, recorded_at, what, detail FROM register ORDER BY number")
        return [Entry._make(row) for row in found]

    def register(self) -> list[tuple[str, str]]:
        """Return what every entry of the register is about, and its details (JSON), by number."""
        what, detail = map(self._bytes, ("what", "detail"))
        found = self._all(f"SELECT {what}, {detail} FROM register ORDER BY number")  # noqa: S608
        return [
            (what.decode(errors="replace"), detail.decode(errors="replace"))
            for what, detail in found
        ]

    def persons(self) -> Iterator[Person]:
        """Yield every person in the vault, by number."""
        rows = self._each("SELECT number, digest, salt, key FROM persons ORDER BY number")
        return map(Person._make, rows)

    def close(self) -> None:
        """Let go of the connection, where it was made here."""
        if not self._given:
            self._connection.close()
