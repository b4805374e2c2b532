"""Books on PostgreSQL know whose they are, whichever way they came into a schema."""

import psycopg
import pytest
from branches import begun, consumed, opened, restore, take, used
from postgres_server import schema_url
from psycopg.sql import SQL, Identifier

from ledger import Ledger
from ledger.projections.books.postgres.phrases import columns_of
from ledger.storage.urls import parse_url


def copied(url, server):
    """The same ledger in a schema of its own."""
    target = schema_url(server)
    with Ledger.open(url) as ledger:
        ledger.copy_to(target)
    return target


def carried_out(server, statement, *names):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL(statement).format(*map(Identifier, names)))


def books_moved(server, origin, target):
    """Put the books of one schema into the place of those of another, as a dump of them might."""
    there, here = parse_url(origin).schema, parse_url(target).schema
    for table in (*columns_of(), "escapes"):
        carried_out(server, "DROP TABLE IF EXISTS {}.{}", here, table)
        carried_out(server, "ALTER TABLE {}.{} SET SCHEMA {}", there, table, here)


@pytest.fixture
def branches(tmp_path, postgres_server):
    """Two branches of one ledger in two schemas, as long, with the same times."""
    url, places = begun(tmp_path), []
    for credits_used in (90, 9):
        with opened(url) as ledger:
            take(ledger, used(credits_used, "one"), used(2, "last"))
        places.append(copied(url, postgres_server))
        restore(tmp_path)
    return places


def test_books_of_another_branch_are_rebuilt(branches, postgres_server):
    """A restored dump left the books of what it took away; a schema may also just be renamed."""
    wrong, right = branches
    with Ledger.open(wrong) as ledger:
        assert consumed(ledger) == "92"
    books_moved(postgres_server, wrong, right)
    with Ledger.open(right) as ledger:
        found = ledger.status()
        assert found["books"]["position"] == 0
        assert (found["other_history"]["position"], found["other_history"]["rebuilt"]) == (6, False)
        assert ledger.check()["ok"]
        assert consumed(ledger) == "11"
        found = ledger.check(books=True)
        assert (found["ok"], found["other_history"]["rebuilt"]) == (True, True)
        ledger.rebuild()
    renamed = schema_url(postgres_server)
    names = parse_url(right).schema, parse_url(renamed).schema
    carried_out(postgres_server, "ALTER SCHEMA {} RENAME TO {}", *names)
    with Ledger.open(renamed) as ledger:
        assert ledger.status()["other_history"] is None
        assert consumed(ledger) == "11"


def test_books_that_come_under_a_ledger_that_is_open(branches, postgres_server):
    """Each question looks again: what was right for the one before proves nothing."""
    wrong, right = branches
    with Ledger.open(wrong) as there, Ledger.open(right) as ledger:
        assert (consumed(there), consumed(ledger)) == ("92", "11")
        books_moved(postgres_server, wrong, right)
        assert consumed(ledger) == "11"
        assert ledger.status()["other_history"]["rebuilt"]


def test_books_that_are_dropped_under_a_ledger_that_is_open(branches, postgres_server):
    """They are a cache: made again, also where the whole schema has become another branch."""
    wrong, right = branches
    here, there = parse_url(right).schema, parse_url(wrong).schema
    with Ledger.open(right) as ledger:
        assert consumed(ledger) == "11"
        for table in (*columns_of(), "escapes"):
            carried_out(postgres_server, "DROP TABLE {}.{}", here, table)
        assert consumed(ledger) == "11"
        assert ledger.status()["books"]["position"] == 6
        carried_out(postgres_server, "DROP SCHEMA {} CASCADE", here)
        carried_out(postgres_server, "ALTER SCHEMA {} RENAME TO {}", there, here)
        assert consumed(ledger) == "92"
        assert ledger.check(books=True)["ok"]
