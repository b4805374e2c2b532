"""Days in every zone: where they start and end, at each change of clocks near a midnight."""

import struct
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest
from oracle import civil

from ledger.domain.values.calendar import (
    day_end,
    day_start,
    local_date,
    next_day_start,
    parse_date,
    zone,
    zone_names,
)

SECOND, DAY = 10**9, 86_400
EPOCH = date(1970, 1, 1)


def transitions(name):
    """When clocks change in a zone until 2037, with the offsets before and after (RFC 8536)."""
    content = files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
    head = struct.unpack(">6l", content[20:44])
    is_utc, is_std, leaps, times, types, chars = head
    second = 44 + times * 5 + types * 6 + chars + leaps * 8 + is_std + is_utc
    *_, times, types, chars = struct.unpack(">6l", content[second + 20 : second + 44])
    start = second + 44
    moments = struct.unpack(f">{times}q", content[start : start + 8 * times])
    kinds = content[start + 8 * times : start + 9 * times]
    offsets = [
        struct.unpack(">l", content[at : at + 4])[0]
        for at in range(start + 9 * times, start + 9 * times + 6 * types, 6)
    ]
    changes = [(moment, offsets[kind]) for moment, kind in zip(moments, kinds, strict=True)]
    return [(moment, was, now) for (_, was), (moment, now) in pairwise(changes)]


def near_midnight():
    """Every change of clocks by which a midnight is skipped, repeated, or touched; each once."""
    found = {}
    for name in sorted(zone_names()):
        for moment, was, now in transitions(name):
            first, last = sorted((moment + was, moment + now))
            midnight = last - last % DAY
            touched = first <= midnight <= last or first // DAY != last // DAY
            known = -2_208_988_800 + 3 * DAY < moment < 2_145_916_800
            if touched and known and was != now:
                found.setdefault((moment, was, now), name)
    return found


def expected_start(day, moment, was, now):
    """The first second that bears a date, or that comes after it, where clocks change once."""
    midnight = (day - EPOCH).days * DAY
    before = [s for s in (midnight - was,) if s < moment]
    after = [max(midnight - now, moment)]
    return before[0] if before else after[0]


def test_a_day_starts_at_the_first_instant_that_bears_its_date_wherever_clocks_change():
    """All zones of the world, each change that skips, repeats or touches a midnight."""
    changes = near_midnight()
    assert len(changes) > 200
    for (moment, was, now), name in changes.items():
        around = EPOCH + timedelta(days=(moment + was) // DAY)
        for day in (around - timedelta(days=1), around, around + timedelta(days=1)):
            start = expected_start(day, moment, was, now) * SECOND
            assert day_start(day, name) == start, (name, day)
            assert local_date(start, name) >= day
            assert local_date(start - 1, name) < day, (name, day)


REPEATED, SKIPPED = ("America/St_Johns", date(2005, 10, 30)), ("Africa/Cairo", date(2023, 4, 28))


def utc(*when):
    return int(datetime(*when, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize(
    "name,day,start",
    [
        # one minute after midnight clocks go back an hour: the date comes, goes, and comes again
        ("America/St_Johns", "2005-10-30", utc(2005, 10, 30, 2, 30)),
        ("America/St_Johns", "2005-10-31", utc(2005, 10, 31, 3, 30)),
        ("America/Havana", "2023-11-05", utc(2023, 11, 5, 4)),
        ("America/Sao_Paulo", "2018-02-18", utc(2018, 2, 18, 3)),
        ("America/Sao_Paulo", "2018-11-04", utc(2018, 11, 4, 3)),  # 00:00 is skipped: 01:00
        ("Africa/Cairo", "2023-04-28", utc(2023, 4, 27, 22)),
        ("Asia/Beirut", "2022-03-27", utc(2022, 3, 26, 22)),
        ("Asia/Tehran", "2022-03-22", utc(2022, 3, 21, 20, 30)),
        ("Atlantic/Azores", "2024-03-31", utc(2024, 3, 31, 1)),
        ("America/Asuncion", "2023-10-01", utc(2023, 10, 1, 4)),
        ("Pacific/Apia", "2011-12-29", utc(2011, 12, 29, 10)),
        ("Pacific/Apia", "2011-12-30", utc(2011, 12, 30, 10)),  # there was no such day
        ("Pacific/Apia", "2011-12-31", utc(2011, 12, 30, 10)),
        ("Europe/Paris", "2025-03-30", utc(2025, 3, 29, 23)),
        ("Europe/Paris", "2025-03-31", utc(2025, 3, 30, 22)),
        ("UTC", "1969-12-31", -DAY * SECOND),
    ],
)
def test_where_midnight_is_skipped_or_repeated(name, day, start):
    """Hand-reckoned: the first instant that bears the date; the day before ends just before it."""
    found = date.fromisoformat(day)
    assert day_start(found, name) == start == civil.day_start(found, name)
    assert day_end(found - timedelta(days=1), name) == start - 1
    assert next_day_start(found - timedelta(days=1), name) == start


def test_the_hour_before_a_repeated_midnight_belongs_to_the_day_that_has_begun():
    """A date that has come does not go again: a day is one stretch of time."""
    name, day = REPEATED
    start = day_start(day, name)
    for later in (0, 1, 59 * SECOND, 61 * SECOND, 1_800 * SECOND, 3_599 * SECOND, 3_601 * SECOND):
        assert local_date(start + later, name) == day
    assert local_date(start - 1, name) == day - timedelta(days=1)


def test_a_day_that_a_zone_skips_whole_holds_no_instant():
    start = day_start(date(2011, 12, 31), "Pacific/Apia")
    assert local_date(start, "Pacific/Apia") == date(2011, 12, 31)
    assert local_date(start - 1, "Pacific/Apia") == date(2011, 12, 29)


@pytest.mark.parametrize("year,in_zone", [(1899, False), (1900, True), (2200, True), (2201, False)])
def test_far_outside_the_years_of_facts_days_are_those_of_utc(year, in_zone):
    """The first and the last year of the zone's own days are 1900 and 2200."""
    for day in (date(year, 1, 1), date(year, 12, 31)):
        of_utc = (day - EPOCH).days * DAY * SECOND
        assert (day_start(day, "Asia/Tokyo") != of_utc) == in_zone
        assert day_start(day, "UTC") == of_utc


def test_the_last_day_of_all_ends():
    """What ends on the last date that can be written ends a day later, as of UTC."""
    assert next_day_start(date.max, "Asia/Tokyo") == day_start(date.max, "UTC") + DAY * SECOND
    before = date.max - timedelta(days=1)
    assert next_day_start(before, "Asia/Tokyo") == day_start(date.max, "UTC")


def test_a_zone_is_an_iana_name():
    assert zone("Europe/Paris").key == "Europe/Paris"
    assert {"UTC", "America/St_Johns"} <= zone_names()
    for name in ("Europe/Atlantis", "", "../tzdata/zones", "europe/paris", "CEST"):
        with pytest.raises(ValueError, match="there is no time zone"):
            zone(name)


@pytest.mark.parametrize("text", ["2025-01-01", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_a_date_is_read_as_it_is_written(text):
    assert parse_date(text) == date.fromisoformat(text)


@pytest.mark.parametrize(
    "wrong",
    [
        *("2025-02-29", "2025-13-01", "2025-00-01", "2025-01-32", "0000-01-01", "20250-1-01"),
        *("2025-1-001", "202-001-01", "2025/01/01", "+025-01-01", "2025-01- 1", "2025-01-1x"),
    ],
)
def test_a_day_that_is_none_is_named(wrong):
    with pytest.raises(ValueError, match="there is no such day as"):
        parse_date(wrong)


@pytest.mark.parametrize(
    "wrong", ["2025-01-011", "2025-01-1", "", None, 20250101, "\uff12025-01-01"]
)
def test_what_is_no_date_at_all_says_how_one_is_written(wrong):
    with pytest.raises(ValueError, match="a date is written as YYYY-MM-DD"):
        parse_date(wrong)
