"""Books know whose they are: those of another history answer nothing, and are rebuilt."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from branches import WHEN, Stopped, begun, bought, consumed, opened, restore, seat, take, used
from sending import FOUNDATION, transfer

from ledger import Ledger
from ledger.projections.books.belonging import belongs
from ledger.projections.books.sqlite import SqliteBooks


@pytest.fixture
def url(tmp_path):
    """A ledger with a package of 100 credits, and beside it a backup of that moment."""
    return begun(tmp_path)


def everything(ledger):
    """What every path that reads books says."""
    journal = []
    ledger.journal(journal.append, **WHEN)
    views = {
        view: ledger.ask(view, **WHEN, **given)
        for view, given in {
            "packages": {"kind": "all"},
            "summary": {},
            "credits": {},
            "history": {"packages": ["P"]},
            "statement": {"package": "P", "entitlement": "CRD"},
            "explain": {"package": "P", "entitlement": "CRD"},
            "report": {"contracts": ["K"]},
            "unplaced": {},
            "additional": {},
        }.items()
    }
    return json.dumps(
        {
            **views,
            "past": ledger.ask("packages", **WHEN, kind="all", known_at=4),
            "of one": ledger.ask("statement", package="P", entitlement="CRD", known_at=4, **WHEN),
            "diff": ledger.diff("2025-03-31", "2025-12-31"),
            "trace": ledger.trace("urn:test", "buy", **WHEN),
            "replay": list(ledger.replay(**WHEN).events),
            "sent": [raw.decode() for raw in ledger.cloudevents(packages=["P"], **WHEN)],
            "journal": journal,
            "check": ledger.check(books=True)["damage"],
            "rebuild": ledger.rebuild(check=True)["differences"],
        }
    )


def without_books(tmp_path):
    """The same ledger at another place, where no books are: its answers come from the events."""
    shutil.copy(tmp_path / "a.db", tmp_path / "fresh.db")
    for left in tmp_path.glob("fresh.db-books*"):
        left.unlink()
    return opened(f"sqlite:///{tmp_path}/fresh.db")


def other(position, part=".000000001"):
    """What `status` and `check` say of books that had read up to a position of another history."""
    stamp = f"2027-01-15T08:00:00{part}Z"
    return {"position": position, "recorded_at": stamp, "rebuilt": False}


FUTURES = {
    "nothing": [],
    "shorter": [used(9, "right")],
    "as long": [used(9, "right"), used(1, "more")],
    "as long, with the same last event": [used(9, "right"), used(2, "last")],
    "longer": [used(9, "right"), used(1, "more"), used(2, "last")],
}


@pytest.mark.parametrize("future", FUTURES.values(), ids=FUTURES)
def test_what_a_restored_backup_took_away_is_in_no_answer(url, tmp_path, future):
    """Every path that reads books says what one says that has none, from the first question on."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"), used(2, "last"))
        assert consumed(ledger) == "92"
    restore(tmp_path)
    with opened(url) as ledger:
        take(ledger, *future)
        found = everything(ledger)
        said = ledger.check()
        assert (said["ok"], said["other_history"]["position"]) == (True, 6)
        assert said["other_history"]["rebuilt"]
    with without_books(tmp_path) as fresh:
        assert everything(fresh) == found
        assert fresh.check()["other_history"] is None


@pytest.mark.parametrize("path", ["trace", "check", "rebuild", "diff", "journal", "transfer"])
def test_whatever_is_asked_first_finds_out(url, tmp_path, path):
    """No path takes the numbers of another history because it is the first."""
    with opened(url) as ledger:
        take(ledger, used(99, "wrong"), used(1, "last"))
        assert consumed(ledger) == "100"
    restore(tmp_path)
    with opened(url) as ledger:
        take(ledger, used(9, "right"), used(1, "last"))
        match path:
            case "trace":
                (balance,) = ledger.trace("urn:test", "right", **WHEN)["balances"]
                assert balance["with"]["remaining"] == "90"
            case "check":
                assert ledger.check(books=True)["ok"]
            case "rebuild":
                assert ledger.rebuild(check=True)["differences"] == []
            case "diff":
                moves = ledger.diff("2025-03-31", "2025-12-31")["moves"]
                assert "wrong" not in str(moves)
                assert "right" in str(moves)
            case "journal":
                pieces = []
                ledger.journal(pieces.append, **WHEN)
                assert "wrong" not in "".join(pieces)
            case "transfer":  # 90 are left: of the other history none would be
                move = transfer(60, ("P", "CRD"), ("P", "E2"), time="2025-05-01T00:00:00Z")
                assert take(ledger, move).appended == 1
        assert ledger.rebuild(check=True)["differences"] == []


def test_status_and_check_say_so_before_and_after_they_are_rebuilt(url, tmp_path):
    """It is no damage of the ledger. A rebuild that somebody asks for ends the matter."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"))
        assert consumed(ledger) == "90"
        assert (ledger.status()["other_history"], ledger.status()["books"]["position"]) == (None, 5)
    restore(tmp_path)
    with opened(url) as ledger:
        found = ledger.status()
        assert (found["position"], found["books"]["position"]) == (4, 0)
        assert found["other_history"] == ledger.check()["other_history"] == other(5)
        assert ledger.check()["ok"]
        assert consumed(ledger) == "0"
        found = ledger.status()
        assert found["books"]["position"] == 4
        assert found["other_history"] == other(5) | {"rebuilt": True}
        assert ledger.check(books=True)["other_history"] == other(5) | {"rebuilt": True}
        assert ledger.check(books=True)["ok"]
        ledger.rebuild()
        assert ledger.status()["other_history"] is None


def test_books_of_another_ledger_are_rebuilt(url, tmp_path):
    """Somebody has put the file of another ledger's books beside this one."""
    other_url = f"sqlite:///{tmp_path}/b.db"
    with Ledger.create(other_url, clock=Stopped()) as ledger:
        take(ledger, *FOUNDATION[:3], bought(), used(77, "there"))
        assert consumed(ledger) == "77"
    shutil.copy(tmp_path / "b.db-books", tmp_path / "a.db-books")
    with opened(url) as ledger:
        assert ledger.status()["other_history"] == other(5, "")
        assert consumed(ledger) == "0"
        assert ledger.status()["other_history"] == other(5, "") | {"rebuilt": True}


def test_copies_of_a_directory_go_ways_of_their_own(url, tmp_path):
    """Each copy has its books; each copy's books beside the other are seen through."""
    with opened(url) as ledger:
        assert consumed(ledger) == "0"
    shutil.copytree(tmp_path, tmp_path / "copy")
    places = {url: "1", f"sqlite:///{tmp_path}/copy/a.db": "2"}
    for place, many in places.items():
        with opened(place) as ledger:
            take(ledger, used(many, "one"))
            assert consumed(ledger) == many
    shutil.copy(tmp_path / "a.db-books", tmp_path / "copy" / "a.db-books")
    for place, many in places.items():
        with opened(place) as ledger:
            assert consumed(ledger) == many


def test_books_that_are_of_another_history_and_cannot_be_written(url, tmp_path, monkeypatch):
    """The answer comes from the events, and the books stay as they are."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"))
        assert consumed(ledger) == "90"
    restore(tmp_path)

    def refused(*_, **__):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(SqliteBooks, "wipe", refused)
    with opened(url) as ledger:
        assert consumed(ledger) == "0"
        take(ledger, used(9, "right"))
        assert consumed(ledger) == "9"
        assert ledger.status()["other_history"] == other(5)


def test_an_event_that_was_written_over_in_place_is_another_history(url):
    """Position and time stay, and only what is stored is another: the hash of it decides."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"))
        assert consumed(ledger) == "90"
        before = ledger._keeping.in_use.checkpoint
        assert belongs(before, ledger.log)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
        file.execute("DROP TRIGGER events_no_update")
        file.execute(
            "UPDATE events SET state = CAST(replace(state, '\"90\"', '\"9\"') AS BLOB)"
            " WHERE position = 5"
        )
    with opened(url) as ledger:
        assert not belongs(before, ledger.log)
        assert consumed(ledger) == "9"


def test_as_many_erased_and_not_the_same(url, tmp_path):
    """Of two branches each has erased another person: nobody reads the one that is gone."""
    with opened(url) as ledger:
        take(ledger, seat("ada"), seat("bob"))
        ledger.back_up(f"{tmp_path}/later.db")
        ledger.erase("ada", "asked for")
        assert "bob name" in str(ledger.ask("contacts", **WHEN))
    shutil.copy(tmp_path / "later.db", tmp_path / "a.db")
    with opened(url) as ledger:
        ledger.erase("bob", "asked for")
        said = str(ledger.ask("contacts", **WHEN))
    assert "bob" not in said
    assert "ada name" in said
