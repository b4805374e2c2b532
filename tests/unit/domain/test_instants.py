"""Instants: RFC 3339 to the nanosecond, the first and the last, every way to write one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import civil

from ledger.domain.values.instants import (
    FIRST_INSTANT,
    LAST_INSTANT,
    canonical_instant,
    format_instant,
    parse_instant,
    within_facts,
)

EPOCH = "1970-01-01T00:00:00"


@pytest.mark.parametrize(
    "text,instant",
    [
        (f"{EPOCH}Z", 0),
        (f"{EPOCH}z", 0),
        ("1970-01-01t00:00:00Z", 0),
        (f"{EPOCH}.000000001Z", 1),
        (f"{EPOCH}.1Z", 10**8),
        (f"{EPOCH}.100000000Z", 10**8),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("1970-01-01T01:02:03Z", 3_723 * 10**9),
        ("1970-01-01T00:00:00+01:30", -5_400 * 10**9),
        ("1970-01-01T00:00:00-01:30", 5_400 * 10**9),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T05:45:07+05:45", 7 * 10**9),
        ("1970-01-01T23:59:59+23:59", 59 * 10**9),
        ("1900-01-01T00:00:00Z", FIRST_INSTANT),
        ("1899-12-31T23:00:00-01:00", FIRST_INSTANT),
        ("2199-12-31T23:59:59.999999999Z", LAST_INSTANT),
        ("2200-01-01T00:59:59.999999999+01:00", LAST_INSTANT),
    ],
)
def test_an_instant_is_read_to_the_nanosecond(text, instant):
    assert parse_instant(text) == instant == civil.instant(text)
    assert canonical_instant(text) == format_instant(instant)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "1970-01-01", f"{EPOCH}", f"{EPOCH} Z", f" {EPOCH}Z", f"{EPOCH}Z\n", f"{EPOCH}.Z"),
        *("1970-01-01 00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z"),
        *("1970-01-01T0:00:00Z", "1970-1-01T00:00:00Z", "1970-01-01T00:00Z", f"{EPOCH}+1:00"),
        *(f"{EPOCH}+24:00", f"{EPOCH}+01:60", f"{EPOCH}+0100", f"{EPOCH}.0000000000Z"),
        *("1970-02-30T00:00:00Z", "1970-00-01T00:00:00Z", "0000-01-01T00:00:00Z"),
        *("1899-12-31T23:59:59.999999999Z", "2200-01-01T00:00:00Z", "1900-01-01T00:59:59+01:00"),
        *("2199-12-31T23:59:59-00:01", "1970-01-01T00:0a:00Z", "1970-01-01T00:00:0\u0661Z"),
        *(None, 0, True, ["1970"]),
    ],
)
def test_what_is_no_instant_is_refused(wrong):
    with pytest.raises(ValueError, match=r"RFC 3339|no such day|nine decimals|1900 to 2199"):
        parse_instant(wrong)


@given(instant=st.integers(FIRST_INSTANT, LAST_INSTANT), minutes=st.integers(-1439, 1439))
def test_any_instant_in_any_offset_comes_back(instant, minutes):
    """Written in UTC, and in an offset, it is the same; and it is the oracle's."""
    text = format_instant(instant)
    assert text == civil.instant_text(instant)
    assert parse_instant(text) == instant
    shifted = instant + minutes * 60 * 10**9
    if FIRST_INSTANT <= shifted <= LAST_INSTANT:
        sign, size = "-" if minutes < 0 else "+", abs(minutes)
        spelled = f"{format_instant(shifted)[:-1]}{sign}{size // 60:02}:{size % 60:02}"
        assert parse_instant(spelled) == instant
        assert canonical_instant(spelled) == text


@pytest.mark.parametrize(
    "nanoseconds,text",
    [
        (0, f"{EPOCH}Z"),
        (1, f"{EPOCH}.000000001Z"),
        (10, f"{EPOCH}.00000001Z"),
        (5 * 10**8, f"{EPOCH}.5Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (86_399 * 10**9, "1970-01-01T23:59:59Z"),
        (86_400 * 10**9, "1970-01-02T00:00:00Z"),
        (3_600 * 10**9, "1970-01-01T01:00:00Z"),
        (60 * 10**9, "1970-01-01T00:01:00Z"),
    ],
)
def test_an_instant_has_as_many_decimals_as_it_needs(nanoseconds, text):
    assert format_instant(nanoseconds) == text


def test_a_cut_beyond_all_facts_takes_in_the_same_facts():
    for inside in (FIRST_INSTANT, LAST_INSTANT, FIRST_INSTANT - 1, 0):
        assert within_facts(inside) == inside
    assert within_facts(FIRST_INSTANT - 2) == FIRST_INSTANT - 1
    assert within_facts(LAST_INSTANT + 1) == LAST_INSTANT
    assert (within_facts(-(2**99)), within_facts(2**99)) == (FIRST_INSTANT - 1, LAST_INSTANT)
