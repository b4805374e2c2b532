"""A format says each part once, and a text is read in the one way in which it can be, or not."""

# ruff: noqa: DTZ001 - clocks without a zone are what a format reads

import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.convert.formats import Form
from ledger.convert.problems import RowProblemError

LETTERS = "YymbBdjHIpMSfz"

SEPARATORS = st.sampled_from([" ", ".", "-", "T", ":", "/ ", "%%", ", "])


def form(text, clock=True, century=None):
    if century is None and "%y" in text:
        century = 2000
    return Form(text, century, clock=clock)


def read(text, how, clock=True, century=None):
    """Return what is read, None where the text is refused."""
    checked = form(how, clock, century)
    try:
        return checked.read(text)
    except RowProblemError:
        return None


def says_each_part_once(letters, clock):
    """Return whether letters name one moment, by counting who says what."""
    said = {
        "year": letters & set("Yy"),
        "day": letters & set("dj"),
        "month": letters & set("mbBj"),
        "hour": letters & set("HI"),
        "half": letters & set("Hp"),
    }
    if not clock:
        if letters & set("HIpMSfz"):
            return False
        said = {part: by for part, by in said.items() if part not in {"hour", "half"}}
    return (
        all(len(by) == 1 for by in said.values())
        and ("S" not in letters or "M" in letters)
        and ("f" not in letters or "S" in letters)
    )


@pytest.mark.parametrize("clock", [True, False])
def test_of_all_sets_of_letters_those_are_formats_that_say_each_part_once(clock):
    """Whatever their order: none is guessed from, and none that is whole is refused."""
    formats = 0
    for count in range(1, 9):
        for letters in combinations(LETTERS, count):
            text = " ".join(f"%{letter}" for letter in letters)
            try:
                form(text, clock)
            except ValueError:
                whole = False
            else:
                whole = True
            assert whole == says_each_part_once(set(letters), clock), text
            formats += whole
    assert formats > 3


@pytest.mark.parametrize(
    "text, said",
    [
        ("%Y-%m-%d %H:%M %p", "the format says one thing twice, by %H and by %p"),
        ("%Y-%m-%d %H %I %p", "the format says one thing twice, by %H and by %I"),
        ("%Y-%m-%d %j %H", "the format says one thing twice, by %m and by %j"),
        ("%Y %d %j %H", "the format says one thing twice, by %d and by %j"),
        ("%Y %y-%m-%d %H", "the format says one thing twice, by %Y and by %y"),
        ("%Y-%m-%d %b %H", "the format says one thing twice, by %m and by %b"),
        ("%Y-%m-%d %d %H", "the format has %d twice"),
        ("%Y-%m-%d %H:%M:%S %S", "the format has %S twice"),
        ("%Y-%m-%d %I:%M", "the format has %I without %p"),
        ("%Y-%m-%d %p", "the format lacks one of %H %I"),
        ("%Y-%m-%d %H:%S", "the format has %S without %M"),
        ("%Y-%m-%d %H:%M.%f", "the format has %f without %S"),
        ("%m-%d %H", "the format lacks one of %Y %y"),
        ("%Y-%d %H", "the format lacks one of %m %b %B %j"),
        ("%Y-%m %H", "the format lacks one of %d %j"),
        ("%Y-%m-%d %H%", "the format has no %:"),
        ("%Y-%m-%d %X", "the format has no %X"),
        ("", "the format lacks one of %Y %y"),
    ],
)
def test_a_format_that_says_something_twice_or_not_at_all_is_refused(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        form(text)


@st.composite
def whole_formats(draw):
    """A format, its letters in any order, and whether two numbers of it touch."""
    year, month = draw(st.sampled_from("Yy")), draw(st.sampled_from(("md", "bd", "Bd", "j")))
    hour = draw(st.sampled_from(("H", "Ip")))
    rest = draw(st.sampled_from(("", "M", "MS", "MSf"))) + draw(st.sampled_from(("", "z")))
    letters = draw(st.permutations([*year, *month, *hour, *rest]))
    separators = [draw(SEPARATORS | st.just("")) for _ in letters]
    if letters[-1] != "z" and "z" in letters:  # the digits of an offset end where a blank is
        separators[letters.index("z")] = " "
    return "".join(f"%{letter}{mark}" for letter, mark in zip(letters, separators, strict=True))


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31))


@given(whole_formats(), MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_what_a_format_writes_it_reads(how, moment, offset):
    """In any order, with anything or nothing between the parts, as far as the parts say it."""
    zone = timezone(timedelta(minutes=offset)) if "%z" in how else None
    least = {"%f": "microsecond", "%S": "second", "%M": "minute"}
    unsaid = {name: 0 for letter, name in least.items() if letter not in how}
    moment = moment.replace(tzinfo=zone, **unsaid)
    assert read(moment.strftime(how), how) == moment


@given(MOMENTS, st.data())
def test_of_numbers_that_touch_no_digit_may_be_missing(moment, data):
    """With one less a text could mean two days, so it means none."""
    how = data.draw(st.sampled_from(("%d%m%Y", "%Y%m%d", "%y%m%d", "%Y%j", "%d1%m1%Y", "%j%Y")))
    text = moment.strftime(how)
    place = data.draw(st.integers(0, len(text) - 1))
    assert read(text, how, clock=False) is not None
    assert read(text[:place] + text[place + 1 :], how, clock=False) is None


@pytest.mark.parametrize(
    "text, how, expected",
    [
        ("12:05 AM", "%I:%M %p", (0, 5)),
        ("12:05 pm", "%I:%M %p", (12, 5)),
        ("1:05 PM", "%I:%M %p", (13, 5)),
        ("11:59 PM", "%I:%M %p", (23, 59)),
        ("13:05 PM", "%I:%M %p", None),
        ("0:05 AM", "%I:%M %p", None),
        ("24:00", "%H:%M", None),
        ("9:5", "%H:%M", (9, 5)),
        ("9 : 05", "%H : %M", (9, 5)),
        ("9\u00a0:\u202f05", "%H : %M", (9, 5)),
        ("905", "%H%M", None),
        ("0905", "%H%M", (9, 5)),
        ("9:05 ", "%H:%M", None),
        ("٩:05", "%H:%M", None),
        ("9:60", "%H:%M", None),
        ("23:59:60", "%H:%M:%S", None),
        ("09:05:00.5", "%H:%M:%S.%f", (9, 5, 0, 500_000)),
        ("09050012", "%H%M%S%f", None),
        ("090500000012", "%H%M%S%f", (9, 5, 0, 12)),
    ],
)
def test_times_of_day(text, how, expected):
    moment = read(f"2025-03-28 {text}", f"%Y-%m-%d {how}")
    assert moment == (None if expected is None else datetime(2025, 3, 28, *expected))


@pytest.mark.parametrize(
    "text, how, expected",
    [
        ("1122025", "%d%m%Y", None),
        ("01122025", "%d%m%Y", "2025-12-01"),
        ("1.12.2025", "%d.%m.%Y", "2025-12-01"),
        (" 1.12.2025", "%d.%m.%Y", "2025-12-01"),
        ("31.2.2025", "%d.%m.%Y", None),
        ("1.12.25", "%d.%m.%Y", None),
        ("1 DEC 2025", "%d %b %Y", "2025-12-01"),
        ("1 december 2025", "%d %B %Y", "2025-12-01"),
        ("1 Dezember 2025", "%d %B %Y", None),
        ("1 Apr\u0131l 2025", "%d %B %Y", None),
        ("1 Augu\u017ft 2025", "%d %B %Y", None),
        ("2025-366", "%Y-%j", None),
        ("2024-366", "%Y-%j", "2024-12-31"),
        ("2025-0", "%Y-%j", None),
        ("2025-60", "%Y-%j", "2025-03-01"),
        ("202560", "%Y%j", None),
        ("0000-01-01", "%Y-%m-%d", None),
        ("9999-366", "%Y-%j", None),
    ],
)
def test_dates(text, how, expected):
    moment = read(text, how, clock=False)
    assert (None if moment is None else moment.date().isoformat()) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Z", UTC),
        ("+0130", timezone(timedelta(minutes=90))),
        ("-01:30", timezone(-timedelta(minutes=90))),
        ("+00:50:39", timezone(timedelta(minutes=50, seconds=39))),
        ("+1:30", None),
        ("+01:60", None),
        ("+24:00", None),
        ("UTC", None),
    ],
)
def test_offsets(text, expected):
    moment = read(f"2025-03-28 09:05 {text}", "%Y-%m-%d %H:%M %z")
    assert (None if moment is None else moment.tzinfo) == expected


@pytest.mark.parametrize(
    "century, year, expected",
    [
        *((2000, "00", 2000), (2000, "99", 2099), (1900, "99", 1999)),
        *((1950, "50", 1950), (1950, "49", 2049), (1999, "99", 1999), (1999, "98", 2098)),
    ],
)
def test_two_digits_are_a_year_of_the_hundred_that_the_profile_names(century, year, expected):
    moment = read(f"1.2.{year}", "%d.%m.%y", clock=False, century=century)
    assert moment == datetime(expected, 2, 1)


@pytest.mark.parametrize(
    "how, century, said", [("%y-%j", None, "century = 2000"), ("%Y-%j", 2000, "century belongs")]
)
def test_a_century_is_named_where_it_is_needed_and_nowhere_else(how, century, said):
    with pytest.raises(ValueError, match=said):
        Form(how, century, clock=False)


@given(
    st.text("%%%YymbBdjHIpMSfz-1 é", max_size=14) | st.text(max_size=6) | whole_formats(),
    st.none() | st.integers(1, 9900),
    st.lists(st.text("0123456789 .-:+ZzAPMapmMay", max_size=20) | st.text(max_size=9), max_size=9),
    st.booleans(),
)
def test_any_format_is_refused_or_reads_any_text_or_says_why_not(how, century, texts, clock):
    try:
        checked = Form(how, century, clock=clock)
    except ValueError:
        return
    for text in texts:
        try:
            assert 1 <= checked.read(text).year <= 9999
        except RowProblemError as wrong:
            assert repr(text)[:30] in wrong.reason  # noqa: PT017 - either will do
