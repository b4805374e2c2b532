"""A profile that is wrong is refused with the key that is wrong; what it says is what happens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import PROFILE, convert

from ledger.convert.profile import read_profile
from ledger.convert.sorting import by_time
from ledger.errors import UsageError

HEAD = "Id,At,N\n"


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('source = "urn:t"', "", "source: this key is required"),
        ('source = "urn:t"', "source = 3", "source: it should be a valid string"),
        ('source = "urn:t"', 'source = "urn:t"\ncolour = 1', "colour: there is no such key"),
        ("[columns]", "[columns", "is no TOML"),
        ('id = "Id"', 'id = "ID"', "columns.id: the table has no column 'ID'"),
        ('id = "Id"', 'Id = "Id"', "columns.Id"),
        (', zone = "Europe/Paris"', "", "values.time: name the zone of these times"),
        ("Europe/Paris", "Europe/Lutetia", "values.time: there is no time zone"),
        ("%H:%M", "%H:%Q", "values.time: the format has no %Q"),
        ("%H:%M", "%I:%M", "values.time: the format has %I without %p"),
        ("%Y-", "", "values.time: the format lacks one of %Y %y"),
        ('of = "at", ', "", "values.time: say of which column"),
        ('of = "at"', 'of = "minutes"', "values.time: of: there is no column or value minutes"),
        ("{ whole = true }", '{ times = "x" }', "values.minutes: 'x' is no decimal number"),
        ("{ whole = true }", "{ whole = 1 }", "values.minutes.decimal.whole"),
        ("{ whole = true }", "{}, count = true", "values.minutes: say exactly one of"),
        ('id = "{id}"', 'id = "{ids}"', "events[1].id: there is no column or value 'ids'"),
        ('id = "{id}"', 'id = "{id"', "events[1].id"),
        ('id = "{id}"', 'id = "{id.x}"', "events[1].id"),
        ("case.labour_recorded", "case.laboured", "events[1].type: there is no event type"),
        ('case = "C"', "case = 1.5", "events[1].data: write it in quotes"),
        ('case = "C"', 'case = "{c}"', "events[1].data.case: there is no column or value 'c'"),
        ("[[events]]", '[[events]]\nrow = "first"', "events[1].row: there is no [group]"),
        ("[[events]]", "[[events]]\nwhen = { x = 1 }", "events[1].when.x: there is no column"),
        ("[[events]]", "[[events]]\nwhen = { n = {} }", "events[1].when.n: say what it should be"),
        ("[[events]]", '[[events]]\nonce = ["x"]', "events[1].once: there is no column"),
        ("[columns]", '[group]\nby = ["x"]\n[columns]', "group.by: there is no column or value x"),
        ("[columns]", '[file]\nencoding = "x"\n[columns]', "file.encoding"),
        ("[columns]", '[file]\ndelimiter = ",,"\n[columns]', "file.delimiter"),
        ("[columns]", "[file]\ndelimiter = '\"'\n[columns]", "file: delimiter and quote"),
    ],
)
def test_the_key_that_is_wrong_is_named(tmp_path, old, new, said):
    assert old in PROFILE
    with pytest.raises(UsageError) as wrong:
        convert(tmp_path, HEAD, PROFILE.replace(old, new))
    assert said in str(wrong.value)


def test_which_of_two_columns_of_one_name_is_said_never_guessed(tmp_path):
    content = "Id,At,N,N\na,2025-01-10 09:00,x,30\n"
    with pytest.raises(UsageError, match=r"columns\.n: the table has 2 columns 'N'"):
        convert(tmp_path, content)
    second = PROFILE.replace('n = "N"', 'n = { name = "N", which = 2 }')
    assert convert(tmp_path, content, second).events[0]["data"]["minutes"] == 30


@pytest.mark.parametrize(
    "said, night, expected",
    [
        ("", "2025-03-30 02:30", "bad-time"),
        (', skipped = "later"', "2025-03-30 02:30", "2025-03-30T03:30:00+02:00"),
        ("", "2025-10-26 02:30", "bad-time"),
        (', repeated = "first"', "2025-10-26 02:30", "2025-10-26T02:30:00+02:00"),
        (', repeated = "second"', "2025-10-26 02:30", "2025-10-26T02:30:00+01:00"),
        ("", "2025-03-30 03:00", "2025-03-30T03:00:00+02:00"),
        ("", "1900-06-01 12:00", "1900-06-01T11:50:39+00:00"),
        ("", "0001-01-01 00:00", "bad-time"),
        ("", "9999-12-31 23:59", "not-a-cloudevent"),
    ],
)
def test_times_that_a_zone_skips_or_repeats_are_reported_or_decided(
    tmp_path, said, night, expected
):
    profile = PROFILE.replace('zone = "Europe/Paris"', f'zone = "Europe/Paris"{said}')
    came = convert(tmp_path, f"{HEAD}a,{night},30\n", profile)
    assert [e["time"] for e in came.events] + [m[0] for m in came.misfits] == [expected]


@pytest.mark.parametrize(
    "settings, written, expected",
    [
        ("", "30.000", "30"),
        ("", "-1.5e-3", "-0.0015"),
        ("", "0.1234567891", "bad-value"),
        ('rounding = "half-even"', "0.1234567885", "0.123456788"),
        ('rounding = "half-up"', "0.1234567885", "0.123456789"),
        ('rounding = "down"', "-0.1234567889", "-0.123456788"),
        ('point = ","', "1,5", "1.5"),
        ('point = ","', "1.5", "bad-value"),
        ('point = ",", thousands = "."', "-1.234.567,5", "-1234567.5"),
        ('thousands = ","', "12,34", "bad-value"),
        ('thousands = ","', "1234.5", "1234.5"),
        ('times = "1000"', "0.00001605990", "0.0160599"),
        ('sign = "negate"', "-0", "0"),
        ("", "1e99", "invalid-data"),
        ("", "٣", "bad-value"),
        ("", "NaN", "bad-value"),
        ("", "1_000", "bad-value"),
        ("", "1" * 101, "bad-value"),
    ],
)
def test_numbers_are_exact_and_rounded_only_by_name(tmp_path, settings, written, expected):
    profile = PROFILE.replace("{ whole = true }", f"{{ {settings} }}").replace(
        'type = "case.labour_recorded"', 'type = "entitlement.adjusted"'
    )
    start = profile.index("data = ")
    profile = profile[:start] + (
        'data = { package = "P", entitlement = "E", quantity = "{minutes}", reason = "r",'
        ' approved_by = "a" }\n'
    )
    came = convert(tmp_path, f'{HEAD}a,2025-01-10 09:00,"{written}"\n', profile)
    got = [e["data"]["quantity"] for e in came.events] + [m[0] for m in came.misfits]
    if expected == "0":
        assert got == ["invalid-data"]  # this type takes no zero
    else:
        assert got == [expected]


GROUPED = (
    PROFILE.replace('n = "N"', 'n = "N"\ncase = "C"')
    + '[group]\nby = ["case"]\n'
    + '[[events]]\nrow = "last"\ntype = "case.closed"\nid = "{id} end"\ntime = "{time}"\n'
    + 'data = { case = "{case}" }\n'
)
ROWS = "Id,At,N,C\n" + "".join(
    f"{n},2025-01-10 09:0{n},1,{case}\n" for n, case in enumerate("AABC")
)


def test_the_last_row_of_each_group_is_known(tmp_path):
    came = convert(tmp_path, ROWS, GROUPED)
    assert [e["id"] for e in came.events] == ["0", "1", "1 end", "2", "2 end", "3", "3 end"]


def test_a_group_that_comes_again_is_reported_unless_it_may(tmp_path):
    again = ROWS + "9,2025-01-11 09:00,1,A\n"
    came = convert(tmp_path, again, GROUPED)
    assert [(code, line) for code, _, line, _ in came.misfits] == [("bad-row", 6)]
    first = GROUPED.replace('row = "last"', 'row = "first"')
    apart = first.replace('by = ["case"]', 'by = ["case"]\ntogether = false')
    came = convert(tmp_path, again, apart)
    assert came.misfits == []
    assert [e["id"] for e in came.events if "end" in e["id"]] == ["0 end", "2 end", "3 end"]


def test_a_row_right_after_itself_gives_the_same_events_again(tmp_path):
    first = GROUPED.replace('row = "last"', 'row = "first"')
    lines = ROWS.splitlines(keepends=True)
    came = convert(tmp_path, "".join([*lines[:2], lines[1], *lines[2:]]), first)
    assert came.events[:2] == came.events[2:4]


def test_a_row_gives_all_of_its_events_or_none(tmp_path):
    once = PROFILE + (
        '[[events]]\nonce = "file"\ntype = "workspace.created"\nid = "ws"\n'
        'time = "2025-01-01T00:00:00Z"\ndata = { workspace = "W", customer = "A", name = "{id}" }\n'
    )
    rows = "a,x,1\nb,2025-01-10 09:00,1\nc,2025-01-10 10:00,1\n"
    came = convert(tmp_path, HEAD + rows, once)
    assert [e["id"] for e in came.events] == ["b", "ws", "c"]
    assert came.events[1]["data"]["name"] == "b"


def test_a_row_without_a_rule_is_reported_and_one_that_is_skipped_is_counted(tmp_path):
    some = PROFILE.replace("[[events]]", '[[events]]\nwhen = { n = ["1"] }') + (
        '[[skip]]\nwhen = { n = { given = false } }\nbecause = "it is empty"\n'
    )
    rows = "a,2025-01-10 09:00,1\nb,2025-01-10 09:00,2\nc,2025-01-10 09:00,\n"
    came = convert(tmp_path, HEAD + rows, some)
    assert [(code, line) for code, _, line, _ in came.misfits] == [("no-rule", 3)]
    assert came.conversion.left_out == {"it is empty": 1}
    assert (came.conversion.rows, len(came.events)) == (3, 1)


@given(st.lists(st.integers(-5, 5)), st.integers(1, 4))
def test_sorting_in_parts_is_sorting_as_a_whole(times, part):
    events = [(time, b"%d" % number) for number, time in enumerate(times)]
    assert list(by_time(events, part)) == [raw for _, raw in sorted(events, key=lambda e: e[0])]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_profile_are_refused(content):
    with pytest.raises(UsageError, match=r"p\.toml"):
        read_profile(content, "p.toml")
