"""Erasing a person on PostgreSQL: no file of its tables says any more who it was."""

import psycopg
import pytest
from postgres_server import PrivateServer, schema_url
from sending import FOUNDATION, Desk, event, opening

from ledger import Ledger
from ledger.errors import LedgerReadOnly
from ledger.storage.postgres import vault as postgres_vault
from ledger.storage.urls import parse_url

LONG = "Lovelace " * 3_000


@pytest.fixture(scope="module")
def server():
    made = PrivateServer(durable=False)
    made.start()
    yield made
    made.remove()


@pytest.fixture
def clerk(server, desk):
    """The ledger as one sees it who may write, and owns nothing."""
    schema = parse_url(desk.ledger.url).schema
    with psycopg.connect(server.url, autocommit=True) as owner:
        owner.execute("CREATE ROLE clerk LOGIN PASSWORD 'x'")
        owner.execute(f"GRANT ALL ON SCHEMA {schema} TO clerk")
        owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO clerk")
        with Ledger.open(desk.ledger.url.replace("postgres@", "clerk:x@", 1)) as ledger:
            yield ledger
        owner.execute("DROP OWNED BY clerk; DROP ROLE clerk")


@pytest.fixture
def desk(server):
    made = Desk(schema_url(server.url))
    made.send(*FOUNDATION)
    yield made
    made.ledger.close()


def contact(name, id, full):  # noqa: A002
    data = {"package": "P", "entitlement": "E", "workspace": "W", "contact": name}
    return event("contact.added", data | {"name": full, "email": f"{name}@example.org"}, id=id)


def secrets_of(desk):
    """The digests, salts and keys that the ledger has now."""
    with desk.log.audit()._connection as connection:
        rows = connection.execute(
            "SELECT digest, salt, key FROM persons WHERE salt <> decode(repeat('00', 32), 'hex')"
        ).fetchall()
    return [part for row in rows for part in row]


def found_on_disk(server, *needles):
    """Which of these bytes stand in any file of a table or an index, in capitals or not."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    files = [path for path in (server.directory / "data" / "base").rglob("*") if path.is_file()]
    contents = [path.read_bytes().lower() for path in files]
    return [needle for needle in needles if any(needle.lower() in each for each in contents)]


def test_nothing_of_an_erased_person_is_in_the_files_of_the_tables(server, desk):
    """Name, address, id, digest, salt and key are in no file; statistics have no sample of them."""
    waiting = opening(case="C9", id="held", workspace="nowhere", primary_contact="ada.lovelace")
    desk.send(
        contact("ada.lovelace", "1", "Ada Lovelace"),
        contact("ada.lovelace", "2", LONG),
        contact("charles", "3", "Charles Babbage"),
        opening(primary_contact="ada.lovelace"),
        waiting.replace(b"case.opened", b"case.none"),
    )
    desk.ledger.ask("contacts")
    for number in [held.number for held in desk.held()]:
        desk.ledger.quarantine_drop([number])
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ANALYZE")
    secret = secrets_of(desk)
    assert len(found_on_disk(server, b"lovelace", *secret)) == 1 + len(secret)
    done = desk.ledger.erase("ada.lovelace", "asked for")
    assert (done.log_scrubbed, done.books_scrubbed) == (True, True)
    left = secrets_of(desk)
    assert len(left) == 3
    assert found_on_disk(server, b"lovelace", *(each for each in secret if each not in left)) == []
    assert found_on_disk(server, *left) == left
    rows = desk.ledger.ask("contacts")["rows"]
    assert sorted({row["name"] for row in rows}) == ["(erased)", "Charles Babbage"]
    assert found_on_disk(server, b"lovelace") == []
    assert desk.ledger.check(books=True)["ok"]


def test_one_who_still_reads_what_was_before_is_waited_for_and_told_of(server, desk, monkeypatch):
    """While an old snapshot is open the old rows stay: that is said, and done when it has ended."""
    monkeypatch.setattr(postgres_vault, "_PATIENCE", 0.3)
    desk.send(contact("ada.lovelace", "1", "Ada Lovelace"))
    with psycopg.connect(server.url) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        schema = parse_url(desk.ledger.url).schema
        reader.execute(f"SELECT count(*) FROM {schema}.events")
        assert not desk.ledger.erase("ada.lovelace", "asked for").log_scrubbed
    assert desk.log.scrub()


def test_only_the_owner_of_all_tables_erases(server, desk, clerk):
    """Nobody else may rewrite or drop one: that is said before anything is written."""
    desk.send(contact("ada.lovelace", "1", "Ada Lovelace"))
    desk.ledger.ask("contacts")
    schema = parse_url(desk.ledger.url).schema
    with psycopg.connect(server.url, autocommit=True) as owner:
        found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,))
        for (table,) in found.fetchall():
            owner.execute(f'ALTER TABLE {schema}."{table}" OWNER TO clerk')
        for table in ("persons", "quarantine", "intakes", "postings"):
            owner.execute(f"ALTER TABLE {schema}.{table} OWNER TO postgres")
            owner.execute(f"GRANT ALL ON {schema}.{table} TO clerk")
            for dry_run in (True, False):
                with pytest.raises(LedgerReadOnly, match=f"table {table} belongs to postgres"):
                    clerk.erase("ada.lovelace", "asked for", dry_run=dry_run)
            assert (clerk.log.erasures(), clerk.log.register_rows()) == (0, [])
            owner.execute(f"ALTER TABLE {schema}.{table} OWNER TO clerk")
        done = clerk.erase("ada.lovelace", "asked for")
        assert (done.log_scrubbed, done.books_scrubbed) == (True, True)
