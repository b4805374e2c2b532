"""What is no text is named in one line, and none of it goes into the quarantine."""

import io
import json
import lzma
import os
import random
import sqlite3
import tarfile
import zipfile

import duckdb
import pytest
from compressing import WAYS
from sending import FOUNDATION, Desk, opening
from xlsxwriter import Workbook

from ledger.commands.sources.inputs import Source
from ledger.errors import UsageError

LINES = b"\n".join(FOUNDATION) + b"\n"


def zipped(path, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("events.jsonl", LINES)


def tarred(path):
    with tarfile.open(path, "w") as archive:
        entry = tarfile.TarInfo("events.jsonl")
        entry.size = len(LINES)
        archive.addfile(entry, io.BytesIO(LINES))


def in_a_workbook(path):
    with Workbook(str(path)) as book:
        book.add_worksheet().write(0, 0, LINES.decode())


def in_a_database(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE events (line)")
        database.execute("INSERT INTO events VALUES (?)", (LINES.decode(),))
    database.close()


def in_parquet(path):
    duckdb.sql(f"COPY (SELECT 1 AS event) TO '{path}' (FORMAT parquet)")


def holding(content):
    return lambda path: path.write_bytes(content)


def in_noise(path):
    path.write_bytes(random.Random(14).randbytes(100_000))


def in_high_noise(path):
    path.write_bytes(bytes(random.Random(15).choices(range(128, 256), k=100_000)))


def in_an_old_tar(path):
    """Without the magic number, whose bytes are blank in archives of before 1988."""
    tarred(path)
    archive = bytearray(path.read_bytes())
    archive[257:265] = bytes(8)
    archive[148:156] = b" " * 8
    archive[148:156] = b"%06o\0 " % sum(archive[:512])
    path.write_bytes(archive)


KINDS = {
    "zip": (zipped, "zip, which is not read: unpack it"),
    "zip of its bytes": (lambda path: zipped(path, zipfile.ZIP_STORED), "zip, which is not read"),
    "tar": (tarred, "tar, which is not read: unpack it"),
    "7z": (holding(b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(100)), "7z, which is not read: unpack it"),
    "workbook": (in_a_workbook, "Excel, which is not read: save a sheet as CSV"),
    "old workbook": (holding(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99)), "format Excel"),
    "SQLite": (in_a_database, "format SQLite"),
    "Parquet": (in_parquet, "format Parquet"),
    "PDF": (holding(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "format PDF"),
    "lz4": (holding(b"\x04\x22\x4d\x18" + bytes(99)), "lz4, which is not read: decompress it"),
    "lzma": (holding(lzma.compress(LINES, lzma.FORMAT_ALONE)), "format lzma"),
    "UTF-16": (holding(LINES.decode().encode("utf-16")), "UTF-16, which is not read: write it in"),
    "UTF-16 without a mark": (holding(LINES.decode().encode("utf-16-be")), "format UTF-16"),
    "UTF-32": (holding(LINES.decode().encode("utf-32")), "format UTF-32"),
    "PNG": (holding(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(99)), "is not text: send events"),
    "noise": (in_noise, "is not text: send events"),
    "high noise": (in_high_noise, "is not text: send events"),
    "PDF behind a blank line": (holding(b"\n%PDF-1.4\n1 0 obj\n"), "format PDF"),
    "old tar": (in_an_old_tar, "tar, which is not read: unpack it"),
    "zeros": (holding(bytes(2_000)), "is not text: send events"),
    "a program": (holding(b"\x7fELF\x02\x01\x01" + bytes(99)), "not text"),
}


@pytest.mark.parametrize("make, said", KINDS.values(), ids=KINDS)
def test_what_is_no_text_is_named_and_leaves_nothing_in_the_quarantine(tmp_path, make, said):
    """As a file it is refused before anything is read; by a pipe and compressed as well."""
    path, right = tmp_path / "sent", tmp_path / "right"
    make(path)
    right.write_bytes(LINES)
    desk = Desk()
    with pytest.raises(UsageError, match=said):
        desk.ledger.ingest([str(right), str(path)])
    assert desk.rows() == desk.held() == []
    content = path.read_bytes()
    for name, compress in WAYS.items():
        path.write_bytes(compress(content))
        with pytest.raises(UsageError, match=said):
            desk.ledger.ingest([str(path)])
        with pytest.raises(UsageError, match=said):
            list(Source(["-"], io.BytesIO(path.read_bytes())))
        path.write_bytes(compress(compress(content)))
        with pytest.raises(UsageError, match=f"format {name}, which is not read: it is compressed"):
            desk.ledger.ingest([str(path)])
    assert desk.rows() == desk.held() == []


@pytest.mark.parametrize("wrong", [b"\x00\x01\x02", b"\xff\xfe\xfd", bytes(5_000), b"\x1b[1m"])
def test_a_line_that_is_no_text_waits_alone(tmp_path, wrong):
    """Wherever it stands in a text: the others are recorded."""
    for place in (0, 2, 4):
        lines = [*FOUNDATION[:place], wrong, *FOUNDATION[place:]]
        path = tmp_path / "f"
        path.write_bytes(b"\r\n".join(lines))
        desk = Desk()
        receipt = desk.ledger.ingest([str(path)])
        assert (receipt.appended, receipt.refused) == (4, 1)
        assert [held.raw for held in desk.held()] == [wrong]


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"caf\xe9\n",
        b"\xff",
        "\u4e2d".encode() * 30_000,
        b"1\n2\n",
        b'{"a":"\0"}',
        b'[{"a":"\0"}]',
        b"{}",
    ],
)
def test_what_is_text_waits_line_by_line_as_ever(content):
    """Also in another encoding, and where the only event is spoilt."""
    assert len(list(Source(["-"], io.BytesIO(content)))) == content.count(b"\n") or 1


def test_an_event_that_comes_slowly_is_read_when_it_has_come():
    """Nothing more is awaited to know that it is text."""
    sent, received = os.pipe()
    event = opening("C") + b"\n"
    os.write(received, event)
    with os.fdopen(sent, "rb") as stream:
        line = next(iter(Source(["-"], stream)))
        os.close(received)
    assert json.loads(line.raw) == json.loads(event)
