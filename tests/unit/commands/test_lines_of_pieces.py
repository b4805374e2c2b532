"""Lines of pieces of bytes: wherever they are cut, to the byte of each limit."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands.ingest.limits import ErrorLimit
from ledger.commands.sources import lines
from ledger.errors import UsageError

BOM = b"\xef\xbb\xbf"
CONTENTS = (
    b"", b"\n", b"{}\n{}\n", b"{}\r\n{}", b"{}\n\n{}\n", BOM + b"{}\n", BOM, b" \n {}\n",
    b"[1, 2]", BOM + b" \n [{}, {}]\n", b"[1", b"{\n}\n{}\n", b"x\n{}\r\n", b"\r\n{}\r", b"[]",
    b"{} {}\n", b"  ",
)  # fmt: skip


def read(pieces, **options):
    return [(line.number, line.raw, line.refused and line.refused.code)
            for line in lines.lines_of("f", iter(pieces), **options)]  # fmt: skip


@given(content=st.sampled_from(CONTENTS), cuts=st.lists(st.integers(0, 12), max_size=5))
def test_where_the_pieces_are_cut_changes_no_line(content, cuts):
    bounds = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    pieces = [content[a:b] for a, b in pairwise(bounds)]
    assert read(pieces) == read([content])
    assert read(pieces, growing=True) == read([content], growing=True)


@pytest.mark.parametrize(
    "content,found",
    [
        (b"{}\n{}", [(1, b"{}", None), (2, b"{}", None)]),
        (b"{}\r\n{}\r\n", [(1, b"{}", None), (2, b"{}", None)]),
        (BOM + b"{}", [(1, b"{}", None)]),
        (b"[1, 2]", [(1, b"1", None), (2, b"2", None)]),
        (BOM + b"\n [ {} ]", [(1, b"{}", None)]),
        (b"[1", [(1, b"[1", "bad-json")]),
        (b"", []),
    ],
)
def test_lines_and_elements_are_counted_from_one(content, found):
    assert [line for line in read([content]) if line[1]] == found


def test_of_what_grows_only_what_is_complete_is_read():
    """No line without its end, no element of a batch."""
    assert read([b"{}\n{}"], growing=True) == [(1, b"{}", None)]
    assert read([b"[1, 2]"], growing=True) == []


@pytest.mark.parametrize("more,right", [(0, True), (1, False)])
def test_a_line_has_a_limit(monkeypatch, more, right):
    """To the byte, without its end; and so has a batch, with all that it holds."""
    monkeypatch.setattr(lines, "LINE_LIMIT", 10)
    monkeypatch.setattr(lines, "BATCH_LIMIT", 10)
    line = b'{"a":' + b"1" * (4 + more) + b"}"
    batch = b"[" + b"1" * (8 + more) + b"]"
    for content in (line, batch):
        pieces = [content[:3], content[3:]]
        if right:
            assert len(read(pieces)) == 1
        else:
            with pytest.raises(UsageError, match=r"line 1 is longer|a batch of more"):
                read(pieces)


@pytest.mark.parametrize("most,errors,reached", [
    (None, 10**9, False), (1, 0, False), (1, 1, True), (3, 2, False), (3, 3, True), (0, 0, True),
])  # fmt: skip
def test_a_run_ends_at_the_very_error_that_is_too_many(most, errors, reached):
    limit = ErrorLimit(most)
    limit.errors = errors
    assert limit.is_reached() == reached
