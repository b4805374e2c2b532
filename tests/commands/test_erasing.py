"""Erasing a person: nothing that says who it was is left in any file; all that counts stays."""

import random
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sending import FOUNDATION, Desk, counts, event, opening, package, reversal

from ledger import Ledger
from ledger.errors import NotFound, UsageError
from ledger.storage import sqlite_vault

LONG = "Lovelace " * 30_000


def contact(name, id, full, package="P"):  # noqa: A002
    data = {"package": package, "entitlement": "E", "workspace": "W", "contact": name}
    return event("contact.added", data | {"name": full, "email": f"{name}@example.org"}, id=id)


def course(learner, item="i"):
    data = {"workspace": "W", "learner": learner, "item": item}
    return event("course.started", data, id=f"{item}-{random.Random(learner).getrandbits(64)}")


def role(principal, id="role"):  # noqa: A002
    data = {"principal": principal, "role": "customer_admin", "scope": "customer:A"}
    return event("role.granted", data, id=id)


@pytest.fixture
def desk():
    made = Desk()
    made.send(*FOUNDATION)
    yield made
    made.ledger.close()


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "books and all"
    found.mkdir()
    return found


@contextmanager
def on_disk(folder):
    """A desk whose ledger is a file."""
    made = Desk(f"sqlite:///{folder}/l.db")
    try:
        made.send(*FOUNDATION)
        yield made
    finally:
        made.ledger.close()


def secrets_of(folder):
    """The digests, salts and keys that the file has now."""
    with sqlite3.connect(folder / "l.db") as file:
        return [part for row in file.execute("SELECT * FROM persons") for part in row[1:]]


def found_in(folder, *needles):
    """Which of these bytes stand in any file of a folder, in capitals or not."""
    contents = [path.read_bytes().lower() for path in folder.iterdir()]
    return [needle for needle in needles if any(needle.lower() in content for content in contents)]


def test_every_part_of_a_person_is_one_person(desk):
    """User, learner, contact, engineer and who decided: one erasure takes them all."""
    desk.send(
        opening(primary_contact="ada"),
        event("case.labour_recorded", {"case": "C", "minutes": 5, "engineer": "ada"}, id="l"),
        event("case.shared", {"case": "C", "user": "ada"}, id="s"),
        contact("ada", "c", "Ada Lovelace"),
        course("ada"),
        role("user:ada"),
        reversal("s"),
    )
    done = desk.ledger.erase("ada", "asked for")
    assert (done.person, done.texts, done.events, done.still) == (1, 3, 7, [])
    assert not any(b"ada" in row.state.lower() for row in desk.log.read(0))
    said = [
        [value for value in event["data"].values() if "(erased)" in str(value)]
        for event in desk.ledger.replay().events
    ][4:]
    once, thrice = ["(erased)"], ["(erased)"] * 3
    assert said == [once, once, once, thrice, once, ["user:(erased)"], once]


def test_user_before_the_id_makes_no_other_person(desk):
    """`user:ada` is ada, and a group is nobody."""
    desk.send(role("user:ada"), role("group:ada", id="group"))
    done = desk.ledger.erase("user:ada", "asked for")
    assert (done.texts, done.events) == (1, 1)
    assert [place.answer() for place in done.still] == [
        {"where": "event", "number": 6, "field": "data.principal"}
    ]


def test_nobody_is_erased_twice(desk):
    """Who is erased is as unknown as who never was; who comes again is somebody new."""
    desk.send(course("ada"))
    with pytest.raises(NotFound, match="give the id as events have it"):
        desk.ledger.erase("bob", "asked for")
    desk.ledger.erase("ada", "asked for")
    desk.send(opening(title="for Ada"))
    with pytest.raises(
        NotFound, match=r"erased: 1; .* places: 1, the first is event 6, data.title"
    ):
        desk.ledger.erase("ada", "asked for")
    desk.send(course("ada", "j"))
    learners = [row["learner"] for row in desk.ledger.ask("education")["rows"]]
    assert sorted(learners) == ["(erased)", "ada"]
    assert desk.ledger.ask("education")["totals"]["learners"] == 2
    assert desk.ledger.erase("ada", "again").person == 2
    assert desk.ledger.ask("education")["totals"]["learners"] == 2


def test_a_dry_run_writes_nothing(desk):
    """It says what would go and what would stay, and all is as it was."""
    desk.send(course("ada"), opening(title="call Ada"))
    before = desk.log.register_rows(), desk.ledger.ask("education")["rows"]
    done = desk.ledger.erase("ada", None, dry_run=True)
    assert (done.dry_run, done.texts, done.events, done.still_count) == (True, 1, 1, 1)
    assert (desk.log.register_rows(), desk.ledger.ask("education")["rows"]) == before


def test_the_register_says_that_it_was_done_and_not_of_whom(desk):
    """A number, counts and the reason; a reason that names the person is not taken."""
    desk.send(course("ada"))
    with pytest.raises(UsageError, match="names the person"):
        desk.ledger.erase("ada", "Ada asked for it")
    desk.ledger.erase("ada", "request 7")
    (entry,) = desk.log.register_rows()
    assert entry.what == "erased"
    assert entry.detail == {"person": 1, "texts": 1, "events": 1, "reason": "request 7"}


def test_where_names_still_stand_is_listed(desk):
    """Titles, ids, extensions, held lines, their files and reasons, and details of the register."""
    desk.send(contact("ada", "c", "Ada Byron"))
    desk.send(
        opening(title="for ADA", id="ada/1"),
        event("case.closed", {"case": "C", "reason": "Canada"}, id="2", extra="Ada Byron's"),
        b'{"of": "ada"',
    )
    with desk.log.writing() as writer:
        writer.register("export", {"files": ["out.csv", "of-ada.csv"]})
    done = desk.ledger.erase("ada", "asked for")
    assert [(place.where, place.number, place.field) for place in done.still] == [
        ("event", 6, "data.title"),
        ("event", 6, "id"),
        ("event", 7, "extra"),
        ("quarantine", 1, "raw"),
        ("register", 1, "files[1]"),
    ]


def test_conflicts_are_still_told(desk):
    """An event sent again with another person, who was there before, is another event."""
    desk.send(course("bob", "j"), opening(primary_contact="ada"))
    desk.ledger.erase("ada", "asked for")
    assert counts(desk.send(opening(primary_contact="ada"))) == (1, 0, 0, 1, 0)
    assert counts(desk.send(opening(primary_contact="bob"))) == (1, 0, 0, 0, 1)
    assert counts(desk.send(opening(primary_contact="ada", title="other"))) == (1, 0, 0, 0, 1)
    assert counts(desk.send(opening())) == (1, 0, 0, 0, 1)
    desk.send(course("ada", "k"))
    assert counts(desk.send(opening(primary_contact="ada"))) == (1, 0, 0, 1, 0)


def test_who_was_an_administrator_is_one_no_more(desk):
    """Roles of an erased person are nobody's: the id, should it come again, has none of them."""
    desk.send(role("user:ada"))
    assert desk.ledger.ask("cases", viewer="ada")["rows"] == []
    desk.ledger.erase("ada", "asked for")
    with pytest.raises(Exception, match="ada may open no workspace"):
        desk.ledger.ask("cases", viewer="ada")
    granted = event(
        "role.granted",
        {"principal": "user:bob", "role": "customer_admin", "scope": "customer:A"}
        | {"granted_by": "ada"},
        id="by-ada",
    )
    desk.send(granted)
    assert desk.codes() == ["not-allowed"]


def test_an_ingest_that_goes_on_knows_who_was_erased(folder):
    """What one batch knew of a person, the next one forgets, where another process erased her."""

    def granted(id, user):  # noqa: A002
        data = {"principal": f"user:{user}", "role": "customer_admin", "scope": "customer:A"}
        return event("role.granted", data | {"granted_by": "ada"}, id=id)

    with on_disk(folder) as desk, Ledger.open(desk.ledger.url) as other:

        def erase_once(done, _bytes):
            if done == 2:
                other.erase("ada", "asked for")

        lines = (role("user:ada"), granted("g1", "bob"), granted("g2", "eve"), course("ada"))
        receipt = desk.send(*lines, batch_size=1, on_progress=erase_once)
        assert counts(receipt) == (4, 3, 0, 0, 1)
        assert desk.codes() == ["not-allowed"]
        assert [row["learner"] for row in desk.ledger.ask("education")["rows"]] == ["ada"]
        assert desk.ledger.erase("ada", "again").person == 3
        assert desk.ledger.check(books=True)["damage"] == []


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


def adjustment(number, size):
    """A line that waits for a package, of any size, and names somebody."""
    data = {"package": f"Q{number % 3}", "entitlement": "E", "quantity": 1}
    data |= {"approved_by": f"lovelace-{number % 7}", "reason": "x" * size}
    return event("entitlement.adjusted", data, id=f"a{number}")


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
    from ledger.commands.erasing import erase

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
