"""A ledger in SQLite that can be written: one transaction at a time, on the file's write lock."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from typing import Any, cast

from ledger.storage.application import LedgerApplication
from ledger.storage.codec import Codec, canonical
from ledger.storage.log import (
    Clock,
    HeldLine,
    Intake,
    Key,
    NewEvent,
    Randomness,
    Seal,
    StoredRow,
    Writer,
)
from ledger.storage.sqlite_connection import begin_immediate, connect_writer
from ledger.storage.sqlite_errors import speaking_of
from ledger.storage.sqlite_reader import SqliteReader
from ledger.storage.sqlite_recorder import LedgerDatastore, SqliteLedgerFactory
from ledger.storage.sqlite_schema import EVENTS, HELD, make_tables
from ledger.storage.sqlite_vault import SqliteVaultWriter, scrub
from ledger.storage.writer import TransactionWriter


class SqliteWriter(TransactionWriter, SqliteVaultWriter):
    """The one transaction that holds the write lock."""

    def __init__(
        self,
        path: str,
        cursor: sqlite3.Cursor,
        application: LedgerApplication,
        clock: Clock,
        ledger_id: str,
        randomness: Randomness,
    ) -> None:
        """Take the cursor of a transaction that has the lock."""
        self._path = path
        self._cursor = cursor
        self._alive = True
        super().__init__(application, clock, self._head(), ledger_id, randomness)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        self._live()
        return self._cursor.execute(statement, values)

    def _put(self, events: Sequence[NewEvent], **kwargs: Any) -> None:
        with speaking_of(self._path):
            super()._put(events, cursor=self._cursor, **kwargs)

    def _many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._live()
        if rows:
            with speaking_of(self._path):
                self._cursor.executemany(statement, rows)

    def _write(self, statement: str, values: Sequence[Any]) -> int:
        with speaking_of(self._path):
            return cast("int", self._execute(statement, values).lastrowid)

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        positions = dict(
            self._among("SELECT event_key, position FROM events WHERE event_key IN", keys)
        )
        rows = self._among(f"{EVENTS}WHERE position IN", positions.values())
        by_position = {row[0]: StoredRow._make(row) for row in rows}
        return {key: by_position[position] for key, position in positions.items()}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._many(
            "INSERT INTO homes VALUES (?, ?) "
            "ON CONFLICT (subject) DO UPDATE SET stream = excluded.stream",
            list(homes.items()),
        )

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number; the same bytes wait once."""
        digest = sha256(raw).digest()
        row = self._one("SELECT number FROM quarantine WHERE digest = ?", (digest,))
        if row is not None:
            self._write(
                "UPDATE quarantine SET code = ?, reason = ?, waits_for = ? WHERE number = ?",
                (code, reason, waits_for, row[0]),
            )
            return cast("int", row[0])
        return self._write(
            "INSERT INTO quarantine "
            "(digest, code, file, line, reason, raw, waits_for, received_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (digest, code, file, line, reason, raw, waits_for, self.stamp),
        )

    def held(self, raws: Collection[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent."""
        if self._one("SELECT 1 FROM quarantine LIMIT 1") is None:
            return {}
        by_digest = {sha256(raw).digest(): raw for raw in raws}
        found = self._among("SELECT digest, number FROM quarantine WHERE digest IN", by_digest)
        return {by_digest[digest]: number for digest, number in found}

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""
        found = self._all(
            "SELECT DISTINCT waits_for FROM quarantine WHERE waits_for IS NOT NULL ORDER BY 1"
        )
        return [name for (name,) in found]

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""
        found = self._among(f"{HELD}WHERE waits_for IN", set(names))
        return sorted(map(HeldLine._make, found))

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""
        self._write("DELETE FROM quarantine WHERE number = ?", (number,))

    def keep_intake(self, intake: Intake) -> None:
        """Say how far a file is; what was said of that name before is forgotten."""
        self._write("INSERT OR REPLACE INTO intakes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", intake)

    def drop_intake(self, file: str) -> None:
        """Forget a file, for it is done; nothing happens where it is not known."""
        self._write("DELETE FROM intakes WHERE file = ?", (file,))

    def seal(self, size: int, verifier_key: str, checkpoint: bytes) -> Seal:
        """Keep a signed checkpoint of the first `size` events, for ever."""
        values = (size, self.stamp, verifier_key, checkpoint)
        number = self._write(
            "INSERT INTO seals (size, sealed_at, verifier_key, checkpoint) VALUES (?, ?, ?, ?)",
            values,
        )
        return Seal(number, *values)

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""
        return self._write(
            "INSERT INTO register (recorded_at, what, detail) VALUES (?, ?, ?)",
            (self.stamp, what, canonical(detail).decode()),
        )


class SqliteLog(SqliteReader):
    """The file of a ledger, to read and to write."""

    def __init__(
        self,
        path: str,
        clock: Clock,
        codec: Codec,
        randomness: Randomness,
        *,
        created: bool = False,
    ) -> None:
        """Open the file. Raises the errors of a ledger that cannot be used."""
        super().__init__(path)
        self._clock = clock
        self._randomness = randomness
        self._codec = codec
        self._created = created

    @property
    def created(self) -> bool:
        """Return whether it was made just now."""
        return self._created

    @cached_property
    def application(self) -> LedgerApplication:
        """Return the application of the library, over this file."""
        factory = SqliteLedgerFactory(self._path, self._clock, self._codec.is_term)
        return LedgerApplication(factory, self._codec)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises."""
        application = self.application
        datastore = cast("SqliteLedgerFactory", application.factory).datastore
        assert isinstance(datastore, LedgerDatastore)
        with datastore.transaction(commit=True) as wrapped:
            cursor = wrapped.sqlite_cursor
            cursor.row_factory = None
            writer = SqliteWriter(
                self._path, cursor, application, self._clock, self.ledger_id, self._randomness
            )
            try:
                yield writer
                writer.finish()
            finally:
                writer.die()

    def scrub(self) -> bool:
        """Take off the disk what was overwritten or removed; return whether none of it is left."""
        return scrub(self._path)

    def close(self) -> None:
        """Let go of the file."""
        if "application" in self.__dict__:
            self.application.close()
        super().close()


def create_sqlite(path: str, randomness: Randomness) -> bool:
    """Make a ledger at the path; return False where one has been made in the meantime."""
    with speaking_of(path):
        connection = connect_writer(path, create=True)
        try:
            begin_immediate(connection)
            if _is_empty(connection.execute("SELECT count(*) FROM sqlite_master")):
                make_tables(connection, randomness(16).hex())
                connection.commit()
                return True
            return False
        finally:
            connection.rollback()
            connection.close()


def _is_empty(counted: Iterable[tuple[int]]) -> bool:
    return all(number == 0 for (number,) in counted)
