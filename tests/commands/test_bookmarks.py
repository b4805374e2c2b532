"""Bookmarks know which events there were: none lets a line be skipped that is not recorded."""

import shutil
import sqlite3
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import schema_url
from sending import FOUNDATION, Desk, event, opening

LINES = [*FOUNDATION, *(opening(f"C{number}") for number in range(8))]
WRONG = [event("nonsense", {}, id="wrong"), b"no json", opening("C1", title="other")]


class Killed(BaseException):
    """Stands for the end of the process: nothing of the program handles it."""


def stopped(desk, path, batches, size):
    """Ingest a file, and be killed right after so many batches, if there are as many."""
    left = [Killed] * batches

    def batch(_):
        left.pop()
        if not left:
            raise Killed

    with suppress(Killed):
        desk.ledger.ingest([str(path)], batch_size=size, on_batch=batch)


def damage(desk):
    """What a check finds damaged: its kind and its words."""
    return [(each["what"], each["reason"]) for each in desk.ledger.check()["damage"]]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(LINES) + b"\n")
    return path


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def desk(request, tmp_path):
    """A ledger on each backend, in which a run was stopped after six of its lines."""
    match request.param:
        case "memory":
            made = Desk()
        case "sqlite":
            made = Desk(f"sqlite:///{tmp_path}/l.db")
        case _:
            made = Desk(schema_url(request.getfixturevalue("postgres_server")))
    stopped(made, request.getfixturevalue("file"), 2, 3)
    yield made
    made.ledger.close()


def keep(desk, **changed):
    """Let the ledger keep something else of the one file that is under way."""
    (kept,) = desk.log.intakes()
    with desk.log.writing() as writer:
        writer.keep_intake(kept._replace(**changed))


def test_a_bookmark_names_the_last_event_before_it_and_the_root_that_this_ends(desk):
    (kept,) = desk.log.intakes()
    assert (kept.lines, kept.appended, kept.position) == (6, 6, 6)
    assert kept.root == desk.log.root_at(6)
    desk.send(opening("later"))
    found = desk.ledger.check()
    assert found["damage"] == []
    assert {"what": "bookmarks", "count": 1} in found["proved"]


@pytest.mark.parametrize(
    "changed,says",
    [
        ({"position": 7}, "was read when there were 7 events, and 6 are here"),
        ({"root": b"r" * 32}, "was read when the events up to 6 were others"),
        ({"root": b""}, "was read when the events up to 6 were others"),
        ({"position": None, "root": b"", "appended": 7}, "has more lines recorded than there are"),
    ],
)
def test_a_bookmark_of_other_events_is_damage_and_is_not_used(desk, file, changed, says):
    """The file is read from its beginning, and once it is done the ledger is whole again."""
    keep(desk, **changed)
    ((what, reason),) = damage(desk)
    assert what == "bookmarks"
    assert f"a.jsonl {says}" in reason
    told = []
    receipt = desk.ledger.ingest([str(file)], on_resume=lambda *where: told.append(where))
    assert told == []
    assert (receipt.read, receipt.appended, receipt.duplicates) == (12, 6, 6)
    assert (damage(desk), desk.log.intakes()) == ([], [])


def test_one_that_was_kept_before_that_was_is_judged_as_far_as_it_goes(desk, file):
    """A ledger from before has bookmarks without an event: they are used, and are no damage."""
    keep(desk, position=None, root=b"")
    assert damage(desk) == []
    told = []
    desk.ledger.ingest([str(file)], on_resume=lambda *where: told.append(where[1:]))
    assert told == [(7, 6)]


def test_a_bookmark_that_is_no_bookmark_is_damage(tmp_path, file):
    """Whatever bytes are in its column."""
    desk = Desk(f"sqlite:///{tmp_path}/l.db")
    stopped(desk, file, 2, 3)
    for digest in (b"", b"d" * 31, b"d" * 33, b"d" * 71, b"d" * 200):
        with sqlite3.connect(tmp_path / "l.db") as other:
            other.execute("UPDATE intakes SET digest = ?", (digest,))
        other.close()
        assert [what for what, _ in damage(desk)] == ["bookmarks"] * (len(digest) > 32)
        assert desk.ledger.ingest([str(file)], dry_run=True).taken_over == 0
    desk.ledger.close()


@settings(max_examples=settings.default.max_examples // 5)
@given(
    lines=st.lists(st.sampled_from([*LINES, *WRONG]), min_size=2, max_size=16),
    stops=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    size=st.integers(1, 4),
    carried=st.booleans(),
)
def test_any_backup_that_is_put_back_is_filled_again(tmp_path_factory, lines, stops, size, carried):
    """Each line that it had lost is recorded, whatever bookmarks of its future came with it."""
    folder, expected = tmp_path_factory.mktemp("any"), Desk()
    path, url = folder / "a.jsonl", f"sqlite:///{folder}/l.db"
    path.write_bytes(b"\n".join(lines))
    expected.ledger.ingest([str(path)], batch_size=size)
    before, after = stops
    desk = Desk(url)
    stopped(desk, path, before, size)
    desk.ledger.back_up(str(folder / "night"))
    stopped(desk, path, after, size)
    future = desk.log.intakes()
    desk.ledger.close()
    shutil.copy(folder / "night", folder / "l.db")
    desk = Desk(url)
    if carried:
        with desk.log.writing() as writer:
            for kept in future:
                writer.keep_intake(kept)
        ahead = any(kept.position > desk.log.head().position for kept in future)
        assert [what for what, _ in damage(desk)] == ["bookmarks"] * ahead
    desk.ledger.ingest([str(path)], batch_size=size)
    assert sorted(desk.ids()) == sorted(expected.ids())
    assert sorted(held.raw for held in desk.held()) == sorted(held.raw for held in expected.held())
    assert damage(desk) == []
    desk.ledger.close()
