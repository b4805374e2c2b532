"""A ledger in a file: what the database refuses by itself, how it is found, what it needs."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from files import clock, make, raised

from ledger import errors
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.sqlite.schema import APPLICATION_ID

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET state = x'00' WHERE position = 1",
        "UPDATE events SET recorded_at = recorded_at + 1",
        "DELETE FROM events WHERE position = 3",
        "DELETE FROM events",
        "UPDATE register SET what = 'other'",
        "DELETE FROM register",
        "UPDATE counter SET last_position = 1",
        "UPDATE counter SET ledger_id = 'other'",
    ],
)
def test_the_database_refuses_by_itself(path, statement):
    """No program whatever changes or removes an event by the means of SQL."""
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()


def test_a_file_says_what_it_is(path):
    """The file bears our mark, is in WAL mode, and leaves nothing beside it when it is closed."""
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    log = open_log(f"sqlite:///{path}", clock)
    with log.writing() as writer:
        assert writer._cursor.execute("PRAGMA synchronous").fetchone() == (2,)
    assert log.size_bytes() >= path.stat().st_size
    log.close()


def test_terms_and_keys_are_found_by_an_index(path):
    """What an ingest asks for is found without reading the table."""
    connection = sqlite3.connect(path)
    for question, index in [
        (
            "SELECT * FROM events INDEXED BY terms WHERE is_term = 1 AND originator_id = 'a'",
            "terms",
        ),
        ("SELECT position FROM events WHERE event_key IN ('a', 'b')", "event_key"),
        ("SELECT max(originator_version) FROM events WHERE originator_id = 'a'", "originator_id"),
        ("SELECT number FROM quarantine WHERE waits_for IN ('a', 'b')", "waiting"),
    ]:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {question}").fetchall())
        assert "SEARCH" in plan, plan
        assert index in plan or "autoindex" in plan, plan
    connection.close()


@pytest.mark.parametrize(
    "url, hint",
    [
        ("cpod.db", "sqlite:///cpod.db"),
        ("/data/cpod.db", "sqlite:////data/cpod.db"),
        ("sqlite://cpod.db", "three slashes"),
        ("sqlite:///", "name a file"),
        ("sqlite:///data/", "name a file"),
        ("sqlite:///:memory:", "memory:NAME"),
        ("mysql://host/db", "no such kind"),
        ("", "sqlite:///PATH"),
    ],
)
def test_a_wrong_url_is_answered_with_a_right_one(url, hint):
    """A ledger is named by a URL; what is none is told which one was meant."""
    assert hint in raised(errors.UsageError, lambda: open_reader(url))


def test_a_path_may_hold_anything(tmp_path, monkeypatch):
    """Blanks, signs that mean something in a URL, and other scripts are fine in a path."""
    monkeypatch.chdir(tmp_path)
    for name in ("a b.db", "50%41#?&.db", "é😀.db", "../up.db"):
        place = tmp_path / "in" / name
        place.parent.mkdir(exist_ok=True)
        make(place).close()
        assert place.exists()
    log = create_log("sqlite:///relative.db", clock, os.urandom)
    assert log.url == "sqlite:///relative.db"
    log.close()
    assert (tmp_path / "relative.db").exists()


def test_reading_imports_nothing_heavy():
    """A reader needs neither the eventsourcing library, nor pydantic, nor SQLAlchemy."""
    script = (
        "import sys\n"
        "import ledger.storage.opening\n"
        "print(sorted({'eventsourcing', 'pydantic', 'sqlalchemy'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", script]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.stdout == "[]\n", asked.stderr
