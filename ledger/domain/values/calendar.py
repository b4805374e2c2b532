"""Civil dates in a time zone: where a day starts, and which date an instant bears.

Zones come from the `tzdata` package of the lock file, never from the machine, so that the same
question has the same answer everywhere.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from ledger.domain.values.instants import DAY, SECOND
from ledger.messages import Words

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all IANA time zones."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises ValueError when there is none."""
    if name not in zone_names():
        raise ValueError(
            Words(
                "there is no time zone {name!r}: give an IANA name such as Europe/Paris", name=name
            )
        )
    with files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source, key=name)


def _local(seconds: int, where: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(seconds=seconds)).astimezone(where)


def _offset(seconds: int, where: ZoneInfo) -> int:
    offset = _local(seconds, where).utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds


@lru_cache(maxsize=65_536)
def day_start(day: date, zone_name: str) -> int:
    """Return the first instant (nanoseconds) that bears the date in that zone.

    Where a zone skips the whole date, it is the first instant after it. Far outside the years that
    facts may have, days are those of UTC.
    """
    midnight = (day - date(1970, 1, 1)).days * 86_400
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return midnight * SECOND
    where = zone(zone_name)
    early, late = midnight - 86_400, midnight + 86_400
    before, after = _offset(early, where), _offset(late, where)
    candidates = {midnight - before, midnight - after}
    if before != after:
        candidates.add(_transition(early, late, where))
    return min(second for second in candidates if _local(second, where).date() >= day) * SECOND


def _transition(early: int, late: int, where: ZoneInfo) -> int:
    """Return the second at which the offset changes between two seconds with unequal offsets."""
    first = _offset(early, where)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset(middle, where) == first:
            early = middle
        else:
            late = middle
    return late


def day_end(day: date, zone_name: str) -> int:
    """Return the last instant of a date: one nanosecond before the next day starts."""
    return next_day_start(day, zone_name) - 1


def next_day_start(day: date, zone_name: str) -> int:
    """Return the first instant after a date: where an inclusive last day is over."""
    if day == date.max:
        return day_start(day, "UTC") + DAY
    return day_start(day + timedelta(days=1), zone_name)


@lru_cache(maxsize=65_536)
def local_date(instant: int, zone_name: str) -> date:
    """Return the date of an instant: the day with day_start <= instant < start of the next."""
    day = _local(instant // SECOND, zone(zone_name)).date()
    while instant >= next_day_start(day, zone_name):
        day += timedelta(days=1)
    return day


def parse_date(value: object) -> date:
    """Return the date of a `YYYY-MM-DD` text. Raises ValueError with one sentence."""
    if isinstance(value, str) and len(value) == len("2025-03-31") and value.isascii():
        try:
            return date(*_year_month_day(value))
        except ValueError:
            raise ValueError(Words("there is no such day as {value}", value=value)) from None
    raise ValueError("a date is written as YYYY-MM-DD: 2025-03-31")


def _year_month_day(value: str) -> tuple[int, int, int]:
    parts = value.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdigit() for part in parts):
        raise ValueError(value)
    return int(parts[0]), int(parts[1]), int(parts[2])
