"""Files that are still being written: every line is recorded, none torn and none left behind."""

import gzip
import json
import os
import socket
import time
from pathlib import Path

import pytest
from compressing import WAYS
from sending import FOUNDATION, Desk, mapping, opening

from ledger.commands.sources import inbox as inboxes
from ledger.commands.sources.directory import follow
from ledger.commands.sources.writers import is_open_for_writing

LINES = [*FOUNDATION, *(opening(f"C{number}") for number in range(8))]
WHOLE = b"\n".join(LINES) + b"\n"
PRETTY = b"\n".join(json.dumps(json.loads(raw), indent=1).encode() for raw in LINES)
BATCH = b"[" + b",\n".join(LINES) + b"]"


@pytest.fixture
def inbox(tmp_path):
    made = tmp_path / "inbox"
    made.mkdir()
    return made


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture(params=["writers are known", "writers are not known"])
def _writers(request, monkeypatch):
    """What Linux says of writers, and a disk on which nobody says anything."""
    if request.param == "writers are not known":
        monkeypatch.setattr(inboxes, "is_open_for_writing", lambda _: False)


class Run:
    """Follows a directory; between two looks the time passes, and something may happen."""

    def __init__(self, desk, inbox, happens=(), *, poll=0.5, until_empty=True, **options):
        self.files, self.words, self.receipts = [], [], []
        self._now = 0.0
        self._happens = iter(happens)
        self.receipt = follow(
            *(str(inbox), self._take(desk)),
            keep_receipt=lambda path, receipt: path.write_text(str(receipt.refused)),
            on_file=self.files.append,
            on_word=lambda word: self.words.append(str(word)),
            until_empty=until_empty,
            poll_seconds=poll,
            sleep=self._sleep,
            clock=lambda: self._now,
            **options,
        )

    def _take(self, desk):
        def take(path, errors_left, on_stop, *, growing, again):
            found = desk.ledger.ingest(
                [path], max_errors=errors_left, on_stop=on_stop, growing=growing
            )
            self.receipts.append(found)
            return found

        return take

    def _sleep(self, seconds):
        self._now += seconds
        happened = next(self._happens, None)
        if happened is not None:
            happened()


def steps(pieces, pause, poll=0.5):
    """Yield what is written when, by one look after the other."""
    for piece in pieces:
        yield piece
        yield from [None] * (round(pause / poll) - 1)


def holding(path, pieces, pause=0.5):
    """Yield what a writer does that keeps the file open: a piece at a time, and then the end."""
    file = path.open("ab", buffering=0)
    for step in steps(pieces, pause):
        yield None if step is None else lambda step=step: file.write(step)
    yield file.close


def opening_each_time(path, pieces, pause=0.5):
    """Yield what a writer does that opens the file for each piece."""

    def write(piece):
        with path.open("ab") as file:
            file.write(piece)

    for step in steps(pieces, pause):
        yield None if step is None else lambda step=step: write(step)


def in_pieces(content, size):
    return [content[place : place + size] for place in range(0, len(content), size)]


def all_is_recorded(desk, inbox, *names):
    assert desk.ids() == [json.loads(raw)["id"] for raw in LINES]
    assert desk.held() == []
    assert desk.log.intakes() == []
    found = {path.name for path in inbox.rglob("*") if path.is_file()}
    assert found == set(names)


WRITTEN = {
    "lines": WHOLE.splitlines(keepends=True),
    "without an end": in_pieces(WHOLE[:-1], 999),
    "torn": in_pieces(WHOLE, 333),
    "over lines": in_pieces(PRETTY, 333),
    "a batch": in_pieces(BATCH, 333),
    **{name: in_pieces(way(WHOLE), 100) for name, way in WAYS.items()},
}


@pytest.mark.usefixtures("_writers")
@pytest.mark.parametrize("write", [holding, opening_each_time])
@pytest.mark.parametrize("pieces", WRITTEN.values(), ids=WRITTEN)
def test_however_a_file_is_written_every_line_is_recorded_once(desk, inbox, write, pieces):
    """It stays until it is left alone; nothing of it is refused, nor read as cut short."""
    (inbox / "live").touch()
    run = Run(desk, inbox, write(inbox / "live", pieces))
    all_is_recorded(desk, inbox, "live")
    assert (inbox / "done" / "live").read_bytes() == b"".join(pieces)
    assert run.words == []
    assert run.receipt.is_clean
    assert (run.receipt.read, run.receipt.duplicates) == (12, 0)


def test_lines_are_recorded_while_others_come(desk, inbox):
    """Each time reading goes on behind what is recorded, and nothing of it is read again."""
    (inbox / "live").touch()
    run = Run(desk, inbox, holding(inbox / "live", WRITTEN["lines"], pause=1))
    assert len(run.receipts) > 5
    assert sum(receipt.read for receipt in run.receipts) == 12
    assert run.receipts[-1].taken_over == 12
    assert run.receipt.taken_over == 0


def test_a_writer_that_pauses_for_long_is_waited_for(desk, inbox):
    """While the file is open for writing, a line that is torn off may go on."""
    path = inbox / "live"
    path.touch()
    pieces = [WHOLE[:100], WHOLE[100:101], WHOLE[101:]]

    def stop():
        raise KeyboardInterrupt

    happens = [*holding(path, pieces, pause=30), *[None] * 10, stop]
    with pytest.raises(KeyboardInterrupt):
        Run(desk, inbox, happens, until_empty=False)
    all_is_recorded(desk, inbox, "live")


@pytest.mark.usefixtures("_writers")
def test_what_was_left_is_resumed_by_the_next_run(desk, inbox):
    """A run that ends meanwhile leaves the file, and what is complete of it is recorded."""
    path = inbox / "live"
    path.touch()

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(desk, inbox, [*opening_each_time(path, WRITTEN["lines"][:9]), stop])
    assert 0 < len(desk.ids()) <= 9
    run = Run(desk, inbox, opening_each_time(path, WRITTEN["lines"][9:]))
    all_is_recorded(desk, inbox, "live")
    assert run.receipt.duplicates == 0
    assert run.receipt.taken_over > 0


def test_a_file_that_a_process_keeps_open_stays_when_nothing_else_is_to_be_done(desk, inbox):
    """A run that ends when nothing is left does not wait for it for ever, and says so."""
    path = inbox / "live"
    with path.open("wb", buffering=0) as file:
        file.write(WHOLE + b'{"torn": ')
        run = Run(desk, inbox)
        assert [word.endswith("its complete lines are recorded, it stays") for word in run.words]
        assert len(run.words) == 1
        assert (desk.ids() != [], desk.held(), path.exists()) == (True, [], True)
        assert run.receipt.is_clean
    Run(desk, inbox)
    assert len(desk.held()) == 1
    assert (inbox / "failed" / "live").exists()


def test_a_file_that_is_written_for_long_is_said_once(desk, inbox):
    path = inbox / "live.gz"
    path.touch()
    run = Run(desk, inbox, opening_each_time(path, in_pieces(gzip.compress(WHOLE), 3)), poll=1)
    assert [word for word in run.words if "still being written" in word] == run.words
    assert len(run.words) == 1
    all_is_recorded(desk, inbox, "live.gz")


@pytest.mark.usefixtures("_writers")
def test_a_file_that_is_written_anew_is_read_anew(desk, inbox):
    """Cut down and written again, or replaced by another one: what is there then is recorded."""
    path = inbox / "live"
    path.write_bytes(b"\n".join(LINES[:6]) + b"\n")

    def replace():
        (inbox / ".new").write_bytes(WHOLE)
        (inbox / ".new").rename(path)

    def cut():
        assert len(desk.ids()) == 7
        path.write_bytes(LINES[0])

    def append():
        with path.open("ab") as file:
            file.write(LINES[6] + b"\n" + LINES[7][:50])

    Run(desk, inbox, [None] * 3 + [append, None, cut, None, replace])
    all_is_recorded(desk, inbox, "live")


def happens_at_the_rename(monkeypatch, *, before=None, behind=None):
    """Let something happen once, right before or behind the rename of a file."""
    left = [(before, behind)]
    rename = Path.rename

    def renamed(path, target):
        first, then = left.pop() if left else (None, None)
        if first is not None:
            first()
        rename(path, target)
        if then is not None:
            then()

    monkeypatch.setattr(Path, "rename", renamed)


def long_ago(path):
    os.utime(path, (time.time() - 60,) * 2)


@pytest.mark.parametrize("folder", ["done", "failed"])
@pytest.mark.parametrize("when", ["before", "behind", "later"])
def test_what_is_written_while_a_file_is_moved_is_recorded(desk, inbox, monkeypatch, folder, when):
    """It comes back, without the receipt that was left beside it, and is moved once it is whole."""
    monkeypatch.setattr(inboxes, "is_open_for_writing", lambda _: False)
    path = inbox / "live"
    path.write_bytes(b"\n".join(LINES[:6]) + b"\n" + (b"no json\n" if folder == "failed" else b""))
    file = path.open("ab", buffering=0)
    long_ago(path)

    def write():
        file.write(b"\n".join(LINES[6:]) + b"\n")

    events = []
    if when != "later":
        happens_at_the_rename(monkeypatch, **{when: write})
    else:
        (inbox / "other").touch()
        events = [write]
    run = Run(desk, inbox, events)
    file.close()
    assert desk.ids() == [json.loads(raw)["id"] for raw in LINES]
    assert (inbox / folder / "live").read_bytes().count(b"\n") == 12 + (folder == "failed")
    assert sorted(path.name for path in (inbox / folder).iterdir() if path.name != "other") == (
        ["live"] if folder == "done" else ["live", "live.receipt.json"]
    )
    assert [f"{folder}/live was written to after" in word for word in run.words] == [True]


def test_what_replaces_a_file_right_before_it_is_moved_is_read(desk, inbox, monkeypatch):
    path = inbox / "live"
    path.write_bytes(b"\n".join(LINES[:6]))
    long_ago(path)

    def replace():
        (inbox / ".new").write_bytes(b"\n".join(LINES))
        (inbox / ".new").rename(path)

    happens_at_the_rename(monkeypatch, before=replace)
    Run(desk, inbox)
    all_is_recorded(desk, inbox, "live")


def test_a_moved_file_that_somebody_takes_away_or_replaces_is_no_longer_looked_at(desk, inbox):
    for name in ("a", "b"):
        (inbox / name).write_bytes(WHOLE)
        long_ago(inbox / name)
    (inbox / "c").write_bytes(mapping())

    def change():
        (inbox / "done" / "a").unlink()
        (inbox / "done" / ".b").write_bytes(b"mine")
        (inbox / "done" / ".b").rename(inbox / "done" / "b")

    run = Run(desk, inbox, [change])
    assert run.words == []
    assert (inbox / "done" / "b").read_bytes() == b"mine"


def test_a_file_that_cannot_be_taken_back_is_said(desk, inbox, monkeypatch):
    path = inbox / "live"
    path.write_bytes(WHOLE)
    long_ago(path)
    (inbox / "other").touch()

    def write_and_bar():
        with (inbox / "done" / "live").open("ab") as file:
            file.write(b"more\n")

        def refuses(path, target):
            raise PermissionError(1, "not permitted")

        monkeypatch.setattr(Path, "rename", refuses)

    run = Run(desk, inbox, [write_and_bar])
    assert run.words[0].endswith("cannot be taken in again (not permitted): move it back")


def test_links_and_what_is_no_file_stay_where_they_are(desk, inbox, tmp_path, monkeypatch):
    """Each is said once; no line of a file outside is ever read, and none is moved or changed."""
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(WHOLE)
    (inbox / "link.jsonl").symlink_to(outside)
    (inbox / "beside.jsonl").symlink_to("twin.jsonl")
    (inbox / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    (inbox / "folder.jsonl").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(inbox)
        listener.bind("socket.jsonl")
        (inbox / "twin.jsonl").write_bytes(LINES[0])
        os.link(inbox / "twin.jsonl", inbox / "twin-2.jsonl")
        run = Run(desk, inbox, [None] * 3)
    said = sorted(word.removeprefix(f"{inbox}/") for word in run.words)
    assert said == [
        "beside.jsonl is a link, and is not followed",
        "dangling.jsonl is a link, and is not followed",
        "folder.jsonl is a link, and is not followed",
        "link.jsonl is a link, and is not followed",
        "pipe.jsonl is not a regular file, and is left where it is",
        "socket.jsonl is not a regular file, and is left where it is",
    ]
    assert (run.receipt.appended, run.receipt.duplicates) == (1, 1)
    assert outside.read_bytes() == WHOLE
    assert {path.name for path in (inbox / "done").iterdir()} == {"twin.jsonl", "twin-2.jsonl"}


def test_what_a_file_that_is_written_holds_last_is_no_problem_until_it_is_whole(desk, inbox):
    """A place that was reserved for it, a line that is too long: then it has failed."""
    path = inbox / "live"
    path.write_bytes(LINES[0] + b"\n" + bytes(5_000))

    def fill():
        path.write_bytes(WHOLE)

    Run(desk, inbox, [None] * 3 + [lambda: os.utime(path), None, None, fill])
    all_is_recorded(desk, inbox, "live")
    (inbox / "zeros").write_bytes(bytes(5_000))
    run = Run(desk, inbox)
    assert "is not text" in run.receipt.problem
    assert (inbox / "failed" / "zeros").exists()


def test_whether_a_file_is_open_for_writing(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"")
    assert not is_open_for_writing(path)
    with path.open("rb"):
        assert not is_open_for_writing(path)
    with path.open("ab"):
        if not is_open_for_writing(path):
            pytest.skip("this system does not say")
    assert not is_open_for_writing(path)
    assert not is_open_for_writing(tmp_path / "nowhere")


def test_what_is_complete_of_a_growing_file_is_kept_for_the_next_run(desk, tmp_path):
    path = tmp_path / "f"
    path.write_bytes(LINES[0] + b"\n" + LINES[1])
    receipt = desk.ledger.ingest([str(path)], growing=True)
    assert (receipt.read, receipt.is_clean) == (1, True)
    [kept] = desk.log.intakes()
    assert kept.lines == 1
