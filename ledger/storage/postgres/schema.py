"""The tables of a ledger in a schema of PostgreSQL: how they are made, and whether it has them."""

from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from ledger.errors import Damaged, LedgerUnreachable, NewerLedger, NoLedger, NotALedger
from ledger.storage.urls import PostgresUrl
from ledger.storage.vault.rows import ERASED

SCHEMA_VERSION: Final = 1
"""The version of the tables below."""

BOOKS_COMMENT: Final = "cpod: books, made from the ledger; to be dropped at will"
"""What marks a table of the books: it stands beside the ledger, and is no part of it."""

TEXT: Final = 'text COLLATE "C"'


class Table(NamedTuple):
    """One table: its columns, with their types, and its constraints."""

    columns: dict[str, str]
    constraints: tuple[str, ...] = ()


TABLES: Final[dict[str, Table]] = {
    "events": Table(
        {
            "position": "bigint NOT NULL",
            "originator_id": f"{TEXT} NOT NULL",
            "originator_version": "bigint NOT NULL",
            "topic": f"{TEXT} NOT NULL",
            "state": "bytea NOT NULL",
            "recorded_at": "bigint NOT NULL",
            "event_key": f"{TEXT} NOT NULL",
            "is_term": "smallint NOT NULL",
        },
        (
            "PRIMARY KEY (position)",
            "UNIQUE (event_key)",
            "UNIQUE (originator_id, originator_version)",
        ),
    ),
    # The last number of each kind stands here: a sequence would not go back with a transaction
    "counter": Table(
        {
            "one": "smallint NOT NULL",
            "last_position": "bigint NOT NULL",
            "last_recorded_at": "bigint",
            "ledger_id": f"{TEXT} NOT NULL",
            "schema_version": "integer NOT NULL",
            "last_held": "bigint NOT NULL",
            "last_seal": "bigint NOT NULL",
            "last_entry": "bigint NOT NULL",
        },
        ("PRIMARY KEY (one)", "CHECK (one = 1)"),
    ),
    "homes": Table(
        {"subject": f"{TEXT} NOT NULL", "stream": f"{TEXT} NOT NULL"}, ("PRIMARY KEY (subject)",)
    ),
    # A file's name and a reason may hold what no text of PostgreSQL can
    "quarantine": Table(
        {
            "number": "bigint NOT NULL",
            "digest": "bytea NOT NULL",
            "code": f"{TEXT} NOT NULL",
            "file": "bytea NOT NULL",
            "line": "bigint NOT NULL",
            "reason": "bytea NOT NULL",
            "raw": "bytea NOT NULL",
            "waits_for": TEXT,
            "received_at": "bigint NOT NULL",
        },
        ("PRIMARY KEY (number)", "UNIQUE (digest)"),
    ),
    # How far files are taken in that are under way (`ledger.storage.intakes`)
    "intakes": Table(
        {
            "file": f"{TEXT} NOT NULL",
            "lines": "bigint NOT NULL",
            "size": "bigint NOT NULL",
            "head": "bytea NOT NULL",
            "digest": "bytea NOT NULL",
            "appended": "bigint NOT NULL",
            "duplicates": "bigint NOT NULL",
            "refused": "bigint NOT NULL",
        },
        ("PRIMARY KEY (file)",),
    ),
    # What the leaf of each event completes of the Merkle tree (`ledger.proof.merkle`)
    "nodes": Table(
        {"position": "bigint NOT NULL", "hashes": "bytea NOT NULL"}, ("PRIMARY KEY (position)",)
    ),
    "seals": Table(
        {
            "number": "bigint NOT NULL",
            "size": "bigint NOT NULL",
            "sealed_at": "bigint NOT NULL",
            "verifier_key": f"{TEXT} NOT NULL",
            "checkpoint": "bytea NOT NULL",
        },
        ("PRIMARY KEY (number)",),
    ),
    "register": Table(
        {
            "number": "bigint NOT NULL",
            "recorded_at": "bigint NOT NULL",
            "what": f"{TEXT} NOT NULL",
            "detail": f"{TEXT} NOT NULL",
        },
        ("PRIMARY KEY (number)",),
    ),
    # The vault (`ledger.storage.vault`)
    "persons": Table(
        {
            "number": "bigint NOT NULL",
            "digest": "bytea NOT NULL",
            "salt": "bytea NOT NULL",
            "key": "bytea NOT NULL",
        },
        ("PRIMARY KEY (number)", "UNIQUE (digest)"),
    ),
    "personal": Table(
        {
            "commitment": "bytea NOT NULL",
            "person": "bigint NOT NULL",
            "sealed": "bytea NOT NULL",
        },
        ("PRIMARY KEY (commitment)",),
    ),
}

UNSAMPLED: Final = {
    "persons": ("digest", "salt", "key"),
    "quarantine": ("digest", "file", "reason", "raw", "waits_for"),
    "intakes": ("file",),
}
"""Columns of which the server is to keep no samples in its statistics: they may be erased."""

INDEXES: Final = {
    # Few rows, so that the terms of a stream are found without reading its facts
    "events_terms": "ON events (originator_id, position) WHERE is_term = 1",
    "events_terms_by_position": "ON events (position) WHERE is_term = 1",
    "register_erasures": f"ON register (what) WHERE what = '{ERASED}'::text",
    "quarantine_waiting": "ON quarantine (waits_for) WHERE waits_for IS NOT NULL",
}

KEPT: Final = {
    "events": "an event is never changed or removed",
    "nodes": "a hash is never changed or removed",
    "seals": "a seal is never changed or removed",
    "register": "the register is never changed or cut",
    "personal": "what is kept of a person is never changed or removed",
}
"""Tables that the database itself keeps as they are, with what it says to who tries."""

_GUARD: Final = """BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END"""

_GUARD_COUNTER: Final = """BEGIN
    IF TG_OP <> 'UPDATE' OR new.last_position < old.last_position
        OR new.ledger_id <> old.ledger_id OR new.last_held < old.last_held
        OR new.last_seal < old.last_seal OR new.last_entry < old.last_entry
    THEN RAISE EXCEPTION 'positions only go up' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
END"""

_GUARD_PERSONS: Final = """BEGIN
    IF TG_OP <> 'UPDATE' OR new.number <> old.number
        OR new.salt <> decode(repeat('00', 32), 'hex')
        OR new.key <> decode(repeat('00', 32), 'hex')
        OR substr(new.digest, 1, 24) <> decode(repeat('00', 24), 'hex')
    THEN RAISE EXCEPTION 'a person is never changed, but for being erased'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN new;
END"""

FUNCTIONS: Final = {
    "cpod_keep": _GUARD,
    "cpod_only_up": _GUARD_COUNTER,
    "cpod_only_erased": _GUARD_PERSONS,
}
"""The bodies of the functions behind the guards."""


def triggers() -> dict[str, str]:
    """Return the guards: what follows `CREATE TRIGGER name`, by name."""
    found = {
        f"{table}_{'kept' if each == 'ROW' else 'not_emptied'}": (
            f"BEFORE {verbs} ON {table} FOR EACH {each} EXECUTE FUNCTION cpod_keep('{sentence}')"
        )
        for table, sentence in KEPT.items()
        for each, verbs in (("ROW", "DELETE OR UPDATE"), ("STATEMENT", "TRUNCATE"))
    }
    counter = "ON counter FOR EACH {} EXECUTE FUNCTION cpod_only_up()"
    persons = "ON persons FOR EACH {} EXECUTE FUNCTION cpod_only_erased()"
    return {
        **found,
        "counter_never_goes_back": f"BEFORE DELETE OR UPDATE {counter.format('ROW')}",
        "counter_not_emptied": f"BEFORE TRUNCATE {counter.format('STATEMENT')}",
        "persons_are_only_erased": f"BEFORE DELETE OR UPDATE {persons.format('ROW')}",
        "persons_not_emptied": f"BEFORE TRUNCATE {persons.format('STATEMENT')}",
    }


def make_tables(connection: Connection[Any], ledger_id: str) -> None:
    """Make an empty ledger in the schema of the session, within the transaction that is open."""
    statements = [
        f"CREATE TABLE {name} ("
        + ", ".join(
            (*(f"{column} {kind}" for column, kind in table.columns.items()), *table.constraints)
        )
        + ")"
        for name, table in TABLES.items()
    ]
    statements += [f"CREATE INDEX {name} {rest}" for name, rest in INDEXES.items()]
    statements += [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body${body}$body$"
        for name, body in FUNCTIONS.items()
    ]
    statements += [
        f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0"
        for table, columns in UNSAMPLED.items()
        for column in columns
    ]
    statements += [f"CREATE TRIGGER {name} {rest}" for name, rest in triggers().items()]
    for statement in statements:
        connection.execute(statement.encode())
    connection.execute(
        "INSERT INTO counter VALUES (1, 0, NULL, %s, %s, 0, 0, 0)", (ledger_id, SCHEMA_VERSION)
    )


def make_schema(connection: Connection[Any], url: PostgresUrl) -> None:
    """Make the schema of a ledger, where it is not there."""
    there = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s"
    if connection.execute(there, (url.schema,)).fetchone() is None:
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(url.schema)))


_RELATIONS: Final = """
    SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class') = %(books)s, false)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""

_USABLE: Final = "SELECT has_schema_privilege(%s, 'USAGE')"
_COUNTER: Final = "SELECT schema_version, ledger_id FROM counter"
_MARKS: Final = frozenset({"counter", "events", "nodes"})


def identified(connection: Connection[Any], url: PostgresUrl) -> str:
    """Return the id of the ledger in a schema.

    Raises NoLedger, NotALedger, NewerLedger or Damaged where it has none that we can use.
    """
    values = {"schema": url.schema, "books": BOOKS_COMMENT}
    found = connection.execute(_RELATIONS, values).fetchall()
    tables = {name for name, is_book in found if not is_book}
    where = f"{url.shown} (schema {url.schema})"
    if not tables:
        raise NoLedger("{where} is empty: make a ledger there with `cpod init`", where=where)
    if len(_MARKS & tables) < len(_MARKS) - 1:
        raise NotALedger(
            "{where} has other tables, and no ledger: name another schema", where=where
        )
    if not connection.execute(_USABLE, (url.schema,)).fetchone()[0]:  # type: ignore[index]
        raise LedgerUnreachable(
            "{where} may not be used by this user: ask for the right (USAGE)", where=where
        )
    counter = connection.execute(_COUNTER).fetchone() if "counter" in tables else None
    if counter is not None and counter[0] > SCHEMA_VERSION:
        raise NewerLedger(
            "{where} was written by a later version of cpod (its tables are of version "
            "{version}, this cpod knows {known}): use that version",
            where=where,
            version=counter[0],
            known=SCHEMA_VERSION,
        )
    missing = ", ".join(sorted(TABLES.keys() - tables))
    if missing:
        raise Damaged(
            "{where} is damaged (it has no table {missing}): restore it from a copy",
            where=where,
            missing=missing,
        )
    if counter is None:
        raise Damaged(
            "{where} is damaged (its counter is gone): restore it from a copy", where=where
        )
    return str(counter[1])
