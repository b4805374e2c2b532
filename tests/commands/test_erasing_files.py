"""Erasing a person: nothing that says who it was is left in any file."""

import os
import random
import sqlite3
import subprocess
import sys

import pytest
from naming import contact, course, found_in, on_disk, role
from sending import event, opening, package

from ledger import Ledger
from ledger.errors import LedgerFull, LedgerReadOnly, NotFound
from ledger.storage.sqlite import log as sqlite_log
from ledger.storage.sqlite import vault as sqlite_vault

LONG = "Lovelace " * 30_000


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "books and all"
    found.mkdir()
    return found


def secrets_of(folder):
    """The digests, salts and keys that the file has now."""
    with sqlite3.connect(folder / "l.db") as file:
        return [part for row in file.execute("SELECT * FROM persons") for part in row[1:]]


def adjustment(number, size):
    """A line that waits for a package, of any size, and names somebody."""
    data = {"package": f"Q{number % 3}", "entitlement": "E", "quantity": 1}
    data |= {"approved_by": f"lovelace-{number % 7}", "reason": "x" * size}
    return event("entitlement.adjusted", data, id=f"a{number}")


def test_no_byte_is_left_in_any_file(folder):
    """Of several persons, some with names of many pages: no name, id, address, key or salt."""
    with on_disk(folder) as desk:
        desk.send(
            contact("ada", "c1", LONG),
            contact("augusta", "c2", "Augusta King-Noel"),
            contact("bob", "c3", "Bob Hope"),
            role("user:ada"),
            role("user:augusta", id="r2"),
            opening(primary_contact="ada"),
        )
        desk.ledger.ask("contacts")
        for seals in secrets_of(folder):
            assert found_in(folder, seals)
        before = secrets_of(folder)
        for name in ("ada", "augusta"):
            done = desk.ledger.erase(name, "asked for")
            assert (done.log_scrubbed, done.books_scrubbed) == (True, True)
        kept = secrets_of(folder)[6:]
        names = [b"ada", b"lovelace", b"augusta", b"king-noel"]
        assert found_in(folder, *names, *(set(before) - set(kept))) == []
        (folder / "export.jsonl").write_bytes(b"\n".join(desk.ledger.cloudevents(everything=True)))
        assert [row["name"] for row in desk.ledger.ask("contacts")["rows"]].count("(erased)") == 2
        assert found_in(folder, *names) == []
        assert found_in(folder, b"bob hope", *kept) == [b"bob hope", *kept]
        assert desk.ledger.check(books=True)["damage"] == []


def test_no_byte_is_left_of_lines_that_waited(folder):
    """Lines of any size that were in the quarantine, and left it, leave nothing behind."""
    chance = random.Random(7)
    with on_disk(folder) as desk:
        sizes = [chance.choice((1, 40, 900, 3_000, 9_000)) for _ in range(120)]
        for start in range(0, 120, 20):
            desk.send(*map(adjustment, range(start, start + 20), sizes[start : start + 20]))
            waiting = [held.number for held in desk.held()]
            desk.ledger.quarantine_drop(chance.sample(waiting, 6), "test")
        for number in range(3):
            desk.send(package(f"Q{number}"))
        assert desk.held() == []
        for number in range(7):
            assert desk.ledger.erase(f"lovelace-{number}", "asked for").events > 0
        assert found_in(folder, b"lovelace") == []
        assert desk.ledger.check(books=True)["damage"] == []


HOLDING = """
import sys
from ledger import Ledger
with Ledger.open(sys.argv[1]) as ledger:
    for line in sys.stdin:
        print(ledger.ask("contacts")["rows"][0]["name"], flush=True)
"""


def test_another_process_that_has_it_open_keeps_nothing(folder):
    """It answers (erased) from then on, and writes no name into the books that it shares."""
    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"), role("user:ada"))
        other = subprocess.Popen(
            [sys.executable, "-c", HOLDING, desk.ledger.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def said():
            other.stdin.write("\n")
            other.stdin.flush()
            return other.stdout.readline()

        try:
            assert said() == "Ada Lovelace\n"
            desk.ledger.erase("ada", "asked for")
            assert found_in(folder, b"lovelace") == []
            assert said() == "(erased)\n"
            assert said() == "(erased)\n"
            assert found_in(folder, b"lovelace", b"user:ada") == []
        finally:
            other.stdin.close()
            assert other.wait(30) == 0
        assert found_in(folder, b"lovelace", b"user:ada") == []


def test_a_reader_of_before_is_waited_for_and_then_named(folder, monkeypatch):
    """Who still reads what was before keeps it on the disk: that is said, and is over with it."""
    monkeypatch.setattr(sqlite_vault, "_PATIENCE", 0.2)
    with on_disk(folder) as desk:
        desk.send(course("lovelace"))
        reader = sqlite3.connect(folder / "l.db", isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM persons").fetchall()
        done = desk.ledger.erase("lovelace", "asked for")
        assert (done.log_scrubbed, done.books_scrubbed) == (False, True)
        with pytest.raises(Exception, match="when it has ended, give the same command again"):
            desk.ledger.erase("lovelace", "asked for")
        reader.close()
        with pytest.raises(NotFound):
            desk.ledger.erase("lovelace", "asked for")
        assert (folder / "l.db-wal").stat().st_size == 0


def test_books_that_another_version_left_are_wiped_too(folder):
    """Whatever books lie there, an erasure leaves no name in them."""
    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"))
        desk.ledger.ask("contacts")
    with sqlite3.connect(folder / "l.db-books") as books:
        books.execute("UPDATE checkpoint SET version = 0")
    with Ledger.open(f"sqlite:///{folder}/l.db") as ledger:
        ledger.erase("ada", "asked for")
        assert found_in(folder, b"lovelace") == []


def test_one_who_was_stopped_half_way_is_finished_by_the_next(folder):
    """The key is gone, the books are not wiped yet: the next question makes them anew."""
    from ledger.commands.erase import erase

    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"))
        desk.ledger.ask("contacts")
        erase(desk.log, "ada", "asked for")
    with Ledger.open(f"sqlite:///{folder}/l.db") as ledger:
        assert ledger.ask("contacts")["rows"][0]["name"] == "(erased)"
        assert found_in(folder, b"lovelace") == []


def test_lines_that_are_dropped_first_leave_the_file_too(folder):
    """What waits and names the person is listed, can be dropped, and is then nowhere."""
    with on_disk(folder) as desk:
        desk.send(course("lovelace"), *(adjustment(number, 5_000) for number in range(0, 70, 7)))
        desk.send(event("entitlement.adjusted", {"approved_by": "lovelace"}, id="bad"))
        listed = desk.ledger.erase("lovelace", None, dry_run=True).still
        numbers = [place.number for place in listed if place.where == "quarantine"]
        assert len(numbers) == 11
        desk.ledger.quarantine_drop(numbers, "asked for")
        assert desk.ledger.erase("lovelace", "asked for").still == []
        assert found_in(folder, b"lovelace") == []


def test_a_dry_run_leaves_every_byte_as_it_is(folder):
    """Of the ledger and of the books: it is judged in a transaction that is rolled back."""
    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"), b'{"of": "ada"')
        desk.ledger.ask("contacts")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with Ledger.open(f"sqlite:///{folder}/l.db") as ledger:
        assert ledger.erase("ada", None, dry_run=True).still_count == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_books_that_cannot_be_wiped_are_said_before_anything_is_erased(folder, monkeypatch):
    """Whoever may not write them would leave a name in clear: nothing is done."""
    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"))
        desk.ledger.ask("contacts")
        allowed = os.access
        books = folder / "l.db-books"
        monkeypatch.setattr(os, "access", lambda path, how: path != books and allowed(path, how))
        for dry_run in (True, False):
            with pytest.raises(LedgerReadOnly, match=r"l\.db-books cannot be written"):
                desk.ledger.erase("ada", "asked for", dry_run=dry_run)
        monkeypatch.undo()
        assert desk.log.erasures() == 0
        assert desk.ledger.erase("ada", "asked for").books_scrubbed


def test_trouble_after_the_erasure_is_no_erasure_undone(folder, monkeypatch):
    """A full disk at the end is said as what it is: the key is gone, and the rest is finished."""
    with on_disk(folder) as desk:
        desk.send(contact("ada", "c1", "Ada Lovelace"))

        def full(path):
            raise LedgerFull("the disk is full")

        monkeypatch.setattr(sqlite_log, "scrub", full)
        with pytest.raises(LedgerFull, match=r"still on the disk \(the disk is full\): .* again"):
            desk.ledger.erase("ada", "asked for")
        monkeypatch.undo()
        assert desk.log.erasures() == 1
        with pytest.raises(NotFound):
            desk.ledger.erase("ada", "asked for")
        assert found_in(folder, b"lovelace") == []
