"""A ledger on PostgreSQL from outside: it reads what is committed, and never locks a writer out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import Cursor

from ledger.errors import UsageError
from ledger.storage.database.reader import DatabaseReader
from ledger.storage.postgres.connection import READING, Session, connect, shared
from ledger.storage.postgres.rows import PostgresRows, said
from ledger.storage.postgres.schema import TABLES, identified
from ledger.storage.urls import PostgresUrl

if TYPE_CHECKING:
    from ledger.storage.postgres.audit import PostgresAudit


class PostgresReader(DatabaseReader, PostgresRows):
    """One connection that only reads. It may be shared by threads."""

    def __init__(self, url: PostgresUrl) -> None:
        """Connect. Raises the errors of a ledger that cannot be used."""
        self._url = url
        self._shown = url.shown
        self._turn = Lock()
        self._connection = connect(url)
        try:
            with self._speaking(), self._connection.reading():
                self._ledger_id = identified(self._connection, url)
        except BaseException:
            self._connection.close()
            raise

    def _execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor[tuple[Any, ...]]:
        with self._reading() as session:
            return session.execute(said(statement), values, binary=True)

    @contextmanager
    def _reading(self) -> Iterator[Session[Any]]:
        """Give a session within a transaction: that of the books, else one for the block alone."""
        session = shared(self._url)
        if session is not None:
            yield session
            return
        with self._turn:
            try:
                self._connection.begin(READING)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                self._connection = connect(self._url)  # it was lost since the last question
                self._connection.begin(READING)
            try:
                yield self._connection
            finally:
                self._connection.undo()

    @property
    def url(self) -> str:
        """Return where it is."""
        return self._url.url

    def size_bytes(self) -> int:
        """Return the bytes that its tables and indexes take on the server's disk."""
        row = self._one(
            "SELECT sum(pg_total_relation_size(name::regclass))::bigint"
            " FROM unnest(%s::text[]) AS name",
            (list(TABLES),),
        )
        assert row is not None
        return int(row[0])

    def audit(self) -> "PostgresAudit":
        """Return an audit of it: all that is stored, as it is, of one moment."""
        from ledger.storage.postgres.audit import PostgresAudit

        return PostgresAudit(self._url)

    def back_up(self, path: str, on_progress: Callable[[int], None] | None = None) -> None:
        """Raise UsageError: there is no file to copy."""
        del on_progress
        raise UsageError(
            "a ledger on PostgreSQL is no file that could be copied to {where}: copy it with "
            "`cpod copy sqlite:///{where}`, or its schema with pg_dump -n {schema}",
            where=path,
            schema=self._url.schema,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
