"""Interrupts and failures: a batch is in as a whole or not at all, and the receipt says which."""

import os
import signal

import pytest
from sending import FOUNDATION, Desk, as_lines, mapping, package, workspace

from cli.errors import Terminated
from ledger.commands.sources.lines import Line
from ledger.errors import UsageError

BOTH = (signal.SIGINT, signal.SIGTERM)


def interrupting(desk, when):
    """Make `log.writing` send SIGTERM to this process within the transaction of that number."""
    seen = []
    writing = desk.log.writing

    class Interrupted:
        def __init__(self):
            self._inner = writing()

        def __enter__(self):
            writer = self._inner.__enter__()
            hold = writer.held

            def held(raws):
                seen.append(raws)
                if len(seen) == when:
                    os.kill(os.getpid(), signal.SIGTERM)
                return hold(raws)

            writer.held = held
            return writer

        def __exit__(self, *error):
            return self._inner.__exit__(*error)

    desk.log.writing = Interrupted


@pytest.mark.parametrize("when,kept", [(1, 2), (2, 4)])
def test_an_interrupt_waits_for_the_running_batch(signals, tmp_path, when, kept):
    """What was begun is committed and counted; then the run stops."""
    desk = Desk(f"sqlite:///{tmp_path}/l.db")
    interrupting(desk, when)
    receipts = []
    with pytest.raises(Terminated):
        desk.send(*FOUNDATION, *FOUNDATION, batch_size=2, on_stop=receipts.append)
    assert desk.log.head().position == kept
    assert (receipts[0].read, receipts[0].appended) == (kept, kept)
    assert desk.ids() == ["ws-W", "ct-K", "map-K-W", "pk-P"][:kept]


def test_an_interrupt_while_lines_are_awaited_stops_at_once():
    """Between two batches nothing is deferred; the batch that was not begun is not counted."""

    def lines():
        yield from as_lines(FOUNDATION[:3])
        raise KeyboardInterrupt

    desk, receipts = Desk(), []
    with pytest.raises(KeyboardInterrupt):
        desk.send(lines=lines(), batch_size=2, on_stop=receipts.append)
    assert receipts[0].read == receipts[0].appended == desk.log.head().position == 2


def test_input_that_fails_loses_nothing_that_came_before():
    """The lines before the one that cannot be read are judged, then the error goes on its way."""

    def lines():
        yield from as_lines(FOUNDATION[:3])
        raise UsageError("line 4 is longer than all lines")

    desk, receipts = Desk(), []
    with pytest.raises(UsageError):
        desk.send(lines=lines(), on_stop=receipts.append)
    assert receipts[0].read == receipts[0].appended == desk.log.head().position == 3


def test_a_failure_within_a_batch_undoes_the_batch_and_what_was_kept_of_it():
    """A decision that raises leaves no trace, and what is known afterwards is what is recorded."""
    desk, receipts = Desk(), []

    def decide(event, at, known):
        if event.type_name == "package.purchased":
            raise RuntimeError("a bug")
        known.terms("contract:K")

    with pytest.raises(RuntimeError, match="a bug"):
        desk.send(*FOUNDATION, b"x", decide=decide, on_stop=receipts.append)
    assert desk.log.head().position == 0
    assert desk.held() == []
    assert receipts[0].read == 0
    assert desk.send(*FOUNDATION).appended == 4


def test_a_dry_run_that_is_interrupted_writes_nothing():
    """Everything of it is undone, as at its end."""

    def lines():
        yield from as_lines(FOUNDATION)
        raise KeyboardInterrupt

    desk = Desk()
    with pytest.raises(KeyboardInterrupt):
        desk.send(lines=lines(), batch_size=1, dry_run=True)
    assert desk.log.head().position == 0
    assert desk.send(workspace()).appended == 1


def test_a_batch_ends_before_it_takes_too_much_memory(monkeypatch):
    """Long lines make small batches."""
    monkeypatch.setattr("ledger.commands.ingest.batches.BATCH_BYTES", 100)
    told = []
    raws = [b"x" * 60] * 3
    Desk().send(
        lines=[Line("f", number, raw) for number, raw in enumerate(raws, 1)],
        on_progress=lambda done, _: told.append(done),
    )
    assert told == [2, 3]


@pytest.mark.parametrize("first,raised", [(2, KeyboardInterrupt), (15, Terminated)])
def test_of_signals_that_are_held_the_first_stops_what_is_done(signals, first, raised):
    """However many come in however many blocks: one is raised, at the end of the outermost."""
    done = []

    def held():
        with signals.held():
            with signals.held():
                for number in (first, *BOTH, *BOTH):
                    os.kill(os.getpid(), number)
            done.append("inner")
            os.kill(os.getpid(), first)
            done.append("outer")

    with pytest.raises(raised):
        held()
    assert done == ["inner", "outer"]
    os.kill(os.getpid(), first)  # the end is told: no further one disturbs it


def test_a_block_without_signals_changes_nothing(signals):
    """The next signal stops what is done at once."""
    with signals.held():
        pass
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_four_desks_at_once_lose_nothing(tmp_path):
    """Runs that write in turn see each other's terms: caches are dropped where others wrote."""
    url = f"sqlite:///{tmp_path}/l.db"
    desks = [Desk(url) for _ in range(4)]
    for number, raw in enumerate([*FOUNDATION, *FOUNDATION]):
        desks[number % 4].send(raw)
    assert desks[0].ids() == ["ws-W", "ct-K", "map-K-W", "pk-P"]

    def lines():
        yield from as_lines([package("Q", "K2")])
        desks[1].send(mapping("K2"), workspace("V"))
        yield from as_lines([package("Q", "K2", id="other"), mapping("K", "V")])

    receipt = desks[0].send(lines=lines(), batch_size=1)
    assert (receipt.read, receipt.appended, receipt.refused) == (3, 1, 2)
