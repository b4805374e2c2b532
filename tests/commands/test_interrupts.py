"""Interrupts and failures: a batch is in as a whole or not at all, and the receipt says which."""

import os
import signal

import pytest
from sending import FOUNDATION, Desk, as_lines, mapping, package, workspace

from ledger.commands.deferral import Deferral
from ledger.commands.sources import Line
from ledger.errors import UsageError


class Stopped(BaseException):
    """What a handler of a signal raises."""


@pytest.fixture
def handled():
    """SIGTERM raises; afterwards it is handled as before."""

    def stop(number, _):
        raise Stopped(number)

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


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
def test_an_interrupt_waits_for_the_running_batch(handled, tmp_path, when, kept):
    """What was begun is committed and counted; then the run stops."""
    desk = Desk(f"sqlite:///{tmp_path}/l.db")
    interrupting(desk, when)
    receipts = []
    with pytest.raises(Stopped):
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
    monkeypatch.setattr("ledger.commands.reading.BATCH_BYTES", 100)
    told = []
    raws = [b"x" * 60] * 3
    Desk().send(
        lines=[Line("f", number, raw) for number, raw in enumerate(raws, 1)],
        on_progress=lambda done, _: told.append(done),
    )
    assert told == [2, 3]


def test_only_handlers_of_the_program_are_deferred(handled):
    """Where the system decides, it still does; the handlers are put back in any case."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    deferral = Deferral()
    deferral.begin()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Stopped):
        deferral.end()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    deferral.begin()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


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
