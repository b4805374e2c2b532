"""Rows as they come: every quirk of a file is read, or is a clear line, and the rest goes on."""

import gzip

import pytest
from compressing import WAYS
from tables import PROFILE, convert, packed
from xlsxwriter import Workbook

from ledger.convert import table as tables
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


@pytest.mark.parametrize("compress", WAYS.values(), ids=WAYS)
def test_no_row_of_a_damaged_member_is_converted(tmp_path, compress):
    """Whatever it is compressed by; the rows of the members before it are."""
    rows = "".join(f"b{n},2025-01-10 09:00,{n + 1}\n" for n in range(300)).encode()
    whole = compress((HEAD + GOOD).encode()) + compress(rows)
    assert len(convert(tmp_path, whole).events) == 301
    came = convert(tmp_path, whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    assert (ids(came), came.misfits) == (["a"], [])
    assert "member 2 of the compressed file is damaged" in came.table.problem


def test_a_workbook_is_named_and_not_read(tmp_path):
    with Workbook(str(tmp_path / "book")) as book:
        book.add_worksheet().write(0, 0, "Id")
    with pytest.raises(UsageError, match="format Excel, which is not read: save a sheet as CSV"):
        convert(tmp_path, (tmp_path / "book").read_bytes())


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
    for encoding in (
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "windows-1252",
        "iso-8859-15",
        "cp850",
        "mac-roman",
    ):
        content = (HEAD + GOOD.replace("a,", "é,", 1)).encode(encoding)
        assert ids(convert(tmp_path, content, profile.replace("ENC", encoding))) == ["é"]


def test_the_header_may_stand_further_down(tmp_path):
    content = "sep=,\nReport of May\n" + HEAD + GOOD
    assert ids(convert(tmp_path, content, PROFILE + "[file]\nheader = 3\n")) == ["a"]


def test_it_stops_after_as_many_errors_as_are_allowed(tmp_path):
    came = convert(tmp_path, HEAD + "b\n" + GOOD + "c\nd\n" + LATER, max_errors=2)
    assert (ids(came), came.conversion.stopped, came.conversion.misfit_rows) == (["a"], True, 2)


TIMED = PROFILE.replace("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M")
COUNTED = PROFILE.replace("{ whole = true }", '{ point = ",", thousands = ".", times = "60" }')


@pytest.mark.parametrize(
    "profile, at, number, cell",
    [
        *((COUNTED, "2025-01-10 09:00", n, n) for n in ("1.5", "4.711,98 €", "1,5,0", "x", "--1")),
        (COUNTED.replace('"60"', '"60", decimals = 1'), "2025-01-10 09:00", "1,333", "1,333"),
        (PROFILE, "2025-01-10 09:00", "0.50", "0.50"),
        (TIMED, "30.03.2025 02:30", "1", "30.03.2025 02:30"),
        (TIMED, "26.10.2025 02:30", "1", "26.10.2025 02:30"),
        (TIMED, "01.01.0001 00:00", "1", "01.01.0001 00:00"),
        (TIMED, "2025-01-10", "1", "2025-01-10"),
        (
            PROFILE.replace("decimal = { whole = true }", 'table = { one = "1" }'),
            *("2025-01-10 09:00", "two", "two"),
        ),
        (PROFILE + '[[skip]]\nwhen = { n = { above = "1" } }\nbecause = "b"\n', "x", "1,5", "1,5"),
    ],
)
def test_a_reason_quotes_the_cell_as_it_is_in_the_file(tmp_path, profile, at, number, cell):
    """Not what was made of it on the way: who looks for it in the table has to find it."""
    came = convert(tmp_path, f'{HEAD}a,{at},"{number}"\n', profile)
    [(_code, _rows, _line, reason)] = came.misfits
    assert f"'{cell}'" in reason


def test_a_group_is_named_by_its_cells(tmp_path):
    profile = PROFILE + '[group]\nby = ["id", "n"]\n'
    came = convert(tmp_path, HEAD + GOOD + LATER + GOOD, profile)
    [(_code, _rows, line, reason)] = came.misfits
    assert (line, reason.startswith("the group 'a', '30' was over")) == (4, True)


UNMARKED = {
    "a table in UTF-8": (HEAD + GOOD).encode(),
    "one with the mark of UTF-8": (HEAD + GOOD).encode("utf-8-sig"),
    "one in UTF-16": (HEAD + GOOD).encode("utf-16-le"),
    "the other order": (HEAD + GOOD).encode("utf-16-be"),
}


@pytest.mark.parametrize("packed_as", [bytes, gzip.compress])
@pytest.mark.parametrize("content", UNMARKED.values(), ids=UNMARKED)
def test_what_has_no_mark_of_utf_16_is_refused_in_one_line(tmp_path, content, packed_as):
    """The order of the bytes is said by the mark, or by the profile; it is not guessed."""
    with pytest.raises(UsageError, match=r"t\.csv does not begin with the mark of UTF-16"):
        convert(tmp_path, packed_as(content), PROFILE + '[file]\nencoding = "utf-16"\n')


@pytest.mark.parametrize(
    "name",
    ["utf-32", "rot13", "base64", "zip", "bz2", "idna", "unicode_escape", "mbcs", "UTF8", "x", ""],
)
def test_an_encoding_that_is_not_read_is_refused_with_its_key(tmp_path, name):
    """Codecs of Python that are no encodings of text among them."""
    with pytest.raises(UsageError, match=r"file\.encoding: it should be 'utf-8'"):
        convert(tmp_path, HEAD + GOOD, f'{PROFILE}[file]\nencoding = "{name}"\n')
