"""Following a directory: in order, once each, moved away, and nothing there is overwritten."""

import fcntl
import gzip
import json
import os
import signal
import time
from pathlib import Path

import pytest
from sending import FOUNDATION, Desk, opening

from ledger.commands.ingest.receipt import NOTHING
from ledger.commands.sources.directory import follow
from ledger.commands.sources.inbox import DONE, FAILED, RECEIPT
from ledger.errors import LedgerBusy, LedgerUnreachable, UsageError


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def inbox(tmp_path):
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def desk():
    return Desk()


def put(inbox, name, *lines):
    """Write a file that nobody has touched for a minute."""
    (inbox / name).write_bytes(b"\n".join(lines))
    leave_alone(inbox / name)


def leave_alone(path):
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))


def keep(path, receipt):
    path.write_text(json.dumps(receipt.answer()))


def followed(desk, inbox, **options):
    """Follow a directory until it is empty; return the receipt, and what became of each file."""
    files = []
    given = {"keep_receipt": keep, "on_file": files.append, "until_empty": True}
    return desk.ledger.follow(str(inbox), **(given | options)), files


def taking(desk, **options):
    """Return what takes a file into the ledger of a desk."""

    def take(path, errors_left, on_stop, *, growing, again):
        del errors_left, again
        return desk.ledger.ingest([path], on_stop=on_stop, growing=growing, **options)

    return take


def tree(inbox):
    """Return every file under a directory."""
    return sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*") if not path.is_dir())


def test_files_are_taken_in_order_and_moved_away(desk, inbox):
    """The names say the order; what is whole is done, what was refused has failed."""
    put(inbox, "b.jsonl", opening("C"), b"no json")
    put(inbox, "a.jsonl", *FOUNDATION)
    put(inbox, "c.jsonl.gz", gzip.compress(opening("D"))[:-9])
    put(inbox, "d.json")
    receipt, files = followed(desk, inbox)
    assert [Path(each.path).name for each in files] == [
        "a.jsonl",
        "b.jsonl",
        "c.jsonl.gz",
        "d.json",
    ]
    assert tree(inbox) == [
        *("done/a.jsonl", "done/d.json", "failed/b.jsonl", "failed/b.jsonl.receipt.json"),
        *("failed/c.jsonl.gz", "failed/c.jsonl.gz.receipt.json"),
    ]
    assert (receipt.read, receipt.refused, receipt.is_clean) == (6, 1, False)
    assert json.loads((inbox / FAILED / "b.jsonl.receipt.json").read_text())["refused"] == 1


def test_what_is_still_written_is_not_touched(desk, inbox):
    """Hidden names, names of parts and directories are left where they are."""
    for ending in ("tmp", "TMP", "part", "Partial", "filepart", "crdownload", "download", "swp"):
        put(inbox, f"a.jsonl.{ending}", *FOUNDATION)
    for name in (".a.jsonl", "a.jsonl~", ".a.jsonl.swp"):
        put(inbox, name, *FOUNDATION)
    (inbox / "folder.jsonl").mkdir()
    receipt, files = followed(desk, inbox)
    assert (receipt.read, files) == (0, [])
    (inbox / "a.jsonl.part").rename(inbox / "a.jsonl")
    assert followed(desk, inbox)[0].appended == 4


def test_nothing_is_overwritten(desk, inbox):
    """A name that is taken, by a file or by a receipt, is numbered before its endings."""
    for _ in range(3):
        put(inbox, "a.jsonl.gz", *FOUNDATION)
        followed(desk, inbox)
    (inbox / FAILED / "b.receipt.json").write_text("mine")
    for _ in range(2):
        put(inbox, "b", b"no json")
        followed(desk, inbox)
    assert tree(inbox) == [
        *("done/a.2.jsonl.gz", "done/a.3.jsonl.gz", "done/a.jsonl.gz"),
        *("failed/b.2", "failed/b.2.receipt.json", "failed/b.3", "failed/b.3.receipt.json"),
        "failed/b.receipt.json",
    ]
    assert (inbox / FAILED / "b.receipt.json").read_text() == "mine"


@pytest.mark.parametrize(
    "name",
    ["a" * 249 + ".jsonl", "\u4e2d" * 83 + ".jsonl", "a." + "b" * 253, "a" * 255],
    ids=["long", "wide", "ending", "bare"],
)
def test_a_name_that_leaves_no_room_for_what_is_added_is_shortened(desk, inbox, name):
    """Neither the number nor the receipt makes it too long, and nothing is overwritten."""
    for number in range(2):
        put(inbox, name, *FOUNDATION)
        followed(desk, inbox)
        put(inbox, name, b"no json", b"%d" % number)
        followed(desk, inbox)
    done, failed = ({path.name for path in (inbox / folder).iterdir()} for folder in (DONE, FAILED))
    assert name in done
    assert (len(done), len(failed)) == (2, 4)
    assert sum(f"{each}{RECEIPT}" in failed for each in failed) == 2
    assert sorted(path.name for path in inbox.iterdir()) == [DONE, FAILED]


def test_a_file_that_vanishes_is_said_and_the_rest_goes_on(desk, inbox):
    put(inbox, "a.jsonl", *FOUNDATION)
    put(inbox, "b.jsonl", opening("C"))
    files = []

    def on_file(each):
        files.append(each)
        (inbox / "b.jsonl").unlink(missing_ok=True)
        if len(files) == 1:
            put(inbox, "c.jsonl", opening("D"))

    receipt, _ = followed(desk, inbox, on_file=on_file)
    assert [each.receipt is None for each in files] == [False, True, False]
    assert receipt.appended == 5


def test_a_file_that_cannot_be_moved_is_said_once(desk, inbox, monkeypatch):
    """It is not taken in again and again; when it has changed, it is tried anew."""
    put(inbox, "a.jsonl", *FOUNDATION)
    rename = Path.rename

    def refuses(path, target):
        if path.name == "a.jsonl":
            raise PermissionError(1, "not permitted", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuses)
    receipt, files = followed(desk, inbox)
    assert [(each.moved_to, each.wrong) for each in files] == [(None, "not permitted")]
    assert "cannot be moved" in receipt.problem
    monkeypatch.setattr(Path, "rename", rename)
    receipt, files = followed(desk, inbox)
    assert (receipt.duplicates, receipt.is_clean, len(files)) == (4, True, 1)


def test_a_file_that_cannot_be_read_to_its_end_has_failed(desk, inbox, monkeypatch):
    monkeypatch.setattr("ledger.commands.sources.lines.LINE_LIMIT", 1_000)
    monkeypatch.setattr("ledger.commands.sources.contents._CHUNK", 100)
    put(inbox, "a.jsonl", FOUNDATION[0], b"x" * 5_000)
    receipt, files = followed(desk, inbox)
    assert receipt.appended == 1
    assert "longer than" in receipt.problem
    assert files[0].moved_to == str(inbox / FAILED / "a.jsonl")


def test_only_one_follows_a_directory(desk, inbox):
    """Another one is told that the directory is busy; once the first has ended it may."""
    handle = os.open(inbox, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(LedgerBusy):
        followed(desk, inbox)
    os.close(handle)
    assert followed(desk, inbox)[0].is_clean


@pytest.mark.parametrize("name", ["nothing", "a.jsonl", "inbox"])
def test_what_is_no_directory_to_follow_is_wrong_usage(desk, inbox, tmp_path, name):
    put(tmp_path, "a.jsonl", *FOUNDATION)
    put(inbox, DONE)
    with pytest.raises(UsageError):
        followed(desk, tmp_path / name)


def test_a_directory_is_followed_until_somebody_stops_it(desk, inbox, monkeypatch):
    """While nothing comes it sleeps; what comes meanwhile is taken at the next look."""
    put(inbox, "a.jsonl", *FOUNDATION)
    naps = []

    def sleep(seconds):
        naps.append(seconds)
        if len(naps) == 2:
            put(inbox, "b.jsonl", opening("C"))
        if len(naps) == 4:
            raise KeyboardInterrupt

    stopped = []
    with pytest.raises(KeyboardInterrupt):
        follow(
            *(str(inbox), taking(desk)),
            keep_receipt=keep,
            on_file=lambda _: None,
            on_stop=stopped.append,
            poll_seconds=7,
            sleep=sleep,
        )
    assert naps == [7] * 4
    assert [receipt.appended for receipt in stopped] == [5]
    assert tree(inbox) == ["done/a.jsonl", "done/b.jsonl"]


def test_an_interrupt_while_a_file_is_moved_waits_until_it_is_told(
    signals, desk, inbox, monkeypatch
):
    """What is moved is in the receipt of all, and told; then the run ends."""
    put(inbox, "a.jsonl", *FOUNDATION)
    put(inbox, "b.jsonl", opening("C"))
    rename = Path.rename

    def renamed(path, target):
        rename(path, target)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Path, "rename", renamed)
    told, stopped = [], []
    with pytest.raises(KeyboardInterrupt):
        follow(
            *(str(inbox), taking(desk)),
            keep_receipt=keep,
            on_file=told.append,
            on_stop=stopped.append,
        )
    assert [Path(each.moved_to).name for each in told] == ["a.jsonl"]
    assert [receipt.appended for receipt in stopped] == [4]
    assert tree(inbox) == ["b.jsonl", "done/a.jsonl"]


def test_a_ledger_that_is_lost_leaves_the_file_where_it_is(desk, inbox):
    """What stops the run is no fault of the file."""
    put(inbox, "a.jsonl", *FOUNDATION)

    def take(path, errors_left, on_stop, **how):
        on_stop(NOTHING)
        raise LedgerUnreachable("lost")

    with pytest.raises(LedgerUnreachable):
        follow(str(inbox), take, keep_receipt=keep, on_file=lambda _: None, until_empty=True)
    assert tree(inbox) == ["a.jsonl"]


def test_too_many_errors_end_the_run_and_the_same_command_goes_on(desk, inbox):
    """The errors of all files count; one that is not done stays, and is gone on with."""
    put(inbox, "a.jsonl", b"1", *FOUNDATION)
    put(inbox, "b.jsonl", b"2", b"3", b"4", opening("C"))
    put(inbox, "c.jsonl", opening("D"))
    receipt, _ = followed(desk, inbox, max_errors=3, batch_size=1)
    assert (receipt.refused, receipt.stopped) == (3, True)
    assert tree(inbox) == ["b.jsonl", "c.jsonl", "failed/a.jsonl", "failed/a.jsonl.receipt.json"]
    receipt, files = followed(desk, inbox, max_errors=3, batch_size=1)
    assert (receipt.refused, receipt.taken_over, receipt.appended) == (1, 2, 2)
    assert [Path(each.moved_to).parent.name for each in files] == [FAILED, DONE]


@pytest.mark.parametrize("step", range(8))
def test_killed_at_any_step_the_same_command_goes_on(inbox, step, monkeypatch):
    """Between two batches, before the receipt, before and after the move: nothing is lost."""
    desk = Desk()
    put(inbox, "a.jsonl", *FOUNDATION, b"no json")
    put(inbox, "b.jsonl", *(opening(f"C{number}") for number in range(4)))
    left = [step]

    def tick(*_):
        left[0] -= 1
        if left[0] == -1:
            raise Killed

    rename = Path.rename

    def renamed(path, target):
        tick()
        rename(path, target)
        tick()

    monkeypatch.setattr(Path, "rename", renamed)
    given = {"batch_size": 2, "on_batch": tick}
    with pytest.raises(Killed):
        followed(desk, inbox, **given)
    receipt, _ = followed(desk, inbox, batch_size=2)
    assert len(desk.ids()) == len(set(desk.ids())) == 8
    assert len(desk.held()) == 1
    assert desk.log.intakes() == []
    names = [name for name in tree(inbox) if not name.endswith(".receipt.json")]
    assert [name.partition("/")[2][0] for name in sorted(names)] in (["a", "b"], ["b", "a"])
    assert {name.partition("/")[0] for name in names} == {DONE, FAILED}
    assert receipt.read <= 9
