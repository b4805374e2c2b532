"""What a server, database, role or environment sets never changes what is stored or answered."""

import os
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from files import clock, filled, raised
from places import fact
from postgres_files import role, signed, within
from postgres_server import schema_url
from postgres_story import everything, fill, lines

from ledger import Ledger, errors
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.postgres.settings import PINNED, REQUIRED
from ledger.storage.urls import parse_url

PAGE = Path(__file__).resolve().parents[2] / "docs" / "postgresql.md"

APART = {
    **dict.fromkeys(REQUIRED, "refused: the next test"),
    "default_transaction_read_only": "refused, as a role's that may only read",
    "transaction_isolation": "of a transaction, not of a session",
    "transaction_read_only": "of a transaction, not of a session",
    "transaction_deferrable": "of a transaction, not of a session",
    "post_auth_delay": "a connection waits for so long",
    "max_stack_depth": "as much as the machine has",
    "debug_parallel_query": "starts a process for every statement",
    "force_parallel_mode": "starts a process for every statement",
    "default_table_access_method": "a server has but one",
    "default_tablespace": "where the server keeps tables is its own affair",
}
"""Settings that are not drawn, and why; those that say what the server logs are not, either."""

TEXTS = {
    "DateStyle": ("German, DMY", "SQL, MDY", "Postgres, YMD"),
    "TimeZone": ("Asia/Kathmandu", "America/St_Johns", "UTC"),
    "client_encoding": ("LATIN1", "SJIS", "SQL_ASCII"),
    "default_text_search_config": ("pg_catalog.german",),
    "plpgsql.extra_errors": ("all",),
    "plpgsql.extra_warnings": ("all",),
    "restrict_nonsystem_relation_kind": ("view", "foreign-table"),
    "search_path": ("pg_temp, public", "nowhere", '"$user"'),
    "timezone_abbreviations": ("Australia", "India"),
}
"""Values for settings that take a text; one that is not here says where something is."""

_SETTINGS = """SELECT name, vartype, setting, min_val, max_val, enumvals FROM pg_settings
    WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend')
    AND name NOT LIKE 'log\\_%' ORDER BY name"""


@pytest.fixture(scope="module")
def alike(tmp_path_factory, postgres_server):
    """A file for lines, and all that is in a ledger of them that nobody set anything for."""
    file, url = tmp_path_factory.mktemp("settings") / "lines", schema_url(postgres_server)
    fill(url, file, lines())
    return file, everything(url)


def with_options(url, settings):
    """The URL of a ledger whose connections ask for settings, as PGOPTIONS does."""
    options = [
        "-c " + f"{name}={value}".replace("\\", "\\\\").replace(" ", "\\ ")
        for name, value in settings.items()
    ]
    return f"{url}&options={quote(' '.join(options))}"


def others(vartype, now, low, high, names):
    """The values that a setting has not got now."""
    match vartype:
        case "bool":
            found = ["off", "on"]
        case "enum":
            found = names
        case "integer" | "real":
            found = [low, high]
        case _:
            found = []
    return [value for value in found if value != now]


@pytest.mark.parametrize("turn", range(3))
def test_no_setting_of_a_session_changes_what_is_stored_or_answered(alike, postgres_url, turn):
    """Every setting that a user may make, off and on, lowest and highest, each of its words."""
    file, expected = alike
    with within(postgres_url) as connection:
        connection.execute("LOAD 'plpgsql'")
        known = {name: about for name, *about in connection.execute(_SETTINGS).fetchall()}
    drawn = {name: TEXTS.get(name) or others(*about) for name, about in known.items()}
    settings = {
        name: values[turn % len(values)]
        for name, values in drawn.items()
        if values and name not in APART
    }
    assert len(settings) > 100
    assert PINNED.keys() & known.keys() - APART.keys() <= settings.keys()
    url = with_options(postgres_url, settings)
    fill(url, file, lines())
    assert everything(url) == expected
    assert everything(postgres_url) == expected


@pytest.mark.parametrize(
    "name, value",
    [
        ("session_replication_role", "replica"),
        ("session_replication_role", "local"),
        ("zero_damaged_pages", "on"),
        ("ignore_checksum_failure", "on"),
        ("ignore_system_indexes", "on"),
    ],
)
def test_what_only_a_superuser_may_set_is_refused(postgres_url, name, value):
    """Where the server would not keep guards, or hide damage, nothing is read or written."""
    url = with_options(postgres_url, {name: value})
    assert name in raised(errors.LedgerUnreachable, lambda: create_log(url, clock, os.urandom))
    raised(errors.NoLedger, lambda: open_reader(postgres_url))
    filled(postgres_url)
    assert name in raised(errors.LedgerUnreachable, lambda: open_reader(url))
    assert name in raised(errors.LedgerUnreachable, lambda: open_log(url, clock))


def test_who_reads_by_default_writes_no_books_either(postgres_url):
    """Where transactions are to read, a question is answered by books in memory."""
    signed(postgres_url)
    with Ledger.open(with_options(postgres_url, {"default_transaction_read_only": "on"})) as ledger:
        assert ledger.ask("unplaced")["position"] == 3
        assert ledger.status()["books"]["size_bytes"] == 0


@contextmanager
def makers(url):
    """Two roles that may make a ledger in a schema: its URL for each, and what each is called."""
    schema = parse_url(url).schema
    with within(url) as owner:
        owner.execute(f"CREATE SCHEMA {schema}")
        with role(url) as one, role(url) as other:
            names = [given.split("//")[1].split(":")[0] for given in (one, other)]
            owner.execute(f"GRANT CREATE ON SCHEMA {schema} TO {', '.join(names)}")
            yield owner, (one, names[0]), (other, names[1])


def test_settings_of_a_role_change_nothing(alike, postgres_url):
    """What a role is given by ALTER ROLE is as if it were not there, while it writes and reads."""
    file, expected = alike
    with makers(postgres_url) as (owner, (url, name), _):
        for setting in (
            "standard_conforming_strings = off",
            "quote_all_identifiers = on",
            "bytea_output = escape",
            "search_path = public",
            "array_nulls = off",
        ):
            owner.execute(f"ALTER ROLE {name} SET {setting}")
        fill(url, file, lines())
        assert everything(url) == expected
        assert everything(postgres_url) == expected


def test_the_role_that_a_role_becomes_is_kept(postgres_url):
    """ALTER ROLE ... SET role says who writes: tables are made in the name of that one."""
    with makers(postgres_url) as (owner, (url, name), (_, other)):
        owner.execute(f"GRANT {other} TO {name}")
        owner.execute(f"ALTER ROLE {name} SET role = {other}")
        create_log(url, clock, os.urandom).close()
        made = "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'events'::regclass"
        assert owner.execute(made).fetchone() == (other,)


def test_rows_that_a_policy_hides_are_no_answer(postgres_url):
    """One who is shown some rows alone is refused: those would have been taken for all."""
    filled(postgres_url)
    with within(postgres_url) as owner, role(postgres_url, "SELECT") as url:
        open_reader(url).close()
        owner.execute("ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY")
        with closing(open_reader(url)) as reader:
            said = raised(errors.LedgerReadOnly, reader.quarantine_rows)
    assert "row-level security" in said


def test_a_setting_that_the_server_cannot_use_is_no_bug(postgres_url):
    """A tablespace for nobody's tables is refused in one line."""
    url = with_options(postgres_url, {"default_tablespace": "pg_global"})
    assert "pg_global" in raised(
        errors.LedgerUnreachable, lambda: create_log(url, clock, os.urandom)
    )


def test_a_commit_that_the_server_turned_into_a_rollback_is_no_success(postgres_url):
    """Where a statement has failed unseen, the transaction does not end as if it were written."""
    with closing(open_log(filled(postgres_url), clock)) as log:

        def write():
            with log.writing() as writer:
                writer.append([fact("a", 4)])
                with pytest.raises(psycopg.Error):
                    writer._cursor.execute("SELECT 1 / 0")

        assert "rolled" in raised(errors.LedgerUnreachable, write)
        assert log.head().position == 3


def test_the_page_names_every_setting_that_is_looked_after():
    """Who wonders what a setting does finds it on the page."""
    page = PAGE.read_text("utf-8")
    assert [name for name in (*PINNED, *REQUIRED) if f"`{name}`" not in page] == []
