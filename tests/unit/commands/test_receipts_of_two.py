"""The receipt of two runs: every count is the sum, and what is said last is that of the later."""

import pytest

from ledger.commands.ingest.receipt import NOTHING, Receipt, Refused, combined


def group(code, lines, first=1):
    return Refused(code, lines, "f", first, "r")


def receipt(*counts, **more):
    return Receipt(*counts, **more)


FIRST = (group("conflict", 2), group("bad-json", 1))
LATER = (group("bad-json", 4, 2), group("not-allowed", 3))
ONE = receipt(1, 2, 3, 4, 5, 10, 20, 0.5, FIRST, problem="first", taken_over=7, refused_before=8)
TWO = receipt(
    10, 20, 30, 40, 50, 21, 30, 1.0, LATER, taken_over=70, refused_before=80, stopped=True
)


def test_counts_add_up_and_positions_span():
    both = combined(ONE, TWO)
    assert (both.read, both.appended, both.released) == (11, 22, 33)
    assert (both.duplicates, both.refused) == (44, 55)
    assert (both.first_position, both.last_position, both.seconds) == (10, 30, 1.5)
    assert (both.taken_over, both.refused_before) == (77, 88)
    other = combined(TWO, ONE)
    assert (other.first_position, other.last_position) == (10, 30)
    assert combined(NOTHING, ONE).first_position == 10
    assert combined(ONE, NOTHING).last_position == 20
    assert combined(NOTHING, NOTHING).first_position is None


def test_refusals_add_up_by_their_code_and_the_first_of_each_stays():
    both = combined(ONE, TWO)
    found = [(one.code, one.lines, one.line) for one in both.refusals]
    assert found == [("bad-json", 5, 1), ("conflict", 2, 1), ("not-allowed", 3, 1)]


def test_the_later_says_whether_it_was_stopped_and_a_problem_stays():
    assert combined(ONE, TWO).problem == combined(TWO, ONE).problem == "first"
    assert (combined(ONE, TWO).stopped, combined(TWO, ONE).stopped) == (True, False)
    later = receipt(0, 0, 0, 0, 0, None, None, 0.0, problem="second")
    assert combined(ONE, later).problem == "second"


@pytest.mark.parametrize(
    "found,clean",
    [
        (NOTHING, True),
        (receipt(1, 1, 0, 0, 0, 1, 1, 0.0), True),
        (receipt(1, 0, 0, 0, 1, None, None, 0.0), False),
        (receipt(1, 1, 0, 0, 0, 1, 1, 0.0, refused_before=1), False),
        (receipt(1, 1, 0, 0, 0, 1, 1, 0.0, problem="p"), False),
    ],
)
def test_a_clean_run_has_read_all_and_nothing_of_it_waits(found, clean):
    assert found.is_clean == clean
