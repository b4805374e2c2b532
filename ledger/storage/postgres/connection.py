"""Connections to a ledger's schema on PostgreSQL, which keep nothing in the session, and the locks.

A pooler may give each transaction another session, which others have used before. So every
statement is part of a transaction that brings its own settings (`postgres_settings`), nothing is
prepared, and no lock outlives its transaction.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.abc import RV, PQGen
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import Row, TupleRow, tuple_row
from psycopg.types.string import BytesBinaryDumper

from ledger.errors import LedgerBusy, LedgerUnreachable, UsageError
from ledger.storage.postgres.errors import WAIT_SECONDS, speaking_of, unconnected
from ledger.storage.postgres.settings import REQUIRED, REQUIREMENTS, literal, pinned
from ledger.storage.urls import PostgresUrl

_CONNECT_SECONDS: Final = 10
_LOOK_SECONDS: Final = 0.1
"""Between two looks at signals and the time, while waiting for an answer."""

_DEFAULTS: Final[Mapping[str, Any]] = {
    "connect_timeout": _CONNECT_SECONDS,
    "fallback_application_name": "cpod",
    # A peer that is gone is noticed within a minute, here as there
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_ALWAYS: Final[Mapping[str, Any]] = {"client_encoding": "UTF8"}

WRITING: Final = "ISOLATION LEVEL READ COMMITTED"
READING: Final = f"{WRITING} READ ONLY"
SNAPSHOT: Final = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
"""How transactions begin; in a snapshot all statements see the same."""

_LOCKS: Final = int.from_bytes(b"cpod", "big")
"""The first half of the keys of our advisory locks: nobody else's."""


class _HexDumper(Dumper):
    """Writes bytes as hex, which needs no knowledge of the session.

    The driver's own dumper doubles backslashes by what libpq last heard of the settings.
    """

    oid = psycopg.adapters.types["bytea"].oid

    def dump(self, obj: bytes) -> bytes:
        """Return bytes as a text."""
        return b"\\x" + obj.hex().encode()


class Session(Connection[Row]):
    """A connection in autocommit; its transactions see the ledger's schema, and no other."""

    _shown: str
    _pinned: str
    _backend: int
    """What the server calls the session that has the transaction."""
    _patience: float = WAIT_SECONDS
    """Seconds to wait for the answer to a message outside a transaction, such as its BEGIN."""

    def prepare(self, url: PostgresUrl) -> None:
        """Make a new connection ready. Raises LedgerUnreachable if it cannot hold a transaction."""
        self.prepare_threshold = None
        self.adapters.register_dumper(bytes, _HexDumper)
        # Of the two that write bytes the driver would take the slower one, where rows are copied
        self.adapters.register_dumper(bytes, BytesBinaryDumper)
        self._shown = url.shown
        self._pinned = pinned(url.schema, self.info.server_version)
        with self.reading():
            asked = self.cursor(row_factory=tuple_row).execute(
                "SELECT pg_backend_pid(), current_setting('synchronous_commit')"
            )
            ((backend, durability),) = asked.fetchall()
            held = self.info.transaction_status == TransactionStatus.INTRANS
            if not held or backend != self._backend:
                raise LedgerUnreachable(
                    "{where}: the pooler spreads a transaction over several sessions: use its "
                    "session mode without load balancing, or connect to the server itself",
                    where=url.shown,
                )
        if durability == "off":
            durability = "on"
        self._pinned += f"; SET LOCAL synchronous_commit = {durability}"

    def begin(self, how: str, *then: str) -> None:
        """Begin a transaction with its settings, and run `then` before its first snapshot.

        It is one message, so it reaches one session. Raises LedgerUnreachable if a required
        setting has another value, and LedgerBusy if no session is free.
        """
        begun = self.cursor(row_factory=tuple_row)
        message = "; ".join((f"BEGIN {how}", self._pinned, *then, REQUIREMENTS))
        self._patience = WAIT_SECONDS * (2 if then else 1)
        try:
            begun.execute(message.encode())
        except psycopg.OperationalError as error:
            if self.info.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise LedgerBusy(
                "{where}: no connection to the server was free for {seconds:.0f} seconds: try "
                "again later; behind a pooler a process needs two, in session mode three",
                where=self._shown,
                seconds=WAIT_SECONDS,
            ) from error
        begun.set_result(-1)
        ((self._backend, *settings),) = begun.fetchall()
        for name, found in zip(REQUIRED, settings, strict=True):
            self._judge(name, found)

    def wait(
        self, gen: PQGen[RV], interval: float = _LOOK_SECONDS, timeout: float | None = None
    ) -> RV:
        """Wait for the driver; outside a transaction a pooler may have no session: not for ever."""
        if timeout is None and self.pgconn.transaction_status == TransactionStatus.IDLE:
            timeout = self._patience
        return super().wait(gen, interval, timeout)

    def _judge(self, name: str, found: str) -> None:
        if found == REQUIRED[name]:
            return
        if name == "server_encoding":
            raise LedgerUnreachable(
                "{where}: the database stores texts as {encoding}: make one with ENCODING 'UTF8'",
                where=self._shown,
                encoding=found,
            )
        raise LedgerUnreachable(
            "{where}: the setting {name} is {found}: set it to {wanted} for this user",
            where=self._shown,
            name=name,
            found=found,
            wanted=REQUIRED[name],
        )

    def end(self) -> None:
        """Commit. Raises LedgerUnreachable if the server has rolled it back instead."""
        if self.execute("COMMIT").statusmessage != "COMMIT":
            raise LedgerUnreachable(
                "{where}: the server rolled the transaction back: try again", where=self._shown
            )

    @contextmanager
    def reading(self, how: str = READING, *then: str) -> Iterator[None]:
        """Hold a read-only transaction while the block runs."""
        try:
            self.begin(how, *then)
            yield
        finally:
            self.undo()

    @contextmanager
    def writing(self, *then: str) -> Iterator[None]:
        """Hold a transaction; commit when the block ends, roll back when it raises."""
        try:
            self.begin(WRITING, *then)
            yield
            self.end()
        finally:
            self.undo()

    def undo(self) -> None:
        """Roll back the open transaction, if any; the server does so for a lost connection."""
        with suppress(psycopg.Error):
            self.rollback()


_SHARED: ContextVar[tuple[PostgresUrl, Session[Any]] | None] = ContextVar("_SHARED", default=None)


@contextmanager
def sharing(url: PostgresUrl, session: Session[Any]) -> Iterator[None]:
    """Make reads of the same ledger part of the transaction that a session has open.

    So a question sees one snapshot of books and log, and takes one connection of a pooler.
    """
    before = _SHARED.set((url, session))
    try:
        yield
    finally:
        _SHARED.reset(before)


def shared(url: PostgresUrl) -> Session[Any] | None:
    """Return the session whose transaction reads of a ledger are part of now, if any."""
    found = _SHARED.get()
    return found[1] if found is not None and found[0] == url else None


def parameters(url: PostgresUrl) -> dict[str, Any]:
    """Return what libpq connects with. Raises UsageError for what it cannot read."""
    try:
        given = conninfo_to_dict(url.conninfo)
    except psycopg.ProgrammingError:  # what it says may quote the password
        raise UsageError(
            "{where}: this is no URL of PostgreSQL: write special characters as %XX",
            where=url.shown,
        ) from None
    return {**_DEFAULTS, **given, **_ALWAYS}


def connect(url: PostgresUrl) -> Session[TupleRow]:
    """Return a session for the ledger's schema.

    Raises LedgerUnreachable if the server cannot be reached or has settings that forbid it.
    """
    given = parameters(url)
    try:
        session = Session.connect(**given, autocommit=True)
    except psycopg.Error as error:
        secret = given.get("password")
        raise unconnected(error, url.shown, str(secret) if secret else None) from None
    try:
        with speaking_of(url.shown):
            session.prepare(url)
    except BaseException:
        session.close()
        raise
    return session


def lock_ledger(schema: str) -> str:
    """Return the statement that waits for its turn to write to the ledger, in order of arrival."""
    return _lock(schema, _LOCKS)


def lock_books(schema: str) -> str:
    """Return the statement that waits for its turn to write to the books."""
    return _lock(schema, _LOCKS + 1)


def _lock(schema: str, group: int) -> str:
    """Rows are locked in no fair order; advisory locks are given to who has waited longest."""
    name = literal('"{}"'.format(schema.replace('"', '""')))
    number = f"({name}::regnamespace::oid::bigint - 2147483648)::int4"
    return f"SELECT pg_advisory_xact_lock({group}, {number})"
