"""Rows as they come: every quirk of a file is read, or is a clear line, and the rest goes on."""

import pytest
from tables import PROFILE, convert, packed

from ledger.converting import table as tables
from ledger.errors import UsageError

HEAD = "Id,At,N\n"
GOOD = "a,2025-01-10 09:00,30\n"
LATER = "z,2025-01-11 09:00,15\n"


def ids(came):
    return [event["id"] for event in came.events]


def test_a_row_becomes_an_event_by_the_clocks_of_its_zone(tmp_path):
    came = convert(tmp_path, HEAD + GOOD)
    assert came.misfits == []
    assert came.events == [
        {
            "specversion": "1.0",
            "id": "a",
            "source": "urn:t",
            "type": "case.labour_recorded",
            "time": "2025-01-10T09:00:00+01:00",
            "data": {"case": "C", "minutes": 30},
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + (HEAD + GOOD).encode(),
        (HEAD + GOOD).replace("\n", "\r\n"),
        (HEAD + "\n\n" + GOOD).rstrip("\n"),
        packed(HEAD + GOOD),
        '"Id","At","N"\n"a","2025-01-10 09:00","30"\n',
        "N,Other,At,Id\n30,x,2025-01-10 09:00,a\n",
    ],
    ids=["bom", "crlf", "blank lines, no last end", "gzip", "quotes", "other columns"],
)
def test_the_same_table_written_otherwise_gives_the_same_events(tmp_path, content):
    assert convert(tmp_path, content).events == convert(tmp_path, HEAD + GOOD).events


@pytest.mark.parametrize(
    "row, line, part",
    [
        ("b,2025-01-10 09:00\n", 3, "has 2 values where the header has 3"),
        ("b,2025-01-10 09:00,30,x\n", 3, "has 4 values where the header has 3"),
        ("b\0,2025-01-10 09:00,30\n", 3, "a NUL byte"),
        (b"b\xff,2025-01-10 09:00,30\n", 3, "bytes stand in it that file.encoding does not have"),
        ('"b"x,2025-01-10 09:00,30\n', 3, 'after the " that ends a value comes no delimiter'),
        ("b\rb,2025-01-10 09:00,30\n", 3, "a carriage return"),
        (f'"{"b" * 140_000}",2025-01-10 09:00,30\n', 3, "more than 131,072 characters"),
        (f"{'b' * (tables.ROW_LIMIT + 300_000)},x,30\n", 3, "more than 1,048,576 characters"),
    ],
)
def test_a_line_that_is_no_row_is_reported_and_the_rest_goes_on(tmp_path, row, line, part):
    raw = row if isinstance(row, bytes) else row.encode()
    came = convert(tmp_path, (HEAD + GOOD).encode() + raw + LATER.encode())
    assert ids(came) == ["a", "z"]
    [(code, rows, first, reason)] = came.misfits
    assert (code, rows, first) == ("bad-row", 1, line)
    assert part in reason


def test_lines_are_counted_where_a_value_has_several(tmp_path):
    came = convert(tmp_path, HEAD + '"a\n\nb",2025-01-10 09:00,30\n' + "c,x,30\n")
    assert [(code, line) for code, _, line, _ in came.misfits] == [
        ("not-a-cloudevent", 2),
        ("bad-time", 5),
    ]


def test_a_quote_that_is_never_closed_is_said_with_the_line_where_it_opens(tmp_path):
    came = convert(tmp_path, HEAD + GOOD + '"b,2025-01-10 09:00,30\n' + LATER)
    assert ids(came) == ["a"]
    assert [(code, line) for code, _, line, _ in came.misfits] == [("bad-row", 3)]
    assert "never closed" in came.misfits[0][3]


def test_a_compressed_file_that_ends_early_gives_its_complete_rows(tmp_path):
    whole = packed(HEAD + "".join(f"a{n},2025-01-10 09:00,{n + 1}\n" for n in range(3_000)))
    came = convert(tmp_path, whole[: len(whole) // 2])
    assert 0 < len(came.events) < 3_000
    assert came.misfits == []
    assert "ends too early" in came.table.problem


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "Id,At\n",
        '"Id,At,N\n',
        "Id,At,N".encode("utf-16"),
        b"\x1f\x8b\x08",
        "Id\0,At,N\n",
    ],
)
def test_a_table_without_the_header_that_is_asked_for_is_refused(tmp_path, content):
    with pytest.raises(UsageError):
        convert(tmp_path, content)


def test_other_encodings_are_read_when_they_are_named(tmp_path):
    profile = PROFILE + '[file]\nencoding = "ENC"\n'
    for encoding in ("utf-16", "windows-1252", "iso-8859-15", "cp850", "mac-roman"):
        content = (HEAD + GOOD.replace("a,", "é,", 1)).encode(encoding)
        assert ids(convert(tmp_path, content, profile.replace("ENC", encoding))) == ["é"]


def test_the_header_may_stand_further_down(tmp_path):
    content = "sep=,\nReport of May\n" + HEAD + GOOD
    assert ids(convert(tmp_path, content, PROFILE + "[file]\nheader = 3\n")) == ["a"]


def test_it_stops_after_as_many_errors_as_are_allowed(tmp_path):
    came = convert(tmp_path, HEAD + "b\n" + GOOD + "c\nd\n" + LATER, max_errors=2)
    assert (ids(came), came.conversion.stopped, came.conversion.misfit_rows) == (["a"], True, 2)
