"""The forecast: as many days as have passed, what a day consumes, and when nothing is left."""

from fractions import Fraction

import pytest
from histories import day

from ledger.domain.balance.burndown import Flow
from ledger.domain.balance.forecast import forecast
from ledger.domain.balance.lots import Lot, Supply
from ledger.domain.values.calendar import day_end, day_start, next_day_start

FIRST, LAST, ZONE = day("2025-01-01"), day("2025-01-31"), "Asia/Tokyo"


def lot(quantity, first=FIRST, last=LAST, position=1):
    return Lot(0, next_day_start(last, ZONE), day_start(first, ZONE), position, quantity, None)


def foreseen(lots, used, today, first=FIRST, last=LAST):
    flows = [Flow(day_start(first, ZONE), n, n, amount) for n, amount in enumerate(used, 50)]
    return forecast(Supply(tuple(lots), (), ()), flows, first, day(today), last, ZONE)


def points(found):
    return {point.day: left for point, left in found.points}


def test_it_goes_on_as_it_was():
    """Ten in ten days of thirty-one: one a day; of thirty, nothing is left on the thirtieth."""
    found = foreseen([lot(30)], [10], "2025-01-10")
    assert (found.days_elapsed, found.rate) == (10, Fraction(1))
    assert (found.runs_out_on, found.remaining_at_end) == (day("2025-01-30"), -1)
    assert points(found) == {10: 20, 30: 0, 31: -1}


def test_where_something_is_left_it_does_not_run_out():
    found = foreseen([lot(32)], [10], "2025-01-10")
    assert (found.runs_out_on, found.remaining_at_end) == (None, 1)
    long = foreseen([lot(900, last=day("2025-04-15"))], [10], "2025-01-10", last=day("2025-04-15"))
    shown = [(point.month, point.day) for point, _ in long.points]
    assert shown == [(1, 10), (2, 1), (3, 1), (4, 1), (4, 14), (4, 15)]
    assert points(found) == {10: 22, 30: 2, 31: 1}  # it would go unused


@pytest.mark.parametrize("today,there", [
    ("2024-12-31", False), ("2025-01-01", True), ("2025-01-30", True), ("2025-01-31", False),
    ("2025-02-01", False),
])  # fmt: skip
def test_a_day_has_to_have_passed_and_a_day_to_be_to_come(today, there):
    found = foreseen([lot(30)], [1], today)
    assert (found is not None) == there
    if found:
        assert found.days_elapsed == day(today).day


def test_parts_of_a_day_add_up_exactly():
    """A rate that is no whole amount is rounded down, up to any day, and never adds up wrongly."""
    found = foreseen([lot(30)], [1], "2025-01-03")
    assert found.rate == Fraction(1, 3)
    assert found.remaining_at_end == 30 - 1 - 28 // 3


def test_refunds_lower_the_rate_and_never_below_zero():
    assert foreseen([lot(30)], [5, -3], "2025-01-10").rate == Fraction(2, 10)
    found = foreseen([lot(30)], [1, -3], "2025-01-10")
    assert (found.rate, found.runs_out_on) == (0, None)


def test_the_line_turns_where_lots_start_and_expire_and_at_months():
    lots = [lot(5, last=day("2025-01-20")), lot(9, first=day("2025-01-25"), position=2)]
    found = foreseen(lots, [1], "2025-01-10", last=day("2025-02-02"))
    shown = [(point.month, point.day) for point, _ in found.points]
    assert shown == sorted(shown)
    turning = [(1, 10), (1, 20), (1, 24), (1, 25), (2, 1), (2, 2)]
    assert [point for point in shown if point not in {(1, 21), (1, 31)}] == turning


def test_what_is_consumed_at_the_end_of_a_day_burns_the_lot_of_that_day():
    """The last nanosecond of a day: a lot that ends with it is still there."""
    lots = [lot(2, last=day("2025-01-11")), lot(9, position=2, first=day("2025-01-12"))]
    found = foreseen(lots, [10], "2025-01-10", first=FIRST)
    assert found.remaining_at_end == foreseen([lot(11)], [10], "2025-01-10").remaining_at_end
    assert day_end(day("2025-01-11"), ZONE) < lots[0].end
