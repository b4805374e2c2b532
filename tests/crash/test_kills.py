"""Commands are really killed: what they leave is sound, and the same command finishes the work."""

import aftermath
import attacks
import pytest
from children import Stop
from scenes import SCENES, scene
from stages import every_moment, every_statement_behind

FILE_STEPS = 4
"""Of the steps with a file so many are tried here; `make crash` tries all."""

APART = {"ingest more", "key new"}
"""Scenes that have a test of their own."""


@pytest.mark.parametrize("name", [each.name for each in SCENES if each.name not in APART])
def test_a_command_can_be_killed_at_every_commit(stage, name):
    """Before each commit, and while a file is put in its place: nothing is lost or doubled."""
    played = scene(name)
    ended, _ = stage.expected(played)
    stops = [
        stop
        for stop in every_moment(ended, "commit", "file")
        if not stop.after and (stop.kind == "commit" or stop.number <= FILE_STEPS)
    ]
    assert stops
    assert {stage.play(played, stop=stop) for stop in stops} == {"killed"}


def test_a_key_is_whole_or_not_there(stage):
    """Before and after every step with its file: no partial key, none that others may read."""
    played = scene("key new")
    stops = list(every_moment(stage.expected(played)[0], "file"))
    assert len(stops) >= 2 * len(("make", "fsync", "link", "unlink"))
    assert {stage.play(played, stop=stop) for stop in stops} == {"killed"}


def test_a_file_is_gone_on_with_and_comes_to_the_same(stage):
    """What an ingest that was killed and its rerun come to is what one ingest comes to."""
    ended, came = stage.expected(scene("resume"))
    assert "resumed at line" in ended.err
    aftermath.assert_same(came, stage.expected(scene("ingest"))[1])


def test_a_directory_is_followed_whatever_was_killed(stage):
    """While its files are moved, too: each is in `done` or `failed` at the end, once."""
    played = scene("follow")
    ended, came = stage.expected(played)
    aftermath.assert_same(came, stage.expected(scene("ingest"))[1])
    stops = list(every_moment(ended, "file"))[::4]
    assert {stage.play(played, stop=stop) for stop in stops} == {"killed"}


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.deep)])
def test_nobody_who_was_erased_is_named_by_books_that_are_not_wiped_yet(stage, step):
    """Between the erasure's commit and the end of the wiping: no answer has the name."""
    played = scene("erase")
    ended, _ = stage.expected(played)
    stops = list(every_statement_behind(ended, 1, step))
    assert len(stops) > 60 / step
    assert {stage.play(played, stop=stop) for stop in stops} == {"killed"}


def test_a_command_can_be_killed_right_after_its_last_commit(stage):
    """What it would have said is lost, and what it wrote is not."""
    played = scene("ingest more")
    ended, _ = stage.expected(played)
    assert stage.play(played, stop=Stop("commit", ended.points["commit"], after=True)) == "killed"


@pytest.mark.parametrize(
    "name",
    [
        "ingest more",
        pytest.param("rebuild", marks=pytest.mark.deep),
        pytest.param("erase", marks=pytest.mark.deep),
    ],
)
def test_a_command_can_be_killed_on_postgresql(postgres_stage, name):
    """At its last commit but one, and within a transaction."""
    played = scene(name)
    ended, _ = postgres_stage.expected(played)
    for stop in (
        Stop("commit", max(1, ended.points["commit"] - 1)),
        Stop("statement", ended.points["statement"] // 2, after=True),
    ):
        assert postgres_stage.play(played, stop=stop) == "killed"


def test_the_process_that_prepares_ends_with_its_parent(stage):
    """A long ingest has a second process; when the first is killed, it is gone at once."""
    assert attacks.leave_an_orphan(stage, seed=1) in {1, 2}  # one, where there is but one core


def test_a_torn_log_is_the_ledger_as_it_was_after_a_commit(stage):
    """Where the power fails before all was on the disk, what was is whole."""
    assert attacks.tear(stage, seed=1, times=3) == 3


@pytest.mark.parametrize(
    "order, ends",
    [
        ({"pages": 1}, "exit 5"),
        ({"bytes": 200_000}, "exit 5"),
        ({"stop": Stop("statement", 90, fault="no-writing")}, "exit 5"),
        ({"stop": Stop("commit", 4, fault="no-writing")}, "exit 5"),
    ],
)
def test_a_disk_that_is_full_or_fails_loses_nothing(stage, order, ends):
    """The batch at which it happens is undone, the command says so, and can be given again."""
    assert stage.play(scene("ingest more"), **order) == ends


def test_books_that_cannot_grow_are_no_reason_not_to_answer(stage):
    """They are made in memory then."""
    assert stage.play(scene("catch-up"), pages=1) == "exit 0"


def test_no_room_for_a_temporary_copy_is_one_line(stage):
    """A transfer, or a grant by somebody, is judged by a copy of the books."""
    assert stage.play(scene("ingest more"), pages_of_copies=1) == "exit 5"


@pytest.mark.parametrize("kind", ["statement", "commit"])
def test_a_connection_that_is_lost_loses_nothing(postgres_stage, kind):
    """Within a transaction it is undone; at its end it is found out what became of it."""
    played = scene("ingest more")
    ended, _ = postgres_stage.expected(played)
    stop = Stop(kind, ended.points[kind] // 2, fault="lost-connection")
    assert postgres_stage.play(played, stop=stop) in {"exit 1", "exit 5"}
