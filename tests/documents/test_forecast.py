"""The forecast: the present rate, exact, against lots that start and expire."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.balance.burndown import Flow
from ledger.domain.balance.forecast import forecast
from ledger.domain.balance.lots import Lot, Supply
from ledger.domain.values.calendar import day_start, next_day_start
from ledger.domain.values.quantities import SCALE

ZONE = "Europe/Paris"
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


def lot(quantity, first=FIRST, last=LAST, position=1):
    """A lot of so many units, valid from a first to a last day."""
    start, end = day_start(first, ZONE), next_day_start(last, ZONE)
    return Lot(0, end, start, position, quantity * SCALE, None)


def used(quantity, day=FIRST):
    """A delivery of so many units at noon of a day."""
    return Flow(day_start(day, ZONE) + 1, 10, 10, quantity * SCALE)


def supplied(*lots):
    return Supply(tuple(lots), (), ())


def test_what_was_used_in_half_the_time_is_used_again_in_the_other_half():
    today = date(2025, 7, 1)  # 182 days have passed, 183 are to come
    found = forecast(supplied(lot(365)), [used(182)], FIRST, today, LAST, ZONE)
    assert (found.days_elapsed, found.rate) == (182, Fraction(SCALE))
    assert (found.runs_out_on, found.remaining_at_end) == (LAST, 0)


def test_it_runs_out_on_the_first_day_at_whose_end_nothing_is_left():
    found = forecast(supplied(lot(20)), [used(10)], FIRST, date(2025, 1, 10), LAST, ZONE)
    assert found.runs_out_on == date(2025, 1, 20)
    assert found.remaining_at_end == -345 * SCALE
    assert dict(found.points)[date(2025, 1, 20)] == 0


def test_a_lot_that_is_still_to_start_and_one_that_expires_are_reckoned_with():
    later = lot(100, date(2025, 2, 1), position=2)
    found = forecast(
        supplied(lot(400, last=date(2025, 1, 31)), later),
        [used(10)],
        FIRST,
        date(2025, 1, 10),
        LAST,
        ZONE,
    )
    points = dict(found.points)
    assert points[date(2025, 1, 31)] == 369 * SCALE
    assert points[date(2025, 2, 1)] == 99 * SCALE
    assert found.runs_out_on == date(2025, 2, 1) + timedelta(days=99)


def test_without_a_day_passed_or_a_day_to_come_there_is_no_forecast():
    for today in (date(2024, 12, 31), LAST, date(2026, 1, 1)):
        assert forecast(supplied(lot(5)), [], FIRST, today, LAST, ZONE) is None


def test_what_nobody_uses_never_runs_out():
    found = forecast(supplied(lot(5)), [], FIRST, date(2025, 3, 1), LAST, ZONE)
    assert (found.runs_out_on, found.remaining_at_end) == (None, 5 * SCALE)


@given(
    granted=st.integers(0, 1000),
    consumed=st.integers(0, 1000),
    passed=st.integers(0, 363),
)
def test_at_the_end_it_is_what_is_left_less_the_rate_times_the_days(granted, consumed, passed):
    today = FIRST + timedelta(days=passed)
    found = forecast(supplied(lot(granted)), [used(consumed)], FIRST, today, LAST, ZONE)
    days = (LAST - today).days
    exact = granted * SCALE - consumed * SCALE - Fraction(consumed * SCALE, passed + 1) * days
    assert 0 <= found.remaining_at_end - exact < 1
    if found.runs_out_on is not None:
        before = (found.runs_out_on - today).days - 1
        left = (granted - consumed) * SCALE - Fraction(consumed * SCALE, passed + 1) * before
        assert left > 0 or before == 0
