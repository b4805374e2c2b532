"""Connections to a ledger's schema on PostgreSQL: what a session has to be like, and the locks."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.string import BytesBinaryDumper

from ledger.errors import LedgerUnreachable, UsageError
from ledger.storage.postgres_errors import WAIT_SECONDS, speaking_of, unconnected
from ledger.storage.urls import PostgresUrl

_CONNECT_SECONDS: Final = 10

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

_SESSION: Final = """SELECT
    set_config('search_path', %(path)s, false),
    set_config('lock_timeout', %(wait)s, false),
    set_config('default_transaction_read_only', CASE WHEN %(read_only)s THEN 'on'
        ELSE current_setting('default_transaction_read_only') END, false),
    set_config('bytea_output', 'hex', false),
    set_config('tcp_keepalives_idle', '20', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false),
    set_config('synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false)"""
"""Where our tables are found, how long one waits, and that a commit is on the disk."""

_LOCKS: Final = int.from_bytes(b"cpod", "big")
"""The first half of the keys of our advisory locks: nobody else's."""


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


def connect(url: PostgresUrl, *, read_only: bool = False) -> Connection[tuple[Any, ...]]:
    """Return a connection in autocommit whose session sees the ledger's schema, and no other.

    Raises LedgerUnreachable where there is none to be had.
    """
    given = parameters(url)
    try:
        connection = psycopg.connect(**given, autocommit=True)
    except psycopg.Error as error:
        secret = given.get("password")
        raise unconnected(error, url.shown, str(secret) if secret else None) from None
    try:
        with speaking_of(url.shown):
            make_ready(connection, url.schema, read_only=read_only)
            _assert_unicode(connection, url.shown)
    except BaseException:
        connection.close()
        raise
    return connection


def make_ready(connection: Connection[Any], schema: str, *, read_only: bool) -> None:
    """Make the session of a new connection as we need it."""
    values = {
        "path": Identifier(schema).as_string(None),
        "wait": f"{WAIT_SECONDS * 1000:.0f}ms",
        "read_only": read_only,
    }
    connection.execute(_SESSION, values)
    # Of the two that write bytes the driver would take the slower one, where rows are copied
    connection.adapters.register_dumper(bytes, BytesBinaryDumper)


def _assert_unicode(connection: Connection[Any], shown: str) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise LedgerUnreachable(
            "{where}: the database stores texts as {encoding}: make one with ENCODING 'UTF8'",
            where=shown,
            encoding=encoding,
        )


def lock_ledger(schema: str) -> Composed:
    """Return the statement that waits for its turn to write to the ledger, in order of arrival."""
    return _lock(schema, _LOCKS)


def lock_books(schema: str) -> Composed:
    """Return the statement that waits for its turn to write to the books."""
    return _lock(schema, _LOCKS + 1)


def _lock(schema: str, group: int) -> Composed:
    """Rows are locked in no fair order; advisory locks are given to who has waited longest."""
    return SQL(
        "SELECT pg_advisory_xact_lock({group}, (SELECT oid::bigint - 2147483648"
        " FROM pg_catalog.pg_namespace WHERE nspname = {schema})::int4)"
    ).format(group=group, schema=schema)
