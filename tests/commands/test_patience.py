"""Patience: a busy or lost ledger is tried again, for a bounded time, and nothing else is."""

import pytest

from ledger.commands.ingest.retry import FIRST_PAUSE, LONGEST_PAUSE, Patience
from ledger.errors import LedgerBusy, LedgerFull, LedgerUnreachable


class Time:
    """A time that passes by sleeping, and while one works."""

    def __init__(self):
        self.now = 0.0
        self.pauses = []

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def failing(time, errors, takes=0.0):
    """Return work that raises these errors, one a time, then is done."""
    left = list(errors)

    def work():
        time.now += takes
        if left:
            raise left.pop(0)
        return "done"

    return work


def patience(time, seconds, chance=1.0, told=None):
    tell = None if told is None else lambda *given: told.append(given)
    return Patience(seconds, tell, sleep=time.sleep, clock=lambda: time.now, chance=lambda: chance)


def test_what_works_at_once_is_done_once():
    time = Time()
    assert patience(time, 10).call(failing(time, [])) == "done"
    assert time.pauses == []


def test_pauses_grow_and_are_bounded():
    """Each pause is twice the one before, up to the longest; whoever listens is told of each."""
    time, told = Time(), []
    found = patience(time, 1_000, told=told)
    errors = [LedgerBusy("busy"), LedgerUnreachable("lost")] * 5
    assert found.call(failing(time, errors)) == "done"
    assert time.pauses == [min(FIRST_PAUSE * 2**number, LONGEST_PAUSE) for number in range(10)]
    assert [failures for _, _, failures in told] == list(range(1, 11))
    assert found.retries == 10


def test_chance_shortens_pauses():
    """Two that fail at once do not come again at once."""
    time = Time()
    patience(time, 10, chance=0.0).call(failing(time, [LedgerBusy("busy")]))
    assert time.pauses == [FIRST_PAUSE / 2]


@pytest.mark.parametrize("seconds", [0, 3.0, 40.0])
def test_in_the_end_the_error_is_raised(seconds):
    """From the first failure on no more than the given time is waited, however long work takes."""
    time = Time()
    with pytest.raises(LedgerBusy):
        patience(time, seconds).call(failing(time, [LedgerBusy("busy")] * 1_000, takes=2.0))
    assert seconds <= time.now <= seconds + 4.0


def test_each_piece_of_work_has_all_the_time_anew():
    time = Time()
    found = patience(time, 1.0)
    for _ in range(5):
        assert found.call(failing(time, [LedgerBusy("busy")] * 2)) == "done"
    assert time.now > 1.0


def test_what_time_does_not_mend_is_raised_at_once():
    time = Time()
    with pytest.raises(LedgerFull):
        patience(time, 10).call(failing(time, [LedgerFull("full")]))
    assert time.pauses == []
