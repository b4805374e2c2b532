"""A ledger on PostgreSQL that can be written: one transaction at a time, each in its turn."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

from psycopg import Cursor
from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow, tuple_row

from ledger.errors import LedgerUnreachable, NoLedger
from ledger.messages import Words
from ledger.storage.log import Head, Key, NewEvent, Randomness, StoredRow, Writer
from ledger.storage.postgres.connection import connect, lock_ledger
from ledger.storage.postgres.errors import WAIT_SECONDS, speaking_of
from ledger.storage.postgres.reader import PostgresReader
from ledger.storage.postgres.recorder import CommitUnknown, LedgerDatastore, PostgresRecorder
from ledger.storage.postgres.rows import AS_TEXTS, as_bytes, joined, said
from ledger.storage.postgres.schema import identified, make_schema, make_tables
from ledger.storage.postgres.vault import PostgresVaultWriter, assert_erasable, scrub
from ledger.storage.urls import PostgresUrl
from ledger.storage.writer import Means, WritableLog

_NAP_SECONDS: Final = 0.25
"""Between two tries to reach a server that was lost at a commit."""


_COUNTED: Final = {"quarantine": "last_held", "seals": "last_seal", "register": "last_entry"}
"""What the counter calls the last number of a table."""


_BY_KEY: Final = (
    "SELECT event_key, position, originator_id, originator_version, topic, state, recorded_at"  # noqa: S608
    f" FROM events WHERE event_key = ANY({AS_TEXTS})"
)


class PostgresWriter(PostgresVaultWriter):
    """The one transaction that holds the counter's row."""

    transaction_id: str
    last_key: Key | None = None
    """The key of the last event that was appended."""

    def _locked(self) -> Head:
        row = self._one(
            "SELECT last_position, last_recorded_at, pg_current_xact_id()::text FROM counter"
            " FOR UPDATE"
        )
        if row is None:
            raise self._damaged(Words("its counter is gone"))
        self.transaction_id = row[2]
        return Head(row[0], row[1])

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor[TupleRow]:
        self._live()
        found: Cursor[TupleRow] = self._cursor.execute(said(statement), values, binary=True)
        return found

    def _text(self, received: str) -> bytes:
        return as_bytes(received)

    def _put(self, events: Sequence[NewEvent], **kwargs: Any) -> None:
        super()._put(events, **kwargs)
        self.last_key = events[-1].key

    def _add(self, table: str, row: Mapping[str, Any]) -> int:
        """Add a row with the next number of its table; an undone transaction gives it back."""
        counted = _COUNTED[table]
        last = self._one(f"UPDATE counter SET {counted} = {counted} + 1 RETURNING {counted}")  # noqa: S608
        assert last is not None
        self._insert(table, {"number": last[0], **row})
        return int(last[0])

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""
        found = self._all(_BY_KEY, (joined(keys),))
        return {key: StoredRow._make(row) for key, *row in found}

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""
        self._live()
        if homes:
            self._write(
                f"INSERT INTO homes SELECT * FROM unnest({AS_TEXTS}, {AS_TEXTS})"  # noqa: S608
                " ON CONFLICT (subject) DO UPDATE SET stream = excluded.stream",
                (joined(homes), joined(homes.values())),
            )


class PostgresLog(PostgresReader, WritableLog):
    """The schema of a ledger, to read and to write."""

    def __init__(self, url: PostgresUrl, means: Means, *, created: bool = False) -> None:
        """Connect. Raises the errors of a ledger that cannot be used."""
        PostgresReader.__init__(self, url)
        WritableLog.__init__(self, means, created=created)

    def _make_recorder(self) -> PostgresRecorder:
        datastore = LedgerDatastore(self._url)
        return PostgresRecorder(datastore, self.means.clock, self.means.codec.is_term)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give a writer; commit when the block ends, undo all when it raises.

        Where the connection is lost at the commit, it is found out what became of it: an exception
        means that nothing was written, unless it says that this is not known.
        """
        recorder = cast("PostgresRecorder", self.application.recorder)
        writer: PostgresWriter | None = None
        try:
            with recorder.committing() as wrapped:
                cursor = wrapped.connection.cursor(row_factory=tuple_row)
                writer = PostgresWriter(self, self._shown, cursor)
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
                with (
                    connect(self._url) as connection,
                    speaking_of(self._shown),
                    connection.reading(),
                ):
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

    def assert_erasable(self) -> None:
        """Raise LedgerReadOnly where what is overwritten could not be taken off the disk."""
        assert_erasable(self._url)

    def scrub(self) -> bool:
        """Take off the disk what was overwritten or removed; return whether none of it is left."""
        return scrub(self._url)

    def close(self) -> None:
        """Let go of the connections."""
        self._close_application()
        super().close()


_STATUS: Final = "SELECT pg_xact_status(%s::xid8)"
_KEY_AT: Final = "SELECT event_key FROM events WHERE position = %s"


def create_postgres(url: PostgresUrl, randomness: Randomness) -> bool:
    """Make a ledger in its schema, which is made if need be; return False where there is one.

    Raises NotALedger where the schema has other tables, and the errors of one that is no use.
    """
    with connect(url) as connection, speaking_of(url.shown):
        with connection.reading(), suppress(NoLedger):
            identified(connection, url)
            return False
        with suppress(UniqueViolation), connection.writing():  # another process makes it, too
            make_schema(connection, url)
        with connection.writing(lock_ledger(url.schema)):
            try:
                identified(connection, url)
            except NoLedger:
                make_tables(connection, randomness(16).hex())
                return True
            return False


def rehearse_creation(url: PostgresUrl) -> None:
    """Make a ledger in its schema and roll that back. Raises what keeps it from being made."""
    with (
        connect(url) as connection,
        speaking_of(url.shown),
        connection.transaction(force_rollback=True),
    ):
        make_schema(connection, url)
        make_tables(connection, "")
