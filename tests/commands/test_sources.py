"""Sources: whatever way lines come, each has its file, its number and its own bytes."""

import gzip
import io
import os
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands.sources import lines
from ledger.commands.sources.inputs import Source
from ledger.commands.sources.lines import Line
from ledger.errors import UsageError


@pytest.fixture
def put(tmp_path):
    """Returns what puts bytes into a file and gives its path."""

    def write(content, name="f.jsonl"):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


class Dribble:
    """A pipe that gives one byte at a time."""

    def __init__(self, content):
        self._rest = io.BytesIO(content)

    def read(self, size):
        return self._rest.read(min(size, 1))


def read(content):
    """Return (number, raw) of the lines of standard input."""
    return [(line.number, line.raw) for line in Source(["-"], io.BytesIO(content))]


def test_lines_are_numbered_as_in_the_file_and_blank_ones_are_not_read():
    """Blank lines count in the numbers, so that an editor finds the line."""
    assert read(b"a\n\n  \nb\n") == [(1, b"a"), (4, b"b")]


def test_the_last_line_needs_no_end():
    """What stands after the last end of line is a line."""
    assert read(b"a\nb") == [(1, b"a"), (2, b"b")]
    assert read(b"") == []
    assert read(b"\n\n") == []


def test_a_bom_and_crlf_are_no_part_of_a_line():
    """Files from Windows are tolerated; other blanks stay as they were received."""
    assert read(b"\xef\xbb\xbfa\r\n b \r\nc\r") == [(1, b"a"), (2, b" b "), (3, b"c")]
    assert read(b"\xef\xbb\xbf[1]") == [(1, b"1")]


def test_several_paths_are_read_one_after_the_other(put):
    """Each line says which file it comes from, and numbers start again."""
    one, two = put(b"a\n", "one"), put(b"b\nc", "two")
    source = Source([one, "-", two], io.BytesIO(b"x"))
    assert list(source) == [
        Line(one, 1, b"a"),
        Line("-", 1, b"x"),
        Line(two, 1, b"b"),
        Line(two, 2, b"c"),
    ]
    assert source.total_bytes is None
    assert source.bytes_read == 6


def test_what_is_read_is_counted_as_it_is_stored(put):
    content = gzip.compress(b"a\nb") + gzip.compress(b"c\nd") + b"\0" * 10
    source = Source([put(b"x\n"), put(content, "odd-name")])
    assert [line.raw for line in source] == [b"x", b"a", b"bc", b"d"]
    assert source.total_bytes == source.bytes_read == len(content) + 2


def test_what_comes_behind_a_file_that_is_cut_short_is_not_read(put):
    source = Source([put(gzip.compress(b"a\nb\n")[:-4]), put(b"never read", "next")])
    assert [line.raw for line in source] == [b"a", b"b"]
    assert "send the whole file again" in source.problem


def test_elements_of_a_batch_keep_their_bytes():
    """An array is a batch: each element is a line, numbered from one, as it was written."""
    assert read(b' \n[ {"a": 1.50} ,\n"x", [1, {"b":"]"}],null\n] \n') == [
        (1, b'{"a": 1.50}'),
        (2, b'"x"'),
        (3, b'[1, {"b":"]"}]'),
        (4, b"null"),
    ]
    assert read(b"[]") == read(b"[ \n ]") == []


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[1] 2",
        b"[1]]",
        b"[1}",
        b"[{]",
        b'["a]',
        b"[NaN]",
        b"[-Infinity]",
        b"[\xff]",
        b"[01]",
        b"['a']",
        b'[{"a":1}\n{"a":2}]',
        b"[" * 100_000,
    ],
)
def test_a_batch_that_is_no_json_is_one_line(content):
    """It is refused as a whole, and kept as it came."""
    found = list(Source(["-"], io.BytesIO(content)))
    assert [(line.number, line.raw) for line in found] == [(1, content)]
    assert found[0].refused.code == "bad-json"
    assert found[0].refused.reason.startswith("the batch is no JSON: ")


def test_an_odd_element_does_not_spoil_its_batch():
    """What is JSON by its grammar is an element, whatever its own verdict will be."""
    deep = b"[" * 50_000 + b'"]"' + b"]" * 50_000
    huge = b"1" * 10_000
    twice = b'{"a":1,"a":2}'
    surrogate = b'"\\ud800"'
    content = b"[" + b",".join([deep, huge, twice, surrogate, b"1e400"]) + b"]"
    assert [raw for _, raw in read(content)] == [deep, huge, twice, surrogate, b"1e400"]


def test_a_long_line_is_kept_whole():
    """A line above the limit of an event is still one line, with all its bytes."""
    long = b"x" * (3 * 2**20)
    assert read(b"a\n" + long + b"\nb") == [(1, b"a"), (2, long), (3, b"b")]


def test_a_line_without_end_stops_the_run(monkeypatch):
    """A file of one endless line is not read into memory: the run ends with a clear word."""
    monkeypatch.setattr(lines, "LINE_LIMIT", 2**20)
    found = iter(Source(["-"], io.BytesIO(b"a\n" + b"x" * 2**22)))
    assert next(found).raw == b"a"
    with pytest.raises(UsageError, match="line 2 is longer than 1 MiB"):
        next(found)


def test_a_batch_has_a_limit(monkeypatch):
    """A batch is read as a whole, so a very large one is sent line by line instead."""
    monkeypatch.setattr(lines, "BATCH_LIMIT", 2**20)
    with pytest.raises(UsageError, match="one event a line"):
        list(Source(["-"], io.BytesIO(b"[" + b" " * 2**21)))


def test_what_cannot_be_read_is_said_before_anything_is(put, tmp_path):
    """A missing path and a directory are wrong usage, also behind a path that is right."""
    right = put(b"a")
    for wrong in (str(tmp_path / "none.jsonl"), str(tmp_path)):
        with pytest.raises(UsageError, match=wrong):
            Source([right, wrong])


def test_a_pipe_by_its_path_is_read(tmp_path):
    """A named pipe has no size, and is opened once."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=path.write_bytes, args=[b"a\nb\n"])
    writer.start()
    source = Source([str(path)])
    assert source.total_bytes is None
    assert [line.raw for line in source] == [b"a", b"b"]
    writer.join()


@given(st.lists(st.binary(max_size=5).filter(lambda raw: b"\n" not in raw), max_size=8))
def test_any_pieces_give_the_same_lines(raws):
    """However the bytes arrive, the lines are the same, and nothing but blanks is lost."""
    content = b'{"any": 1}\n' + b"\n".join(raws)
    at_once = read(content)
    dribbled = [(line.number, line.raw) for line in Source(["-"], Dribble(content))]
    assert dribbled == at_once
    found = b"".join(raw for _, raw in at_once)
    assert b"".join(found.split()) == b"".join(content.split())
