"""Instants: integers of nanoseconds since 1970 in UTC, read from and written as RFC 3339."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from ledger.messages import Words

SECOND: Final = 10**9
"""Nanoseconds of a second."""

DECIMALS: Final = 9
"""Decimals of a second that an instant can have."""

DAY: Final = 86_400 * SECOND
"""Nanoseconds of a day of UTC."""

_FIRST_DAY: Final = date(1970, 1, 1)

FIRST_INSTANT: Final = (date(1900, 1, 1) - _FIRST_DAY).days * DAY
"""1900-01-01T00:00:00Z: no fact takes effect before."""

LAST_INSTANT: Final = (date(2200, 1, 1) - _FIRST_DAY).days * DAY - 1
"""The last nanosecond of 2199: no fact takes effect after."""

_RFC3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)"
    r"(?:\.([0-9]+))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))",
    re.ASCII,
)

_LEAP: Final = "60"
"""The second that UTC may add at the end of a day."""

_MINUTES: Final = {f"{n:02d}:": n * 60 * SECOND for n in range(60)}
_SECONDS: Final = {f"{n:02d}": n * SECOND for n in range(60)}
_HOUR: Final = 3_600 * SECOND
_TO_THE_HOUR: Final = len("2025-03-31T14:")
_TO_THE_SECOND: Final = len("2025-03-31T14:00:00")


def parse_instant(value: object) -> int:
    """Return the nanoseconds since 1970 of an RFC 3339 instant.

    A leap second, 23:59:60 in UTC, is the last nanosecond of its minute. Raises ValueError with one
    sentence when the value is no such text, has more than nine decimals of a second, or lies
    outside the years 1900 to 2199.
    """
    return _quickly(value)[0] if type(value) is str else _parsed(value)


def canonical_instant(value: str) -> str:
    """Return an RFC 3339 instant as `format_instant` writes it. Raises ValueError."""
    instant, hour = _quickly(value)
    return f"{hour}{value[_TO_THE_HOUR:_TO_THE_SECOND]}Z" if hour else format_instant(instant)


def _quickly(value: str) -> tuple[int, str]:
    """Return an instant, and its hour in UTC where minutes and seconds are as they are written.

    Nearly all are written in whole seconds, and those of one hour share what costs most.
    """
    hour = _hour(value[:_TO_THE_HOUR], value[_TO_THE_SECOND:])
    minute, second = _MINUTES.get(value[14:17]), _SECONDS.get(value[17:_TO_THE_SECOND])
    if hour is None or minute is None or second is None:
        return _parsed(value), ""
    return hour[0] + minute + second, hour[1]


@lru_cache(maxsize=16_384)
def _hour(start: str, end: str) -> tuple[int, str] | None:
    """Return when an hour begins, and its text in UTC; None where it is no whole hour of UTC."""
    try:
        instant = _parsed(f"{start}00:00{end}")
    except ValueError:
        return None
    if instant % _HOUR:
        return None
    return instant, format_instant(instant)[:_TO_THE_HOUR]


def _parsed(value: object) -> int:
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("an instant is written as RFC 3339 with an offset: 2025-03-31T14:00:00Z")
    day, hour, minute, second, decimals, sign, hours, minutes = match.groups()
    if decimals and len(decimals) > DECIMALS:
        raise ValueError("an instant has at most nine decimals of a second")
    seconds = _day_number(day) * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds -= offset if sign == "+" else -offset
    instant = seconds * SECOND + (int(decimals.ljust(DECIMALS, "0")) if decimals else 0)
    if second == _LEAP:
        if seconds % 86_400:
            raise ValueError("only a leap second, 23:59:60 in UTC, has the number 60")
        instant = seconds * SECOND - 1
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        raise ValueError("an instant lies in the years 1900 to 2199")
    return instant


@lru_cache(maxsize=4_096)
def _day_number(text: str) -> int:
    """Return how many days after 1970 began a date lies."""
    try:
        return (date.fromisoformat(text) - _FIRST_DAY).days
    except ValueError:
        raise ValueError(Words("there is no such day as {value}", value=text)) from None


def format_instant(instant: int) -> str:
    """Return the instant as RFC 3339 in UTC, with as many decimals as it needs."""
    seconds, nanos = divmod(instant, SECOND)
    days, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    decimals = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{_day_text(days)}T{hour:02d}:{minute:02d}:{second:02d}{decimals}Z"


@lru_cache(maxsize=4_096)
def _day_text(days: int) -> str:
    """Return the date that lies so many days after 1970 began."""
    return (_FIRST_DAY + timedelta(days=days)).isoformat()


def within_facts(instant: int) -> int:
    """Return the nearest instant that a fact can have, or the one before the first.

    A cut beyond it takes in the same facts, and fits into 64 bits.
    """
    return max(FIRST_INSTANT - 1, min(instant, LAST_INSTANT))
