"""The tables of a ledger in SQLite: how they are made, and whether a file has them."""

import sqlite3
from typing import Final

from ledger.errors import Damaged, NewerLedger, NoLedger, NotALedger
from ledger.storage.vault.rows import ERASED

APPLICATION_ID: Final = int.from_bytes(b"cpod", "big")
"""Marks a file of SQLite as a ledger."""

SCHEMA_VERSION: Final = 1
"""The version of the tables below."""

_TABLES: Final = (
    """CREATE TABLE events (
        position INTEGER PRIMARY KEY,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        state BLOB NOT NULL,
        recorded_at INTEGER NOT NULL,
        event_key TEXT NOT NULL UNIQUE,
        is_term INTEGER NOT NULL,
        UNIQUE (originator_id, originator_version)
    )""",
    """CREATE TABLE counter (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        last_position INTEGER NOT NULL,
        last_recorded_at INTEGER,
        ledger_id TEXT NOT NULL
    )""",
    """CREATE TABLE homes (
        subject TEXT PRIMARY KEY,
        stream TEXT NOT NULL
    )""",
    """CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        digest BLOB NOT NULL UNIQUE,
        code TEXT NOT NULL,
        file TEXT NOT NULL,
        line INTEGER NOT NULL,
        reason TEXT NOT NULL,
        raw BLOB NOT NULL,
        waits_for TEXT,
        received_at INTEGER NOT NULL
    )""",
    # How far files are taken in that are under way (`ledger.storage.intakes`)
    """CREATE TABLE intakes (
        file TEXT PRIMARY KEY,
        lines INTEGER NOT NULL,
        size INTEGER NOT NULL,
        head BLOB NOT NULL,
        digest BLOB NOT NULL,
        appended INTEGER NOT NULL,
        duplicates INTEGER NOT NULL,
        refused INTEGER NOT NULL
    )""",
    # What the leaf of each event completes of the Merkle tree (`ledger.proof.merkle`)
    """CREATE TABLE nodes (
        position INTEGER PRIMARY KEY,
        hashes BLOB NOT NULL
    )""",
    """CREATE TABLE seals (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        size INTEGER NOT NULL,
        sealed_at INTEGER NOT NULL,
        verifier_key TEXT NOT NULL,
        checkpoint BLOB NOT NULL
    )""",
    """CREATE TABLE register (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        recorded_at INTEGER NOT NULL,
        what TEXT NOT NULL,
        detail TEXT NOT NULL
    )""",
    # The vault (`ledger.storage.vault`). A row of persons never changes its size, so that it is
    # overwritten in its place, and no page has an older copy of it.
    """CREATE TABLE persons (
        number INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        salt BLOB NOT NULL CHECK (length(salt) = 32),
        key BLOB NOT NULL CHECK (length(key) = 32)
    )""",
    """CREATE TABLE personal (
        commitment BLOB PRIMARY KEY NOT NULL CHECK (length(commitment) = 32),
        person INTEGER NOT NULL,
        sealed BLOB NOT NULL
    )""",
)

_INDEXES: Final = (
    # Few rows, so that the terms of a stream are found without reading its facts
    "CREATE INDEX terms ON events (originator_id, position) WHERE is_term = 1",
    "CREATE INDEX waiting ON quarantine (waits_for) WHERE waits_for IS NOT NULL",
    f"CREATE INDEX erasures ON register (what) WHERE what = '{ERASED}'",
)

_KEPT: Final = {
    "events": "an event is never changed or removed",
    "nodes": "a hash is never changed or removed",
    "seals": "a seal is never changed or removed",
    "register": "the register is never changed or cut",
    "personal": "what is kept of a person is never changed or removed",
}
"""Tables that the database itself keeps as they are, with what it says to who tries."""

_SAME_COUNTER: Final = """CREATE TRIGGER counter_never_goes_back BEFORE UPDATE ON counter
    WHEN new.last_position < old.last_position OR new.ledger_id <> old.ledger_id
    BEGIN SELECT RAISE(ABORT, 'positions only go up'); END"""

_ONLY_ERASED: Final = (
    """CREATE TRIGGER persons_are_only_erased BEFORE UPDATE ON persons
    WHEN new.number <> old.number OR new.salt <> zeroblob(32) OR new.key <> zeroblob(32)
    OR substr(new.digest, 1, 24) <> zeroblob(24)
    BEGIN SELECT RAISE(ABORT, 'a person is never changed, but for being erased'); END""",
    """CREATE TRIGGER persons_no_delete BEFORE DELETE ON persons
    BEGIN SELECT RAISE(ABORT, 'a person is never removed'); END""",
)

_NAMES: Final = frozenset(
    {
        *("events", "counter", "homes", "quarantine", "nodes", "seals", "register"),
        *("persons", "personal", "intakes"),
    }
)

_STRICT_SINCE: Final = (3, 37, 0)
"""The version of SQLite that checks the types of columns where asked to."""


def make_tables(connection: sqlite3.Connection, ledger_id: str) -> None:
    """Make an empty ledger in an empty database, within the transaction that is open."""
    strict = " STRICT" if sqlite3.sqlite_version_info >= _STRICT_SINCE else ""
    for table in _TABLES:
        connection.execute(table + strict)
    for index in _INDEXES:
        connection.execute(index)
    for table, sentence in _KEPT.items():
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
    for trigger in (_SAME_COUNTER, *_ONLY_ERASED):
        connection.execute(trigger)
    connection.execute("INSERT INTO counter VALUES (1, 0, NULL, ?)", (ledger_id,))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def assert_ledger(connection: sqlite3.Connection, path: str) -> None:
    """Raise NoLedger, NotALedger, NewerLedger or Damaged where a database is none we can use."""
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = {
        name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    }
    if marked != APPLICATION_ID:
        if marked or version or tables:
            raise NotALedger("{where} is a database, but no ledger: name another file", where=path)
        raise NoLedger("{where} is empty: make a ledger there with `cpod init`", where=path)
    if version > SCHEMA_VERSION:
        raise NewerLedger(
            "{where} was written by a later version of cpod (its tables are of version "
            "{version}, this cpod knows {known}): use that version",
            where=path,
            version=version,
            known=SCHEMA_VERSION,
        )
    missing = ", ".join(sorted(_NAMES - tables))
    if missing:
        raise Damaged(
            "{where} is damaged (it has no table {missing}): restore it from a copy",
            where=path,
            missing=missing,
        )
    if connection.execute("SELECT count(*) FROM counter").fetchone()[0] != 1:
        raise Damaged(
            "{where} is damaged (its counter is gone): restore it from a copy", where=path
        )
