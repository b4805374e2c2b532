"""The forecast: what an entitlement comes to if it goes on being used as it was so far.

The rate is what was consumed so far over the days that have passed, from the package's first day
to the as-of date, both counted. Each coming day consumes that much at its end, and the lots burn,
start and expire as their dates say: the burn-down is the same as for what has happened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from ledger.domain.balance.burndown import Flow, burn_down
from ledger.domain.balance.lots import Supply
from ledger.domain.values.calendar import day_end, local_date

_DAY = timedelta(days=1)
_AFTER_ALL = 2**62
"""A position after every event."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come (amounts)."""

    days_elapsed: int
    rate: Fraction
    """What a day consumes."""
    runs_out_on: date | None
    """The first coming day at whose end nothing is left; None where something always is."""
    remaining_at_end: int
    """What is left at the end of the last day: it would go unused, or (below zero) be overage."""
    points: tuple[tuple[date, int], ...]
    """What is left at the end of days: enough of them to draw the line."""


def forecast(
    supplied: Supply, flows: Sequence[Flow], first: date, today: date, last: date, zone: str
) -> Forecast | None:
    """Return the forecast from `today` (the as-of date) to the last day, both in that zone.

    `flows` is what was consumed so far. Without a day passed, or a day to come, there is none.
    """
    elapsed = (today - first).days + 1
    if elapsed < 1 or today >= last:
        return None
    consumed = max(0, sum(flow.amount for flow in flows))
    coming = list(_coming(consumed, elapsed, today, last, zone))
    end = day_end(last, zone)
    steps = burn_down(supplied, [*flows, *coming], end, with_steps=True).steps
    remaining, on_day, left = 0, dict[date, int](), 0
    for step in steps:
        remaining += step.change
        on_day[local_date(step.at, zone)] = remaining
    points = []
    day, turning = first, _turning_days(supplied, today, last, zone)
    out = None
    while day <= last:
        left = on_day.get(day, left)
        if day > today and left <= 0 and out is None:
            out = day
            points.append((day, left))
        elif day >= today and (day in turning or day.day == 1):
            points.append((day, left))
        day += _DAY
    return Forecast(elapsed, Fraction(consumed, elapsed), out, remaining, tuple(points))


def _coming(consumed: int, elapsed: int, today: date, last: date, zone: str) -> Iterator[Flow]:
    """Yield what each coming day consumes; up to any day their sum is exact, rounded down."""
    before = 0
    for number in range(1, (last - today).days + 1):
        so_far = consumed * number // elapsed
        at = day_end(today + number * _DAY, zone)
        if so_far > before:
            yield Flow(at, _AFTER_ALL, _AFTER_ALL, so_far - before)
        before = so_far


def _turning_days(supplied: Supply, today: date, last: date, zone: str) -> set[date]:
    """Return the days at which the line may turn: the ends, and where lots start and expire."""
    days = {today, last}
    for lot in supplied.dated:
        for instant in (lot.start, min(lot.end, day_end(last, zone))):
            day = local_date(instant, zone)
            days |= {day - _DAY, day}
    return days
