"""A ledger on PostgreSQL, and every trouble with it: each has its error, and nothing is lost."""

from contextlib import closing, suppress

import psycopg
import pytest
from files import clock, filled, make, raised
from places import fact
from postgres_files import Line, role, signed, within

from ledger import Ledger, errors
from ledger.storage.opening import assert_creatable, open_log, open_reader
from ledger.storage.postgres.errors import translated


def open_both(url, kind) -> str:
    """Return what a reader says, once a writer has said the same."""
    written = raised(kind, lambda: open_log(url, clock))
    assert raised(kind, lambda: open_reader(url)) == written
    return written


def test_a_missing_or_empty_schema_is_no_ledger_yet(postgres_url):
    """No schema, or one without tables, is a place for a new ledger."""
    assert "cpod init" in open_both(postgres_url, errors.NoLedger)
    make(postgres_url).close()
    with within(postgres_url) as connection:
        connection.execute(
            "DROP TABLE events, counter, homes, quarantine, intakes, nodes, seals, register,"
            " persons, personal"
        )
        connection.execute("DROP FUNCTION cpod_keep, cpod_only_up, cpod_only_erased")
    assert "cpod init" in open_both(postgres_url, errors.NoLedger)
    assert make(postgres_url).created


def test_a_schema_of_somebody_else_is_no_ledger(postgres_url):
    """A schema with other tables is left alone."""
    make(postgres_url).close()
    with within(postgres_url) as connection:
        connection.execute(
            "DROP TABLE events, counter, homes, quarantine, intakes, nodes, seals, register,"
            " persons, personal"
        )
        connection.execute("CREATE TABLE events (id int)")
    assert "another schema" in open_both(postgres_url, errors.NotALedger)
    assert "another schema" in raised(errors.NotALedger, lambda: make(postgres_url))


def test_a_ledger_of_a_later_version_is_left_alone(postgres_url):
    """What a later version has written is for that version."""
    with within(filled(postgres_url)) as connection:
        connection.execute("UPDATE counter SET schema_version = 99")
    assert "99" in open_both(postgres_url, errors.NewerLedger)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE nodes",
        "DROP TABLE counter",
        "ALTER TABLE counter DISABLE TRIGGER ALL; DELETE FROM counter",
    ],
)
def test_a_ledger_with_a_part_missing_is_damaged(postgres_url, statement):
    """A table or a row that has to be there is missed at once."""
    with within(filled(postgres_url)) as connection:
        connection.execute(statement)
    assert "restore" in open_both(postgres_url, errors.Damaged)
    raised(errors.Damaged, lambda: make(postgres_url))


def test_a_hole_in_the_positions_is_damage(postgres_url):
    """An event that somebody took out by force is missed."""
    with within(filled(postgres_url)) as connection:
        connection.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM events WHERE position = 2")
    with closing(open_reader(postgres_url)) as reader:
        raised(errors.Damaged, lambda: reader.read(0))
        raised(errors.Damaged, lambda: reader.at([1, 2]))


def test_a_wrong_password_is_out_of_reach_and_never_shown(postgres_url):
    """The server refuses it, and no message says what it was."""
    filled(postgres_url)
    with role(postgres_url, "SELECT") as url:
        open_reader(url).close()
        wrong = url.replace("word@", "wort@")
        said = open_both(wrong, errors.LedgerUnreachable)
    assert "password" in said
    assert "secret" not in said
    assert "wort" not in said


def test_what_is_not_there_is_out_of_reach(postgres_url):
    """No such database, and no server at that address."""
    other = postgres_url.replace("/postgres?", "/nowhere?")
    assert "nowhere" in open_both(other, errors.LedgerUnreachable)
    dead = "postgresql://a:secret@127.0.0.1:1/x?connect_timeout=2"
    assert "secret" not in open_both(dead, errors.LedgerUnreachable)


def test_one_who_may_only_read_reads_and_asks(postgres_url):
    """With the right to read alone the ledger is read, and asked; to write it is refused."""
    signed(postgres_url)
    with role(postgres_url, "SELECT") as url:
        with Ledger.open(url) as ledger:
            assert ledger.ask("unplaced")["position"] == 3
            assert ledger.status()["books"] == {"position": 0, "size_bytes": 0}
        with closing(open_log(url, clock)) as log:

            def write():
                with log.writing() as writer:
                    writer.append([fact("a", 4)])

            assert "ask for the right" in raised(errors.LedgerReadOnly, write)
            with within(postgres_url) as connection:
                name = url.split("//")[1].split(":")[0]
                connection.execute(f"ALTER ROLE {name} SET default_transaction_read_only = on")
        with closing(open_log(url, clock)) as log:
            raised(errors.LedgerReadOnly, lambda: log.writing().__enter__())


def test_one_without_rights_is_told_so(postgres_url):
    """A user who may not use the schema, or not make one, is told to ask for the right."""
    filled(postgres_url)
    with role(postgres_url) as url:
        assert "right" in open_both(url, errors.LedgerReadOnly)
        assert "right" in raised(errors.LedgerReadOnly, lambda: make(f"{url}_new"))
        assert "right" in raised(errors.LedgerReadOnly, lambda: assert_creatable(f"{url}_new"))


def ended(url):
    """End whoever has a transaction open on the ledger of a schema."""
    with within(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c"
            " ON c.oid = l.relation WHERE c.relnamespace = current_schema()::regnamespace"
        )


def test_a_connection_that_is_lost_in_a_transaction_loses_that_transaction(postgres_url):
    """What was not committed is undone, and the next transaction connects anew."""
    with closing(open_log(filled(postgres_url), clock)) as log:

        def write():
            with log.writing() as writer:
                writer.append([fact("a", 4)])
                ended(postgres_url)
                writer.append([fact("a", 5)])

        raised(errors.LedgerUnreachable, write)
        assert log.head().position == 3
        with log.writing() as writer:
            writer.append([fact("a", 4)])
        assert log.head().position == 4


@pytest.fixture
def line(postgres_url):
    cuttable = Line(filled(postgres_url))
    yield cuttable
    cuttable.close()


def test_a_commit_whose_answer_is_lost_is_no_failure(line):
    """Where the server has committed and nobody heard of it, the transaction is there, once."""
    with closing(open_log(line.url, clock)) as log:
        with log.writing() as writer:
            writer.append([fact("a", 4)])
            line.cut_after = b"COMMIT"
        assert log.head().position == 4
        with log.writing() as writer:
            writer.hold("bad-json", "f", 1, "r", b"[")
            line.cut_after = b"COMMIT"
        assert [held.raw for held in log.quarantine_rows()] == [b"{", b"["]


def test_a_commit_that_did_not_arrive_is_said_to_be_undone(line):
    """Where the server never heard of the commit, the caller knows that nothing was written."""
    with closing(open_log(line.url, clock)) as log:

        def write():
            with log.writing() as writer:
                writer.append([fact("a", 4)])
                line.cut_before = b"COMMIT"

        assert "nothing" in raised(errors.LedgerUnreachable, write)
        assert log.head().position == 3
        with log.writing() as writer:
            writer.append([fact("a", 4)])
        assert log.head().position == 4


def test_a_reader_whose_connection_was_lost_connects_anew(postgres_url):
    """One question fails, the next one is answered; the books, too."""
    name = postgres_url.rpartition("=")[2]
    signed(postgres_url)
    with Ledger.open(f"{postgres_url}&application_name={name}") as ledger:
        assert ledger.ask("unplaced")["position"] == 3
        with within(postgres_url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = %s",
                (name,),
            )
        with suppress(errors.LedgerUnreachable):
            ledger.ask("unplaced")
        assert ledger.ask("unplaced")["position"] == 3


@pytest.mark.parametrize(
    "kind, error",
    [
        (errors.LedgerFull, psycopg.errors.DiskFull),
        (errors.LedgerBusy, psycopg.errors.LockNotAvailable),
        (errors.LedgerBusy, psycopg.errors.DeadlockDetected),
        (errors.LedgerBusy, psycopg.errors.TooManyConnections),
        (errors.LedgerReadOnly, psycopg.errors.ReadOnlySqlTransaction),
        (errors.LedgerReadOnly, psycopg.errors.InsufficientPrivilege),
        (errors.Damaged, psycopg.errors.DataCorrupted),
        (errors.Damaged, psycopg.errors.IndexCorrupted),
        (errors.LedgerUnreachable, psycopg.errors.AdminShutdown),
        (errors.LedgerUnreachable, psycopg.errors.IoError),
        (errors.LedgerUnreachable, psycopg.errors.OutOfMemory),
        (errors.LedgerUnreachable, psycopg.OperationalError),
    ],
)
def test_every_trouble_of_the_server_has_its_error(kind, error):
    """What cannot be brought about here is at least told apart."""
    assert type(translated(error("it says so"), "postgresql://h/d")) is kind


def test_one_who_writes_need_not_own_the_tables(postgres_url):
    """With rights on the tables alone one appends, and cannot get past the guards."""
    signed(postgres_url)
    with role(postgres_url, "SELECT, INSERT, UPDATE, DELETE") as url:
        with closing(open_log(url, clock)) as log:
            with log.writing() as writer:
                writer.append([fact("a", 1)])
                number = writer.hold("bad-json", "f", 1, "r", b"[")
                writer.settle({"case:1": "a"})
                writer.release(number)
                writer.register("note", {})
            assert log.head().position == 4
        name = url.split("//")[1].split(":")[0]
        with within(postgres_url) as connection:
            connection.execute(f"SET ROLE {name}")
            with pytest.raises(psycopg.IntegrityError):
                connection.execute("DELETE FROM events")
            for statement in ("TRUNCATE events", "ALTER TABLE events DISABLE TRIGGER ALL"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
