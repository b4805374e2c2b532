"""Instants and civil dates: nanoseconds since 1970, and where days start and end in a zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NANOSECONDS = 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))"
)


def instant(text: str) -> int:
    """The nanoseconds since 1970 of an RFC 3339 instant."""
    found = RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"not an instant: {text}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    nanoseconds = int((found[7] or "").ljust(9, "0"))
    leap = second == 60
    if leap:
        second, nanoseconds = 59, NANOSECONDS - 1
    offset = 0 if found[8] else int(found[9] + "1") * (int(found[10]) * 3600 + int(found[11]) * 60)
    local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    seconds = whole_seconds(local) - offset
    if leap and (seconds + 1) % 86400:
        raise ValueError(f"no leap second: {text}")
    return seconds * NANOSECONDS + nanoseconds


def instant_text(nanoseconds: int) -> str:
    """An instant in UTC, with as many decimals as it needs."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    text = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    decimals = f".{rest:09}".rstrip("0") if rest else ""
    return f"{text}{decimals}Z"


def whole_seconds(moment: datetime) -> int:
    """The seconds since 1970 of a moment that knows its zone."""
    since = moment.astimezone(UTC) - EPOCH
    return since.days * 86400 + since.seconds


def wall_clock(seconds: int, zone: str) -> datetime:
    """What a clock on the wall of a zone shows."""
    return (EPOCH + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day_start(day: date, zone: str) -> int:
    """The first instant whose local date is this day or, where the zone skips it, a later one."""
    midnight = datetime.combine(day, time())
    seconds = whole_seconds(midnight.replace(tzinfo=ZoneInfo(zone)))
    if wall_clock(seconds, zone) == midnight:
        return seconds * NANOSECONDS
    before, after = seconds - 2 * 86400, seconds  # midnight is skipped: look for the jump over it
    while after - before > 1:
        middle = (before + after) // 2
        if wall_clock(middle, zone).date() >= day:
            after = middle
        else:
            before = middle
    return after * NANOSECONDS


def day_end(day: date, zone: str) -> int:
    """The first instant that is after this day: where a lot that lasts to this day ends."""
    return day_start(day + timedelta(days=1), zone)


def day_of(nanoseconds: int, zone: str) -> date:
    """The day that has started and has not ended at an instant."""
    day = wall_clock(nanoseconds // NANOSECONDS, zone).date()
    while day_end(day, zone) <= nanoseconds:
        day += timedelta(days=1)
    while day_start(day, zone) > nanoseconds:
        day -= timedelta(days=1)
    return day


def is_date(as_of: str) -> bool:
    """Whether a question is asked for a whole day."""
    return re.fullmatch(r"\d{4}-\d\d-\d\d", as_of) is not None


def cut(as_of: str, zone: str) -> int:
    """The last instant that counts for a question, seen from a zone."""
    return day_end(date.fromisoformat(as_of), zone) - 1 if is_date(as_of) else instant(as_of)


def today(as_of: str, zone: str) -> date:
    """The date of a question, seen from a zone."""
    return date.fromisoformat(as_of) if is_date(as_of) else day_of(instant(as_of), zone)
