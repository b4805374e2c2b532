"""A ledger on PostgreSQL that can be written: one transaction at a time, each in its turn."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, cast

from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from ledger.errors import LedgerUnreachable, NoLedger
from ledger.storage.application import LedgerApplication
from ledger.storage.codec import Codec, canonical
from ledger.storage.log import (
    Clock,
    Head,
    HeldLine,
    Intake,
    Key,
    NewEvent,
    Randomness,
    Seal,
    StoredRow,
    Writer,
)
from ledger.storage.postgres_connection import connect, lock_ledger
from ledger.storage.postgres_errors import WAIT_SECONDS, speaking_of
from ledger.storage.postgres_reader import PostgresReader
from ledger.storage.postgres_recorder import (
    CommitUnknown,
    LedgerDatastore,
    PostgresLedgerFactory,
)
from ledger.storage.postgres_rows import as_bytes, held_line
from ledger.storage.postgres_schema import (
    HELD,
    identified,
    make_schema,
    make_tables,
)
from ledger.storage.postgres_vault import PostgresVaultWriter, scrub
from ledger.storage.urls import PostgresUrl
from ledger.storage.writer import TransactionWriter
from ledger.words import Words

_NAP_SECONDS: Final = 0.25
"""Between two tries to reach a server that was lost at a commit."""


class PostgresWriter(TransactionWriter, PostgresVaultWriter):
    """The one transaction that holds the counter's row."""

    def __init__(
        self,
        shown: str,
        cursor: Cursor[TupleRow],
        application: LedgerApplication,
        clock: Clock,
        ledger_id: str,
        randomness: Randomness,
    ) -> None:
        """Take the cursor of a transaction whose turn it is."""
        self._shown = shown
        self._cursor = cursor
        self._alive = True
        self.last_key: Key | None = None
        """The key of the last event that was appended."""
        row = self._one(
            "SELECT last_position, last_recorded_at, pg_current_xact_id()::text FROM counter"
            " FOR UPDATE"
        )
        if row is None:
            raise self._damaged(Words("its counter is gone"))
        self.transaction_id: str = row[2]
        head = Head(row[0], row[1])
        super().__init__(application, clock, head, ledger_id, randomness)

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor[TupleRow]:
        self._live()
        return self._cursor.execute(statement.encode(), values, binary=True)

    def _put(self, events: Sequence[NewEvent], **kwargs: Any) -> None:
        with speaking_of(self._shown):
            super()._put(events, cursor=self._cursor, **kwargs)
        self.last_key = events[-1].key

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        with speaking_of(self._shown):
            self._execute(statement, values)

    def _next(self, counted: str) -> int:
        """Return the next number of what is counted; an undone transaction gives it back."""
        row = self._one(f"UPDATE counter SET {counted} = {counted} + 1 RETURNING {counted}")  # noqa: S608
        assert row is not None
        return cast("int", row[0])

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        found = self._all(
            "SELECT event_key, position, originator_id, originator_version, topic, state,"
            " recorded_at FROM events WHERE event_key = ANY(%s::text[])",
            (list(keys),),
        )
        return {key: StoredRow._make(row) for key, *row in found}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._live()
        if homes:
            self._write(
                "INSERT INTO homes SELECT * FROM unnest(%s::text[], %s::text[])"
                " ON CONFLICT (subject) DO UPDATE SET stream = excluded.stream",
                (list(homes), list(homes.values())),
            )

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number; the same bytes wait once."""
        digest = sha256(raw).digest()
        row = self._one("SELECT number FROM quarantine WHERE digest = %s", (digest,))
        if row is not None:
            self._write(
                "UPDATE quarantine SET code = %s, reason = %s, waits_for = %s WHERE number = %s",
                (code, as_bytes(reason), waits_for, row[0]),
            )
            return cast("int", row[0])
        number = self._next("last_held")
        self._write(
            "INSERT INTO quarantine VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                *(number, digest, code, as_bytes(file), line),
                *(as_bytes(reason), raw, waits_for, self.stamp),
            ),
        )
        return number

    def held(self, raws: Collection[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent."""
        if self._one("SELECT 1 FROM quarantine LIMIT 1") is None:
            return {}
        by_digest = {sha256(raw).digest(): raw for raw in raws}
        found = self._all(
            "SELECT digest, number FROM quarantine WHERE digest = ANY(%s::bytea[])",
            (list(by_digest),),
        )
        return {by_digest[digest]: number for digest, number in found}

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""
        found = self._all(
            "SELECT DISTINCT waits_for FROM quarantine WHERE waits_for IS NOT NULL ORDER BY 1"
        )
        return [name for (name,) in found]

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""
        found = self._all(
            f"{HELD}WHERE waits_for = ANY(%s::text[]) ORDER BY number", (list(set(names)),)
        )
        return [held_line(row) for row in found]

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""
        self._write("DELETE FROM quarantine WHERE number = %s", (number,))

    def keep_intake(self, intake: Intake) -> None:
        """Say how far a file is; what was said of that name before is forgotten."""
        self.drop_intake(intake.file)
        self._write("INSERT INTO intakes VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", intake)

    def drop_intake(self, file: str) -> None:
        """Forget a file, for it is done; nothing happens where it is not known."""
        self._write("DELETE FROM intakes WHERE file = %s", (file,))

    def seal(self, size: int, verifier_key: str, checkpoint: bytes) -> Seal:
        """Keep a signed checkpoint of the first `size` events, for ever."""
        made = Seal(self._next("last_seal"), size, self.stamp, verifier_key, checkpoint)
        self._write("INSERT INTO seals VALUES (%s, %s, %s, %s, %s)", made)
        return made

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""
        number = self._next("last_entry")
        self._write(
            "INSERT INTO register VALUES (%s, %s, %s, %s)",
            (number, self.stamp, what, canonical(detail).decode()),
        )
        return number


class PostgresLog(PostgresReader):
    """The schema of a ledger, to read and to write."""

    def __init__(
        self,
        url: PostgresUrl,
        clock: Clock,
        codec: Codec,
        randomness: Randomness,
        *,
        created: bool = False,
    ) -> None:
        """Connect. Raises the errors of a ledger that cannot be used."""
        super().__init__(url)
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
        """Return the application of the library, over this schema."""
        factory = PostgresLedgerFactory(self._url, self._clock, self._codec.is_term)
        return LedgerApplication(factory, self._codec)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises.

        Where the connection is lost at the commit, it is found out what became of it: an exception
        means that nothing was written, unless it says that this is not known.
        """
        application = self.application
        datastore = cast("PostgresLedgerFactory", application.factory).datastore
        assert isinstance(datastore, LedgerDatastore)
        writer: PostgresWriter | None = None
        try:
            with datastore.transaction(commit=True) as wrapped:
                cursor = wrapped.connection.cursor(row_factory=tuple_row)
                writer = PostgresWriter(
                    self._shown,
                    cursor,
                    application,
                    self._clock,
                    self.ledger_id,
                    self._randomness,
                )
                try:
                    yield writer
                    writer.finish()
                finally:
                    writer.die()
        except CommitUnknown as lost:
            assert writer is not None
            if not self._is_committed(writer, lost):
                raise LedgerUnreachable(
                    "{where}: the connection was lost, and nothing of the last transaction was "
                    "written: try again",
                    where=self._shown,
                ) from lost

    def _is_committed(self, writer: PostgresWriter, lost: CommitUnknown) -> bool:
        """Return whether a transaction was committed. Raises LedgerUnreachable if nobody knows."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                with connect(self._url, read_only=True) as connection, speaking_of(self._shown):
                    asked = (writer.transaction_id,)
                    status = connection.execute(_STATUS, asked).fetchone()
                    if status is not None and status[0] != "in progress":
                        key = connection.execute(_KEY_AT, (writer.tail.position,)).fetchone()
                        # The key is looked up, too: after a fail-over the number may be another's
                        there = writer.last_key is None or key == (writer.last_key,)
                        return status[0] == "committed" and there
            except LedgerUnreachable:
                if time.monotonic() > end:
                    raise LedgerUnreachable(
                        "{where}: the connection was lost while the last transaction was being "
                        "committed, and it is not known whether it was: send the same again, and "
                        "what is there already counts as duplicate",
                        where=self._shown,
                    ) from lost
            time.sleep(_NAP_SECONDS)

    def scrub(self) -> bool:
        """Take off the disk what was overwritten or removed; return whether none of it is left."""
        return scrub(self._url)

    def close(self) -> None:
        """Let go of the connections."""
        if "application" in self.__dict__:
            self.application.close()
        super().close()


_STATUS: Final = "SELECT pg_xact_status(%s::xid8)"
_KEY_AT: Final = "SELECT event_key FROM events WHERE position = %s"


def create_postgres(url: PostgresUrl, randomness: Randomness) -> bool:
    """Make a ledger in its schema, which is made if need be; return False where there is one.

    Raises NotALedger where the schema has other tables, and the errors of one that is no use.
    """
    with connect(url) as connection, speaking_of(url.shown):
        try:
            identified(connection, url)
            return False
        except NoLedger:
            pass
        make_schema(connection, url)
        with connection.transaction():
            connection.execute(lock_ledger(url.schema))
            try:
                identified(connection, url)
            except NoLedger:
                make_tables(connection, randomness(16).hex())
                return True
            return False
