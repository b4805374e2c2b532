"""A ledger in a file, and every trouble with it: each has its error, and nothing is lost."""

import os
import sqlite3
from pathlib import Path

import pytest
from files import as_nobody, clock, make, open_both, raised
from places import fact

from ledger import errors
from ledger.storage.opening import open_log, open_reader


def test_a_missing_or_empty_file_is_no_ledger_yet(tmp_path):
    """Nothing, a file of no bytes and a database without tables are places for a new ledger."""
    missing, empty, blank = (tmp_path / name for name in ("missing", "empty", "blank"))
    empty.touch()
    connection = sqlite3.connect(blank)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    for place in (missing, empty, blank):
        assert "cpod init" in open_both(place, errors.NoLedger)
        log = make(place)
        assert log.created
        log.close()
    open_both(missing / "below" / "ledger.db", errors.NoLedger)


def test_what_is_no_ledger_is_left_alone(tmp_path):
    """A directory, a text, another program's database: each is named, and not touched."""
    text, other = tmp_path / "text", tmp_path / "other.db"
    text.write_bytes(b"a text of some length\n" * 500)
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE events (position INTEGER PRIMARY KEY)")
    connection.close()
    before = other.read_bytes()
    for place in (tmp_path, text, other, Path("/dev/null")):
        open_both(place, errors.NotALedger)
        raised(errors.NotALedger, lambda place=place: make(place))
    assert other.read_bytes() == before
    assert text.read_bytes().startswith(b"a text")


def test_a_newer_ledger_is_left_alone(path):
    """A ledger of a later version is neither read nor written."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    assert "later version" in open_both(path, errors.NewerLedger)
    raised(errors.NewerLedger, lambda: make(path))


@pytest.mark.parametrize("statement", ["DROP TABLE homes", "DELETE FROM counter"])
def test_a_ledger_without_its_tables_is_damaged(path, statement):
    """A file that bears our mark and is not whole is no new ledger."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert "restore" in open_both(path, errors.Damaged)
    raised(errors.Damaged, lambda: make(path))


def test_a_broken_page_is_damage(path):
    """A file whose pages are overwritten says so when they are read."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))

    def read() -> None:
        reader = open_reader(f"sqlite:///{path}")
        try:
            reader.read(0)
        finally:
            reader.close()

    assert "damaged" in raised(errors.Damaged, read)


def test_a_hole_in_the_positions_is_damage(path):
    """An event that somebody took out by force is missed."""
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER events_no_delete")
    connection.execute("DELETE FROM events WHERE position = 2")
    connection.commit()
    connection.close()
    reader = open_reader(f"sqlite:///{path}")
    raised(errors.Damaged, lambda: reader.read(0))
    raised(errors.Damaged, lambda: reader.at([1, 2]))
    reader.close()


def test_a_full_disk_loses_nothing_that_was_there(path):
    """Where there is no room the transaction is undone, and the ledger works on afterwards."""
    log = open_log(f"sqlite:///{path}", clock)
    many = [fact("b", version)._replace(state=bytes(4_000)) for version in range(1, 200)]

    def write() -> None:
        with log.writing() as writer:
            pages = writer._cursor.execute("PRAGMA page_count").fetchone()[0]
            writer._cursor.execute(f"PRAGMA max_page_count = {pages + 10}")
            writer.append(many)

    assert "full" in raised(errors.LedgerFull, write)
    assert log.head().position == 3
    with log.writing() as writer:
        writer._cursor.execute("PRAGMA max_page_count = 1000000")
        writer.append(many)
    assert log.head().position == 3 + len(many)
    log.close()


def test_a_missing_directory_is_named(tmp_path):
    """A ledger is not made in a directory that is not there."""
    assert "make it" in raised(errors.LedgerUnreachable, lambda: make(tmp_path / "no" / "l.db"))


def test_a_read_only_ledger_can_be_read(public_directory):
    """From a directory that cannot be written a ledger is read; to write it is refused."""
    path = public_directory / "ledger.db"
    log = make(path)
    with log.writing() as writer:
        writer.append([fact("a", 1)])
    log.close()
    path.chmod(0o444)
    public_directory.chmod(0o555)

    def read() -> int:
        reader = open_reader(f"sqlite:///{path}")
        return len(reader.read(0)) + reader.head().position

    def write() -> None:
        with open_log(f"sqlite:///{path}", clock).writing() as writer:
            writer.append([fact("a", 2)])

    assert as_nobody(read) == 2
    assert isinstance(as_nobody(write), errors.LedgerReadOnly)
    public_directory.chmod(0o755)
    assert isinstance(as_nobody(write), errors.LedgerReadOnly)
    refused = as_nobody(lambda: make(public_directory / "other.db"))
    assert isinstance(refused, errors.LedgerReadOnly if os.geteuid() == 0 else object)


def test_a_ledger_that_may_not_be_read_is_out_of_reach(public_directory):
    """A file without the right to read it is out of reach."""
    path = public_directory / "ledger.db"
    make(path).close()
    path.chmod(0o000)
    found = as_nobody(lambda: open_reader(f"sqlite:///{path}"))
    assert isinstance(found, errors.LedgerUnreachable)


def test_what_a_crash_left_is_not_read_past(public_directory):
    """Where the log beside the file cannot be merged, a reader says so and gives no old answer."""
    path = public_directory / "ledger.db"
    log = make(path)
    with log.writing() as writer:
        writer.append([fact("a", 1)])
    copied = public_directory / "copy"
    copied.mkdir()
    for name in ("ledger.db", "ledger.db-wal"):
        (copied / name).write_bytes((public_directory / name).read_bytes())
        (copied / name).chmod(0o444)
    log.close()
    copied.chmod(0o555)
    found = as_nobody(lambda: open_reader(f"sqlite:///{copied}/ledger.db").head().position)
    copied.chmod(0o755)
    assert isinstance(found, errors.LedgerReadOnly)
    assert "ledger.db-wal" in str(found)
