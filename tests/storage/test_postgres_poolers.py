"""A ledger behind a pooler: each transaction may get another session, which others have used."""

from contextlib import ExitStack, closing

import psycopg
import pytest
from files import clock, filled, raised
from places import fact
from postgres_files import within
from postgres_pooler import bounced, pooled
from postgres_server import schema_url
from postgres_story import HARD, everything, fill, lines, told

from ledger import Ledger, errors
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.postgres import connection as postgres_connection
from ledger.storage.postgres.settings import PINNED
from ledger.storage.urls import parse_url

LEFT = (
    "RESET SESSION AUTHORIZATION",
    "SET search_path = {other}",
    "CREATE TEMP TABLE IF NOT EXISTS counter AS SELECT 1 AS one, 77::bigint AS last_position,"
    " 5::bigint AS last_recorded_at, 'x'::text AS ledger_id, 1 AS schema_version",
    "CREATE TEMP TABLE IF NOT EXISTS checkpoint AS SELECT 'x'::text AS ledger_id, 1 AS version,"
    " 0::bigint AS position, NULL::bigint AS recorded_at",
    "DEALLOCATE ALL",
    "PREPARE _pg3_0 AS SELECT 1",
    "SET standard_conforming_strings = off",
    "SET quote_all_identifiers = on",
    "SET bytea_output = escape",
    "SET array_nulls = off",
    "SET client_encoding = LATIN1",
    "SET default_transaction_isolation = serializable",
    "SET default_transaction_deferrable = on",
    "SET synchronous_commit = off",
    "SET statement_timeout = 10000",
    "SET lock_timeout = 1",
    "SET SESSION AUTHORIZATION pg_monitor",
    "SET ROLE pg_read_all_settings",
)
"""What somebody leaves in a session: tables by the names of ours, other settings, another role."""

MORE = {**HARD, "id": "more", "data": {**HARD["data"], "contact": "c2", "name": "B"}}


@pytest.fixture(scope="module")
def lines_file(tmp_path_factory):
    """A place for lines, which a held line names."""
    return tmp_path_factory.mktemp("poolers") / "lines"


@pytest.fixture(scope="module")
def two(lines_file, postgres_server):
    """Two ledgers of one database, one with a hard name, and all that is in them."""
    urls = [f"{schema_url(postgres_server)}%C3%A9%22%5C%27", schema_url(postgres_server)]
    fill(urls[0], lines_file, lines())
    fill(urls[1], lines_file, lines(MORE))
    yield {url: everything(url) for url in urls}
    drop(urls[0])


def drop(url):
    with within(url) as connection:
        schema = psycopg.sql.Identifier(parse_url(url).schema)
        connection.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(schema))


def left_by_others(url):
    other = psycopg.sql.Identifier(parse_url(url).schema).as_string(None)
    return [statement.format(other=other) for statement in LEFT]


def tables(url):
    with within(url) as connection:
        return connection.execute(
            "SELECT relnamespace::regnamespace::text, relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        ).fetchall()


@pytest.mark.parametrize("sessions, reports", [(1, True), (3, False)])
def test_two_ledgers_behind_a_pooler_of_transactions_stay_apart(two, sessions, reports):
    """By sessions that others leave spoilt, no answer and no books are of another ledger."""
    before = list(map(tables, two))
    left = left_by_others(list(two)[1])
    with ExitStack() as stack:
        given = {"sessions": sessions, "reports": reports, "left": left}
        pooler = stack.enter_context(pooled(next(iter(two)), **given))
        opened = {url: stack.enter_context(Ledger.open(pooler.at(url))) for url in two}
        for ledger in opened.values():
            ledger.rebuild()
        for url, ledger in opened.items():
            found = told(ledger)
            assert found == {view: two[url][view] for view in found}
            assert ledger.status()["position"] == two[url]["position"]
    assert {url: everything(url) for url in two} == two
    assert list(map(tables, two)) == before


def test_what_is_taken_in_by_way_of_a_pooler_is_stored_the_same(two, lines_file, postgres_url):
    """Init, ingest with decisions on balances, books, a check: the bytes are those of before.

    Nothing is said outside of a transaction but what SQLAlchemy looks at, which nobody uses.
    """
    first, second = two
    with pooled(first, sessions=3, left=left_by_others(second)) as pooler:
        fill(pooler.at(postgres_url), lines_file, lines())
        assert everything(pooler.at(postgres_url)) == two[first]
        with Ledger.open(pooler.at(postgres_url)) as ledger:
            ledger.erase("ada", "asked for")
    assert pooler.strays == {
        "",
        "select pg_catalog.version()",
        "select current_schema()",
        "show transaction isolation level",
        "show standard_conforming_strings",
    }
    assert {url: everything(url) for url in two} == two


def test_a_transaction_finds_its_own_settings_whatever_the_session_has(two):
    """All that is pinned is as it has to be, and is gone from the session afterwards."""
    first, second = two
    with (
        pooled(first, sessions=1, left=left_by_others(second)) as pooler,
        closing(postgres_connection.connect(parse_url(pooler.at(first)))) as session,
    ):
        with session.reading():
            for name, wanted in PINNED.items():
                ((found,),) = session.execute("SELECT current_setting(%s, true)", (name,))
                assert found in (None, wanted) or wanted == "DEFAULT", name
            assert session.execute("SELECT current_user = session_user").fetchone() == (True,)
            (path,) = session.execute("SELECT current_schemas(false)").fetchone()
            assert path[0] == parse_url(first).schema
        left = session.execute("SELECT current_setting('bytea_output'), current_user")
        assert left.fetchone() == ("escape", "pg_read_all_settings")


@pytest.mark.parametrize("sessions", [2, 3])
def test_a_pooler_of_statements_is_refused_before_anything_is_written(postgres_url, sessions):
    """Where two statements of a transaction reach two sessions, the line names session mode."""
    with pooled(postgres_url, mode="statement", sessions=sessions) as pooler:
        url = pooler.at(postgres_url)
        for use in (lambda: open_reader(url), lambda: create_log(url, clock, bytes)):
            assert "session mode" in raised(errors.LedgerUnreachable, use)
    raised(errors.NoLedger, lambda: open_reader(postgres_url))


def test_a_pooler_of_sessions_changes_nothing(two, lines_file, postgres_url):
    """A session of one's own, which the pooler makes as new for the next one."""
    first, second = two
    left = left_by_others(second)
    with pooled(first, mode="session", sessions=6, left=left) as pooler:
        fill(pooler.at(postgres_url), lines_file, lines())
        assert everything(pooler.at(postgres_url)) == two[first]


def test_a_pooler_without_a_free_session_is_busy(postgres_url, monkeypatch):
    """Who waits for a session that never comes is told so in time, and the rest goes on."""
    monkeypatch.setattr(postgres_connection, "WAIT_SECONDS", 0.3)
    with pooled(filled(postgres_url), sessions=1) as pooler:
        url = pooler.at(postgres_url)
        with closing(open_log(url, clock)) as log, closing(open_reader(url)) as reader:
            with log.writing() as writer:
                writer.append([fact("a", 4)])
                assert "pooler" in raised(errors.LedgerBusy, reader.head)
            assert reader.head().position == 4


@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_a_real_pgbouncer_changes_nothing(two, lines_file, postgres_url, mode):
    """PgBouncer, where it is installed: the same bytes, the same answers."""
    first, second = two
    with bounced(first, mode, sessions=6) as at:
        if at is None:
            pytest.skip("PgBouncer is not here (apt-get install pgbouncer)")
        with ExitStack() as stack:  # each session is left spoilt
            for _ in range(3):
                where = parse_url(at(first)).conninfo
                given = {"autocommit": True, "prepare_threshold": None}
                other = stack.enter_context(psycopg.connect(where, **given))
                other.execute("BEGIN")
                for statement in left_by_others(second):
                    other.execute(statement.encode())
                other.execute("COMMIT")
        fill(at(postgres_url), lines_file, lines())
        assert everything(at(postgres_url)) == two[first]
        assert everything(at(second)) == two[second]


def test_a_pgbouncer_of_statements_and_one_with_settings_are_refused(postgres_url):
    """PgBouncer, where it is installed: each refusal is one line that says what to do."""
    with bounced(postgres_url, "statement") as at:
        if at is None:
            pytest.skip("PgBouncer is not here (apt-get install pgbouncer)")
        create = lambda url: raised(  # noqa: E731
            errors.LedgerUnreachable, lambda: create_log(url, clock, bytes)
        )
        assert "session mode" in create(at(postgres_url))
        assert "PGOPTIONS" in create(f"{at(postgres_url)}&options=-c%20geqo%3Doff")
    raised(errors.NoLedger, lambda: open_reader(postgres_url))
