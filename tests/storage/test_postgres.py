"""A ledger on PostgreSQL: what the database refuses by itself, its schema, what it needs."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from files import filled, make, raised
from places import dump, fact, write_some
from postgres_files import within

from ledger import errors
from ledger.storage.opening import open_reader
from ledger.storage.urls import parse_url, without_password

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET state = '' WHERE position = 1",
        "UPDATE events SET recorded_at = recorded_at + 1",
        "DELETE FROM events WHERE position = 3",
        "TRUNCATE events",
        "UPDATE nodes SET hashes = ''",
        "DELETE FROM nodes",
        "UPDATE register SET what = 'other'",
        "DELETE FROM register",
        "TRUNCATE seals, register",
        "UPDATE counter SET last_position = 1",
        "UPDATE counter SET last_entry = 0",
        "UPDATE counter SET ledger_id = 'other'",
        "DELETE FROM counter",
        "INSERT INTO events SELECT 9, originator_id, originator_version, topic, state, recorded_at,"
        " 'other', is_term FROM events LIMIT 1",
        "INSERT INTO events SELECT 9, 'other', originator_version, topic, state, recorded_at,"
        " event_key, is_term FROM events LIMIT 1",
    ],
)
def test_the_database_refuses_by_itself(postgres_url, statement):
    """No program whatever changes or removes an event by the means of SQL."""
    with within(filled(postgres_url)) as connection, pytest.raises(psycopg.IntegrityError):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER events_kept ON events",
        "ALTER TABLE nodes DISABLE TRIGGER nodes_kept",
        "DROP TRIGGER counter_never_goes_back ON counter",
        "CREATE OR REPLACE FUNCTION cpod_keep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN new; END $$",
        "ALTER TABLE events ALTER COLUMN topic DROP NOT NULL",
        "ALTER TABLE homes ALTER COLUMN stream TYPE text COLLATE pg_catalog.default",
        "ALTER TABLE events DROP CONSTRAINT events_event_key_key",
        "ALTER TABLE seals ADD COLUMN more text",
        "DROP INDEX events_terms",
        "CREATE TABLE more (one int)",
        "CREATE RULE none AS ON INSERT TO register DO INSTEAD NOTHING",
        "ALTER TABLE register ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE register DISABLE TRIGGER ALL; DELETE FROM register;"
        " ALTER TABLE register ENABLE TRIGGER ALL",
    ],
)
def test_an_audit_complains_of_what_is_not_as_it_was_made(postgres_url, statement):
    """Guards, columns, keys and indexes that somebody changed are named; a new schema is whole."""
    reader = open_reader(filled(postgres_url))
    audit = reader.audit()
    assert audit.complaints() == []
    audit.close()
    with within(postgres_url) as connection:
        connection.execute(statement)
    audit = reader.audit()
    assert audit.complaints()
    audit.close()
    reader.close()


def test_schemas_side_by_side_do_not_disturb_each_other(postgres_server):
    """While one ledger is being written, another one in the same database goes on."""
    logs = [make(f"{postgres_server}?schema=side%20{mark}%22{id(mark)}") for mark in "ab"]
    with logs[0].writing() as first, logs[1].writing() as second:
        first.append([fact("a", 1)])
        second.append([fact("b", 1), fact("b", 2)])
    assert [log.head().position for log in logs] == [1, 2]
    for log in logs:
        log.close()
        with within(log.url) as connection:
            schema = psycopg.sql.Identifier(parse_url(log.url).schema)
            connection.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(schema))


def test_what_no_text_of_postgresql_can_hold_is_kept(postgres_url):
    """A file's name that is no UTF-8, and a reason with U+0000, come back as they were."""
    log = make(postgres_url)
    with log.writing() as writer:
        number = writer.hold("bad-json", "\udcff.jsonl", 1, "a \x00 there", b"\x00\xff")
    held = log.quarantine_row(number)
    assert held is not None
    assert (held.file, held.reason, held.raw) == ("\udcff.jsonl", "a \x00 there", b"\x00\xff")
    log.close()


def test_terms_and_keys_are_found_by_an_index(postgres_url):
    """What an ingest asks for is found without reading the table."""
    with within(filled(postgres_url)) as connection:
        connection.execute("SET enable_seqscan = off")
        for question, index in [
            ("SELECT * FROM events WHERE is_term = 1 AND originator_id = 'a'", "events_terms"),
            ("SELECT position FROM events WHERE event_key = ANY('{a,b}')", "event_key"),
            ("SELECT max(originator_version) FROM events WHERE originator_id = 'a'", "originator"),
            ("SELECT number FROM quarantine WHERE waits_for = ANY('{a,b}')", "waiting"),
        ]:
            plan = str(connection.execute(f"EXPLAIN {question}").fetchall())
            assert index in plan, plan


def test_a_schema_moves_to_another_place_as_it_is(postgres_server, postgres_url):
    """Rows that are read one by one and written elsewhere make the same ledger again."""
    log = make(postgres_url)
    write_some(log)
    whole = dump(log)
    log.close()
    where = parse_url(postgres_url)
    with within(postgres_url) as connection:
        moved = f"moved_{where.schema}"[:63]
        rename = psycopg.sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        names = map(psycopg.sql.Identifier, (where.schema, moved))
        connection.execute(rename.format(*names))
    there = open_reader(f"{postgres_server}?schema={moved}")
    assert dump(there) == whole
    audit = there.audit()
    assert audit.complaints() == []
    audit.close()
    there.close()


@pytest.mark.parametrize(
    "url, hint",
    [
        ("postgresql://host/db?schema=", "1 to 63 bytes"),
        (f"postgresql://host/db?schema={'é' * 32}", "1 to 63 bytes"),
        ("postgresql://host/db?schema=pg_toast", "PostgreSQL's own"),
        ("postgresql://user:se%zzcret@host/db", "%XX"),
        ("postgresql://host/db?nothing=1", "no URL"),
        ("mysql://user:secret@host/db", "no such kind"),
    ],
)
def test_a_wrong_url_is_answered_with_what_is_wrong(url, hint):
    """What is no address of a ledger is refused before anything is connected."""
    said = raised(errors.UsageError, lambda: open_reader(url))
    assert hint in said
    assert "cret" not in said


@pytest.mark.parametrize(
    "url, shown",
    [
        ("postgresql://u:p@h:1/d?schema=s", "postgresql://u:***@h:1/d?schema=s"),
        ("postgresql://u:p:q@r@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        (
            "postgresql:///d?host=/tmp&password=p&user=u",
            "postgresql:///d?host=/tmp&password=***&user=u",
        ),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("memory:a", "memory:a"),
    ],
)
def test_an_address_is_shown_without_its_password(url, shown):
    """Wherever a password stands in an address, it is not shown."""
    assert without_password(url) == shown


def test_the_rest_of_a_url_is_libpqs():
    """The schema is ours, with `cpod` where none is named; all else is what libpq knows."""
    where = parse_url("postgresql://u@h/d?sslmode=require&schema=a%20b&application_name=x")
    assert (where.schema, where.conninfo) == (
        "a b",
        "postgresql://u@h/d?sslmode=require&application_name=x",
    )
    assert parse_url("postgres://h/d").schema == "cpod"


def test_reading_imports_no_more_than_it_needs(postgres_url):
    """A reader of PostgreSQL needs psycopg, and neither eventsourcing, pydantic nor SQLAlchemy."""
    filled(postgres_url)
    script = (
        "import sys\n"
        "from ledger.storage.opening import open_reader\n"
        f"open_reader({postgres_url!r}).close()\n"
        "print(sorted({'eventsourcing', 'pydantic', 'sqlalchemy', 'psycopg'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", script]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.stdout == "['psycopg']\n", asked.stderr
