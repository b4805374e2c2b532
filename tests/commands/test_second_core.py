"""The second core changes the time of an ingest, and nothing else."""

import os
import signal
from itertools import islice
from pathlib import Path

import pytest

from ledger import worker as second_process
from ledger.commands.ingest.batches import InputProgress, Read, Reading
from ledger.commands.ingest.parse import Facts, columns_of
from ledger.commands.ingest.read_ahead import SecondCore
from ledger.commands.ingest.transfer import ready
from ledger.commands.sources.compressed import CutShort
from ledger.commands.sources.lines import Line
from ledger.domain.refusals import Refusal
from ledger.errors import BooksDamaged, Damaged, ProcessEnded, UsageError
from ledger.messages import Words, words_of
from ledger.storage.codec import Codec

FACT = (
    '{"specversion":"1.0","id":"%d","source":"urn:test","type":"case.opened",'
    '"time":"2025-01-01T00:00:00+01:00","data":{"case":"%d","workspace":"w","title":"t",'
    '"support_type":"reactive","package":"p"}}'
)
TERM = (
    '{"specversion":"1.0","id":"t%d","source":"urn:test","type":"contract.amended",'
    '"time":"2025-01-01T00:00:00Z","data":{"contract":"k","reason":"r"}}'
)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """A machine of two cores, and a process that may be copied whatever threads tests have."""
    monkeypatch.setattr(second_process, "_may_fork", lambda: True)


def reads(count):
    for number in range(count):
        raws = [FACT % (number, number), TERM % number, "{no json", FACT % (number, number + 1)]
        lines = [Line("f", at, raw.encode()) for at, raw in enumerate(raws)]
        lines.append(Line("f", 9, b"[", Refusal("bad-json", "the batch is no JSON")))
        yield Read(lines, InputProgress(bytes_read=number))
    yield Read([], InputProgress(problem="it was cut short"))


def as_here(found):
    """What was prepared, as this process would have it."""
    return [(list(lines), place) for lines, place in found]


def here(count):
    return as_here(ready(Codec(), read) for read in reads(count))


def test_what_another_process_prepares_is_what_is_prepared_here():
    """Facts, terms and refused lines come as they would have been prepared here, in order."""
    with SecondCore(Codec()) as core:
        found = as_here(core.prepared(reads(20)))
        assert core.process is not None
    assert found == here(20)


def test_a_killed_process_is_told_and_what_came_before_is_whole():
    """The ingest ends with what to do: what was judged is kept, and the command can be repeated."""
    with SecondCore(Codec()) as core:
        prepared = core.prepared(reads(100_000))
        found = [next(prepared) for _ in range(10)]
        os.kill(core.process.pid, signal.SIGKILL)
        with pytest.raises(ProcessEnded, match="the same command again"):
            found.extend(prepared)
    assert as_here(found) == here(len(found))[: len(found)]


@pytest.mark.parametrize("count", [0, 1])
def test_a_short_input_has_no_other_process(count):
    """One batch is prepared before another process would have begun."""
    with SecondCore(Codec()) as core:
        assert as_here(core.prepared(reads(count))) == here(count)
        assert core.process is None


def test_the_other_process_begins_before_anything_is_judged(monkeypatch):
    """Who judges may begin threads, as a pool of connections does: it would be too late then."""
    with SecondCore(Codec()) as core:
        next(core.prepared(reads(10)))
        assert core.process is not None


def test_what_is_wanted_at_once_does_not_wait_for_another_process():
    """Lines that come slowly are judged as they come; the other process begins when more come."""
    with SecondCore(Codec()) as core:
        prepared = core.prepared(reads(10), waits=True)
        found = [next(prepared)]
        assert core.process is None
        found.extend(prepared)
        assert core.process is not None
        assert as_here(found) == here(10)


def test_what_came_before_an_error_at_the_beginning_is_prepared():
    """The first batches are read ahead, and are not lost with what comes behind them."""

    def failing():
        yield from islice(reads(1), 1)
        raise UsageError("it cannot be read")

    with SecondCore(Codec()) as core:
        prepared = core.prepared(failing())
        assert as_here([next(prepared)]) == here(1)[:1]
        with pytest.raises(UsageError):
            next(prepared)


def test_without_a_second_core_no_process_is_started(monkeypatch):
    """One core prepares by itself."""
    monkeypatch.setattr(second_process, "_may_fork", lambda: False)
    with SecondCore(Codec()) as core:
        assert as_here(core.prepared(reads(10))) == here(10)
        assert core.process is None


def test_where_no_process_can_be_made_all_is_done_here(monkeypatch):
    """A limit of processes is no reason to stop, and leaves no pipe open."""

    def none_left():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", none_left)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with SecondCore(Codec()) as core:
        assert as_here(core.prepared(reads(10))) == here(10)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_lines_before_an_input_that_fails_are_prepared():
    """An input that ends in an error has had all its earlier lines judged by then."""

    def failing():
        yield from reads(9)
        raise UsageError("it cannot be read")

    with SecondCore(Codec()) as core:
        prepared = core.prepared(failing())
        assert as_here([next(prepared) for _ in range(10)]) == here(9)
        with pytest.raises(UsageError) as raised:
            next(prepared)
        assert str(raised.value) == "it cannot be read"


@pytest.mark.parametrize(
    "error",
    [
        UsageError("{path} cannot be read ({reason}): check the path", path="f", reason=EOFError()),
        Damaged(
            "{place}: {wrong}", place="f", wrong=Words("there is no such day as {value}", value=1)
        ),
        BooksDamaged(),
    ],
)
def test_an_error_of_the_other_process_keeps_its_text_and_its_values(error):
    """What stops an ingest can be said in another language, wherever the input is read."""

    def failing():
        yield from reads(9)
        raise error

    with SecondCore(Codec()) as core, pytest.raises(type(error)) as raised:
        list(core.prepared(failing()))
    said, sent = words_of(raised.value), words_of(error)
    assert raised.value is not error
    assert str(raised.value) == str(error)
    assert (said.text, repr(said.values)) == (sent.text, repr(sent.values))
    assert [getattr(value, "text", None) for value in said.values.values()] == [
        getattr(value, "text", None) for value in sent.values.values()
    ]


def test_why_an_input_ended_early_keeps_its_text_and_its_values():
    """An input that was cut short is told of in any language, too."""
    problem = Words("{path}: {wrong}", path="f", wrong=CutShort("it ends too early"))

    def cut_short():
        yield from reads(9)
        yield Read([], InputProgress(problem=problem))

    with SecondCore(Codec()) as core:
        *_, last = core.prepared(cut_short())
    said = last.place.problem
    assert said is not problem
    assert (said, said.text, repr(said.values)) == (problem, problem.text, repr(problem.values))


def test_a_bug_in_the_other_process_is_raised_here():
    """What goes wrong over there is not taken for the end of the input."""

    def broken():
        yield from reads(9)
        raise AssertionError("so it goes")

    with SecondCore(Codec()) as core, pytest.raises(RuntimeError, match="so it goes"):
        list(core.prepared(broken()))


def test_it_leaves_nothing_behind():
    """The other process is gone when the ingest is, also one that waits for its input."""
    with SecondCore(Codec()) as core:
        prepared = core.prepared(reads(10**6))
        for _ in range(5):
            next(prepared)
        pid = core.process.pid
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()


def test_facts_that_come_back_are_known_field_by_field():
    """A batch of nothing but facts has columns of its own, the same as those of its lines."""
    lines = [Line("f", number, (FACT % (number, number)).encode()) for number in range(90)]
    with SecondCore(Codec()) as core:
        found = [each for each, _ in core.prepared(Reading(lines, 10, None)) if each]
    facts = [batch for batch in found if isinstance(batch, Facts)]
    assert len(facts) == 7
    for batch in facts:
        whole = columns_of(list(batch))
        assert columns_of(batch)._replace(line=()) == whole._replace(line=())
        assert tuple(batch.columns.line) == whole.line
        assert batch[0:1] == [batch[0]]
    assert [line for batch in found for line in columns_of(batch).line] == lines
