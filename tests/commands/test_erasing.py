"""Erasing a person: who is named by nobody any more, what counts as before, what is listed."""

import sqlite3

import pytest
from naming import contact, course, on_disk, role
from sending import FOUNDATION, Desk, counts, event, mapping, opening, reversal

from ledger import Ledger
from ledger.errors import NotFound, UsageError
from ledger.storage.log import Intake


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


def test_every_table_that_keeps_a_text_in_clear_is_searched(folder):
    """Quarantine, bookmarks, register, seals: a new table has to say why it is not among them."""
    with on_disk(folder) as desk:
        desk.send(course("ada"), mapping(of="ada"))
        digest = bytes(32)
        with desk.log.writing() as writer:
            writer.hold("bad-json", "nats://broker/of ada", 1, "no Ada", b"\xff", "contract:ada")
            writer.keep_intake(Intake("/inbox/ADA_1.jsonl", 1, 9, digest, digest, 1, 0, 0))
            writer.keep_intake(Intake("/inbox/other.jsonl", 1, 9, digest, digest, 1, 0, 0))
            writer.register("export", {"files": ["a.csv"], "viewer": "ada"})
            writer.seal(1, "ada.example+1+AA==", b"ada.example\n1\nAA==\n")
        done = desk.ledger.erase("ada", "asked for")
        assert [tuple(place) for place in done.still] == [
            ("quarantine", 1, "raw"),
            ("quarantine", 1, "reason"),
            ("quarantine", 1, "waits_for"),
            ("quarantine", 2, "file"),
            ("quarantine", 2, "reason"),
            ("quarantine", 2, "waits_for"),
            ("bookmark", 1, "/inbox/ADA_1.jsonl"),
            ("register", 1, "viewer"),
            ("seal", 1, "key"),
            ("seal", 1, "checkpoint"),
        ]
    searched = {"events", "quarantine", "intakes", "register", "seals"}
    of_events = {"homes"}
    hashes_and_numbers = {"nodes", "counter", "sqlite_sequence", "persons", "personal"}
    with sqlite3.connect(folder / "l.db") as file:
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in tables} == searched | of_events | hashes_and_numbers


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
