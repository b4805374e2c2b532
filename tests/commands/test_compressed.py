"""Compressed input: whatever way it is compressed, no line of a damaged member is ever read."""

import bz2
import gzip
import io
import lzma
import random
import tempfile

import pytest
from compressing import WAYS, zstd
from hypothesis import given
from hypothesis import strategies as st

from ledger.commands.sources import compressed
from ledger.commands.sources.compressed import decompressed, format_of
from ledger.commands.sources.inputs import Source
from ledger.errors import NoSpool, UsageError

TEXT = b"".join(b'{"number":%d,"of":%d}\n' % (number, number**5) for number in range(8_000))
FIRST, SECOND = b'{"a":1}\n{"a":2}\n{"a', b'":3}\n{"a":4}\n'

every_way = pytest.mark.parametrize("compress", WAYS.values(), ids=WAYS)


@pytest.fixture(params=["file", "pipe"])
def read(request, tmp_path):
    """Returns what reads bytes from a file, or from standard input: the lines, and the problem."""

    def lines(content):
        path = "-"
        if request.param == "file":
            path = str(tmp_path / "odd-name")
            (tmp_path / "odd-name").write_bytes(content)
        source = Source([path], io.BytesIO(content))
        return [line.raw for line in source], source.problem

    return lines


def broken(content, place):
    return content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]


@every_way
def test_a_file_is_known_by_its_first_bytes_and_may_have_several_members(compress, read):
    """A line may begin in one member and end in the next; zeros at the end are filling."""
    content = compress(FIRST) + compress(b"") + compress(SECOND)
    assert read(content + b"\0" * 512) == ([b'{"a":%d}' % n for n in range(1, 5)], None)
    assert read(compress(b"")) == ([], None)


@every_way
def test_of_a_truncated_file_the_complete_lines_are_read(compress, read):
    """Wherever it is cut off: what can be decompressed counts, but for a line cut in two."""
    content = compress(TEXT)
    seen = set()
    for lost in (1, 5, 8, 13, 1000, len(content) // 2, len(content) - 2):
        lines, problem = read(content[:-lost])
        assert lines == TEXT.splitlines()[: len(lines)]
        assert "the compressed file ends too early; its complete lines were read" in problem
        seen.add(len(lines))
    assert min(seen) == 0
    assert max(seen) > 5_000


@every_way
def test_nothing_of_a_damaged_member_is_read(compress, read):
    """Wherever a bit is wrong: in the data, its checksum or its length."""
    whole = TEXT.splitlines()[:3_000]
    content = compress(b"\n".join(whole))
    chance = random.Random(14)
    places = [*range(-16, 0), *(chance.randrange(40, len(content) - 16) for _ in range(20))]
    for place in places:
        lines, problem = read(broken(content, place % len(content)))
        if problem is None:  # a bit that means nothing, such as a filler's
            assert lines == whole
        elif "ends too early" in problem:  # so says what is left of it
            assert lines == whole[: len(lines)] or compress is gzip.compress
        else:
            assert (lines, "member 1 of the" in problem) == ([], True)


def test_one_wrong_digit_that_the_checksum_tells_is_never_a_line(read):
    """The literal of a stored block is wrong, and nothing else: only the checksum can tell."""
    for level in (0, 9):
        content = bytearray(gzip.compress(TEXT, level))
        content[-8] ^= 1
        assert read(bytes(content))[0] == []
        content[-8] ^= 1
        content[-4] ^= 1
        assert read(bytes(content))[0] == []
    stored = gzip.compress(TEXT, 0).replace(b'"number":10,', b'"number":19,')
    assert read(stored)[0] == []


@every_way
def test_members_before_a_damaged_one_count(compress, read):
    """Their complete lines: the one that goes over into the damaged member is not."""
    content = compress(FIRST) + broken(compress(TEXT), -6)
    lines, problem = read(content + compress(SECOND))
    assert lines == [b'{"a":1}', b'{"a":2}']
    assert "member 2 of the" in problem
    lines, problem = read(compress(FIRST) + b"no member of anything")
    assert (lines, "member 2 of the" in problem) == ([b'{"a":1}', b'{"a":2}'], True)


def test_noise_behind_the_first_bytes_is_damage(read):
    for head in (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh91AY&SY", b"\xfd7zXZ\0"):
        lines, problem = read(head + b"\xff" * 100)
        assert lines == []
        assert "of the compressed file is damaged" in problem


def test_checks_that_a_sender_left_out_are_not_asked_for(read):
    """zstd without a checksum, xz without a check, several streams and blocks of each."""
    frames = zstd.compress(FIRST) + b"\x5a\x2a\x4d\x18\x03\0\0\0abc" + zstd.compress(SECOND)
    expected = [b'{"a":%d}' % n for n in range(1, 5)], None
    assert read(frames) == expected
    assert read(b"\x50\x2a\x4d\x18\0\0\0\0" + frames) == expected
    assert read(lzma.compress(FIRST + SECOND, check=lzma.CHECK_NONE)) == expected
    assert read(bz2.compress(FIRST, 1) + bz2.compress(SECOND, 9)) == expected


def test_what_needs_too_much_memory_is_refused(read, monkeypatch):
    """Whatever window a file asks for, it is not reserved."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 28})
    with pytest.raises(UsageError, match="more than 128 MiB of memory"):
        read(packer.compress(FIRST) + packer.flush())
    monkeypatch.setattr(compressed, "_MEMORY", 2**22)
    with pytest.raises(UsageError, match="more than 4 MiB of memory"):
        read(lzma.compress(FIRST))


@every_way
def test_a_bomb_is_decompressed_piece_by_piece(compress):
    """A few bytes that become very many are never in memory at once."""
    bomb = compress(b"\n" * 2**25)
    pieces = [len(piece) for piece in decompressed("f", format_of(bomb), lambda: iter([bomb]))]
    assert max(pieces) <= 2**18
    assert sum(pieces) == 2**25


@given(st.lists(st.integers(1, 40), max_size=40), st.sampled_from(sorted(WAYS)))
def test_pieces_of_any_size_give_the_same(sizes, name):
    content = WAYS[name](FIRST) + WAYS[name](SECOND) + b"\0\0"

    def stored():
        rest = content
        for size in sizes:
            yield rest[:size]
            rest = rest[size:]
        yield rest

    assert b"".join(decompressed("f", format_of(content), lambda: filter(None, stored()))) == (
        FIRST + SECOND
    )


def test_a_disk_without_room_for_the_spool_is_said(monkeypatch):
    """Nothing is read then; a file needs none."""

    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.commands.sources.contents.TemporaryFile", Full)
    with pytest.raises(NoSpool, match="No space left on device"):
        list(Source(["-"], io.BytesIO(gzip.compress(TEXT))))
    assert len(list(Source(["-"], io.BytesIO(TEXT)))) == 8_000


def test_the_spool_leaves_no_file_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lines = iter(Source(["-"], io.BytesIO(gzip.compress(TEXT))))
    assert next(lines).number == 1
    assert list(tmp_path.iterdir()) == []


def test_a_python_without_a_module_says_which(monkeypatch, read):
    def missing():
        raise ModuleNotFoundError("No module named '_bz2'", name="_bz2")

    broken_format = compressed.FORMATS[2]._replace(begin=missing)
    monkeypatch.setattr(compressed, "FORMATS", (broken_format,))
    with pytest.raises(UsageError, match="compressed by bzip2, and this Python has no _bz2"):
        read(bz2.compress(FIRST))


def test_a_file_that_changes_while_it_is_read_twice_gives_no_more_than_was_verified(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(FIRST))
    lines = iter(Source([str(path)]))
    with path.open("ab") as file:
        file.write(gzip.compress(SECOND))
    assert len(list(lines)) == 4
