"""Resuming: a file in which a run was stopped is gone on with, and counts as if it never was."""

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sending import FOUNDATION, Desk, contract, counts, event, opening, package

from ledger.commands.ingest.retry import Patience
from ledger.errors import LedgerBusy, LedgerUnreachable, UsageError

WRONG = event("nonsense", {}, id="wrong")
LINES = [*FOUNDATION, *(opening(f"C{number}") for number in range(8)), WRONG, b"no json"]
ORDINARY = b"\n".join(LINES) + b"\n"


class Killed(BaseException):
    """Stands for the end of the process: nothing of the program handles it."""


def stopped(ledger, path, batches, **options):
    """Ingest a file, and be killed right after so many batches are committed."""
    seen = []

    def batch(done):
        seen.append(done)
        if len(seen) == batches:
            raise Killed

    with pytest.raises(Killed):
        ledger.ingest([str(path)], on_batch=batch, **options)


def resumed(ledger, *paths, **options):
    """Ingest files, and return the receipt and where they were gone on with."""
    told = []
    receipt = ledger.ingest(
        [str(path) for path in paths], on_resume=lambda *where: told.append(where), **options
    )
    counts(receipt)
    return receipt, told


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(ORDINARY)
    return path


def test_a_run_goes_on_where_one_was_stopped(desk, file):
    """What was recorded is not read again; the receipt counts the rest, and what was before."""
    stopped(desk.ledger, file, 2, batch_size=4)
    [kept] = desk.log.intakes()
    assert (kept.file, kept.lines) == (str(file), 8)
    assert (kept.appended, kept.duplicates, kept.refused) == (8, 0, 0)
    receipt, told = resumed(desk.ledger, file, batch_size=4)
    assert told == [(str(file), 9, 8)]
    assert (receipt.read, receipt.taken_over, receipt.appended, receipt.refused) == (6, 8, 4, 2)
    assert receipt.refused_before == 0
    assert desk.log.intakes() == []
    assert resumed(desk.ledger, file)[1] == []


def test_lines_refused_before_the_stop_are_not_forgotten(desk, tmp_path):
    """A run is not clean where the part before the stop was not."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([WRONG, *FOUNDATION, *LINES[4:8]]))
    stopped(desk.ledger, path, 1, batch_size=3)
    receipt, _ = resumed(desk.ledger, path, batch_size=3)
    assert (receipt.refused, receipt.refused_before, receipt.is_clean) == (0, 1, False)


def stopped_with_refused_lines(desk, tmp_path, *behind):
    """Return a file in which a run was stopped behind three lines that were refused."""
    path = tmp_path / "a.jsonl"
    early = package("Late", "K2")
    path.write_bytes(b"\n".join([WRONG, early, early, *FOUNDATION, *behind]))
    stopped(desk.ledger, path, 1, batch_size=3)
    assert [kept.refused for kept in desk.log.intakes()] == [3]
    return path


def test_what_this_run_lets_in_is_not_refused_any_more(desk, tmp_path):
    """Lines before the stop that waited for what comes behind it: each of them is let in."""
    path = stopped_with_refused_lines(desk, tmp_path, contract("K2"))
    receipt, _ = resumed(desk.ledger, path)
    assert (receipt.appended, receipt.released, receipt.refused) == (6, 1, 0)
    assert (receipt.refused_before, receipt.is_clean) == (1, False)


def test_what_was_let_in_or_dropped_meanwhile_is_not_refused_any_more(desk, tmp_path):
    """A scheduler is told of what somebody still has to see to, and of nothing else."""
    path = stopped_with_refused_lines(desk, tmp_path)
    desk.send(contract("K2"))
    [number] = [held.number for held in desk.held() if held.raw == WRONG]
    desk.ledger.quarantine_drop([number])
    receipt, _ = resumed(desk.ledger, path)
    assert (receipt.refused_before, receipt.taken_over, receipt.is_clean) == (0, 3, True)


def test_what_waits_counts_whoever_sent_it_first(desk, tmp_path):
    """The lines of a file are known by their bytes, each as often as it stands there."""
    desk.send(package("Late", "K2"))
    path = stopped_with_refused_lines(desk, tmp_path)
    desk.ledger.quarantine_drop([held.number for held in desk.held() if held.raw == WRONG])
    receipt, _ = resumed(desk.ledger, path)
    assert (receipt.refused_before, receipt.is_clean) == (2, False)


def test_what_others_let_wait_is_not_of_this_file(desk, tmp_path):
    """A line of somebody else in the quarantine is no reason to be told of this file."""
    path = stopped_with_refused_lines(desk, tmp_path)
    desk.ledger.quarantine_drop([held.number for held in desk.held()])
    desk.send(b"somebody else's")
    receipt, _ = resumed(desk.ledger, path)
    assert (receipt.refused_before, receipt.is_clean) == (0, True)


def test_a_file_is_known_by_its_content(file, tmp_path):
    """Moved, compressed, with other ends of lines, or as a batch: it is the same one."""
    batch = b"[" + b",\n".join(LINES[:-1]) + b"]"
    others = {
        "moved.jsonl": ORDINARY,
        "crlf.jsonl": b"\xef\xbb\xbf\r\n\n" + ORDINARY.replace(b"\n", b"\r\n"),
        "a.jsonl.gz": gzip.compress(ORDINARY),
        "batch.json": batch,
    }
    for name, content in others.items():
        other = Desk()
        stopped(other.ledger, file, 1, batch_size=4)
        path = tmp_path / name
        path.write_bytes(content)
        receipt, told = resumed(other.ledger, path)
        assert [where[2] for where in told] == [4], name
        assert receipt.taken_over == 4
        assert other.log.intakes() == [], name


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"C1"', b'"c1"'),
        lambda text: text.replace(b"\n", b" \n", 1),
        lambda text: text[10:],
        lambda text: b"\n".join(text.split(b"\n")[1:]),
        lambda text: text[:200],
        lambda _: b"",
    ],
)
def test_another_file_of_the_same_name_is_read_from_its_beginning(desk, file, change):
    stopped(desk.ledger, file, 3, batch_size=3)
    file.write_bytes(change(ORDINARY))
    receipt, told = resumed(desk.ledger, file)
    assert told == []
    assert receipt.taken_over == 0


def test_of_several_that_fit_the_furthest_counts(desk, tmp_path):
    """Files that begin alike are told apart; the one that fits furthest is gone on with."""
    for name, batches in (("a", 1), ("b", 2), ("c", 4)):
        lines, path = [*LINES], tmp_path / name
        if name == "c":
            lines[5] = opening("other")
        path.write_bytes(b"\n".join(lines))
        stopped(desk.ledger, path, batches, batch_size=3)
        if name == "a":
            (first,) = desk.log.intakes()
    with desk.log.writing() as writer:
        writer.keep_intake(first)  # b has taken it over, and gone on
    assert [kept.lines for kept in desk.log.intakes()] == [3, 9, 12]
    target = tmp_path / "d"
    target.write_bytes(b"\n".join(LINES))
    receipt, told = resumed(desk.ledger, target)
    assert told == [(str(target), 10, 9)]
    assert receipt.read + receipt.taken_over == len(LINES)
    assert [kept.lines for kept in desk.log.intakes()] == [3, 12]


def test_a_file_that_was_cut_short_is_gone_on_with_when_it_is_whole(desk, tmp_path):
    """What came of a truncated gzip is kept; the whole file continues behind it."""
    path = tmp_path / "a.jsonl.gz"
    many = b"\n".join(
        [*FOUNDATION, *(opening(f"C{number}", title="x" * 99) for number in range(999))]
    )
    whole = gzip.compress(many, compresslevel=0)
    path.write_bytes(whole[: len(whole) // 2])
    cut = desk.ledger.ingest([str(path)])
    assert cut.problem is not None
    assert 400 < cut.read < 600
    path.write_bytes(whole)
    receipt, told = resumed(desk.ledger, path)
    assert [where[2] for where in told] == [cut.read] == [receipt.taken_over]
    assert receipt.is_clean
    assert desk.log.head().position == 1_003


def test_several_files_are_under_way_one_after_the_other(desk, file, tmp_path):
    """A batch that spans files ends the first, and a stop in the second is the second's."""
    other = tmp_path / "b.jsonl"
    other.write_bytes(b"\n".join(opening(f"D{number}") for number in range(9)))
    seen = []

    def batch(done):
        seen.append(done)
        if len(seen) == 2:
            raise Killed

    with pytest.raises(Killed):
        desk.ledger.ingest([str(file), str(other)], batch_size=10, on_batch=batch)
    assert [(kept.file, kept.lines) for kept in desk.log.intakes()] == [(str(other), 6)]
    receipt, told = resumed(desk.ledger, file, other)
    assert told == [(str(other), 7, 6)]
    assert counts(receipt) == (17, 3, 0, 12, 2)


def test_a_dry_run_resumes_a_file_and_keeps_nothing_of_it(desk, tmp_path):
    """Its receipt is that of the run, with what is let in of the lines before the stop."""
    path = stopped_with_refused_lines(desk, tmp_path, contract("K2"))
    before = desk.log.intakes(), desk.held()
    dry, told = resumed(desk.ledger, path, batch_size=2, dry_run=True)
    assert (desk.log.intakes(), desk.held()) == before
    receipt, again = resumed(desk.ledger, path, batch_size=2)
    assert (told, dry.answer() | {"seconds": 0}) == (again, receipt.answer() | {"seconds": 0})
    assert (dry.taken_over, dry.refused_before, dry.released) == (3, 1, 1)
    assert desk.log.intakes() == []


def test_nothing_is_kept_of_what_cannot_be_read_again(desk, file):
    """A file that is named twice is read twice."""
    stopped(desk.ledger, file, 1, batch_size=3)
    before = desk.log.intakes()
    receipt, told = resumed(desk.ledger, file, file, batch_size=3)
    assert (told, receipt.read) == ([], 2 * len(LINES))
    assert desk.log.intakes() == before


def test_a_run_that_stops_after_errors_goes_on_behind_them(desk, tmp_path):
    """The batch that has the errors is whole; the same command goes on behind it."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([b"1", b"2", b"3", b"4", b"5", *FOUNDATION]))
    first, _ = resumed(desk.ledger, path, batch_size=2, max_errors=2)
    assert (first.read, first.refused, first.stopped) == (2, 2, True)
    assert "behind line 2 of" in first.problem
    second, told = resumed(desk.ledger, path, batch_size=2, max_errors=2)
    assert (second.read, second.stopped, told[0][1]) == (2, True, 3)
    third, _ = resumed(desk.ledger, path, batch_size=2, max_errors=2)
    assert (third.read, third.appended, third.stopped, third.refused_before) == (5, 4, False, 4)


def test_a_file_whose_end_has_the_last_error_is_done(desk, tmp_path):
    """Nothing is left to go on with: the run is over, and the file not under way."""
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(b"1\n2\n")
    other.write_bytes(b"3\n4\n")
    receipt, _ = resumed(desk.ledger, path, max_errors=2, batch_size=2)
    assert (receipt.stopped, receipt.problem) == (False, None)
    receipt, _ = resumed(desk.ledger, path, other, max_errors=2, batch_size=2)
    assert (receipt.read, receipt.stopped) == (2, True)
    assert "go on with the files behind it" in receipt.problem
    assert desk.log.intakes() == []


def test_input_that_fails_leaves_the_file_under_way(desk, file, monkeypatch):
    """The lines before the one that cannot be taken are recorded, and not read again."""
    monkeypatch.setattr("ledger.commands.sources.lines.LINE_LIMIT", 10_000)
    monkeypatch.setattr("ledger.commands.sources.contents._CHUNK", 100)
    file.write_bytes(ORDINARY + b"x" * 20_000)
    with pytest.raises(UsageError):
        desk.ledger.ingest([str(file)])
    file.write_bytes(ORDINARY + b"x")
    receipt, told = resumed(desk.ledger, file)
    assert (receipt.read, told[0][2]) == (1, len(LINES))


@given(
    st.lists(st.sampled_from([*LINES, b"", b"  ", b"x", b"[1"]), min_size=1, max_size=30),
    st.integers(1, 5),
    st.lists(st.integers(1, 4), max_size=3),
    st.booleans(),
)
@settings(max_examples=60)
def test_stopped_however_often_the_ledger_is_the_same(tmp_path_factory, lines, size, stops, zipped):
    """Any file, batches of any size, any stops: the rows and the counts are those of one run."""
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    text = b"\n".join(lines)
    path.write_bytes(gzip.compress(text) if zipped else text)
    once, often = Desk(), Desk()
    whole = once.ledger.ingest([str(path)])
    for stop in stops:
        seen = []

        def batch(done, seen=seen, stop=stop):
            seen.append(done)
            if len(seen) == stop:
                raise Killed

        with suppress(Killed):
            often.ledger.ingest([str(path)], batch_size=size, on_batch=batch)
    receipt, _ = resumed(often.ledger, path, batch_size=size)
    assert often.rows() == once.rows()
    assert often.log.intakes() == []
    assert {row[1:5] for row in often.held()} == {row[1:5] for row in once.held()}
    if not stops:
        assert counts(receipt) == counts(whole)
    assert receipt.read + receipt.taken_over == whole.read


class Troubled:
    """A log whose transactions fail, some before their commit, some right behind it."""

    def __init__(self, log, troubles):
        self._log = log
        self._troubles = list(troubles)

    def __getattr__(self, name):
        return getattr(self._log, name)

    def writing(self):
        trouble = self._troubles.pop(0) if self._troubles else None
        inner = self._log.writing()

        class Writing:
            def __enter__(self):
                if trouble == "busy":
                    raise LedgerBusy("another process has been writing")
                return inner.__enter__()

            def __exit__(self, *error):
                if trouble == "lost":
                    inner.__exit__(LedgerUnreachable, LedgerUnreachable("lost"), None)
                    raise LedgerUnreachable("the connection was lost")
                result = inner.__exit__(*error)
                if trouble == "in doubt":
                    raise LedgerUnreachable("it is not known whether it was committed")
                return result

        return Writing()


TROUBLES = st.lists(st.sampled_from(["busy", "lost", "in doubt", None]), max_size=12)


@given(TROUBLES, st.integers(1, 6))
@settings(max_examples=40)
def test_a_batch_is_judged_again_as_a_whole(tmp_path_factory, troubles, size):
    """Whatever was lost, also behind a commit: nothing is doubled, and every line has its count."""
    path = tmp_path_factory.mktemp("any") / "a.jsonl"
    path.write_bytes(ORDINARY)
    desk, calm = Desk(), Desk()
    calm.ledger.ingest([str(path)])
    desk.ledger._log = Troubled(desk.log, troubles)
    waiting = Patience(60, sleep=lambda _: None)
    receipt = desk.ledger.ingest([str(path)], batch_size=size, patience=waiting)
    assert desk.rows() == calm.rows()
    assert (receipt.read, receipt.refused) == (len(LINES), 2)
    counts(receipt)
    assert desk.log.intakes() == []
    assert json.loads(json.dumps(receipt.answer()))["read"] == len(LINES)
