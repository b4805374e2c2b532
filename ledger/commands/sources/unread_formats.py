"""Formats that are not read: recognised by their first bytes, and refused with what to do."""

import re
from codecs import getincrementaldecoder
from typing import Final, NamedTuple

from ledger.commands.sources.compressed import format_of
from ledger.errors import UsageError
from ledger.messages import Words

FIRST: Final = 2**16
"""Bytes to inspect before deciding; fewer suffice once an event is among them."""

_UNPACK: Final = Words("unpack it, and name the files in it")
_DECOMPRESS: Final = Words("decompress it, or compress it by gzip, zstd, bzip2 or xz")
_ONCE: Final = Words("it is compressed twice, decompress it once")
_SHEET: Final = Words("save a sheet as CSV, and make events of it by `cpod convert`")
_EVENTS: Final = Words("send events, one JSON object a line, in UTF-8")
_UTF_8: Final = Words("write it in UTF-8")


class _Kind(NamedTuple):
    """A format that is not read."""

    name: str
    advice: Words
    marks: tuple[bytes, ...]
    """Its magic numbers."""
    place: int = 0
    """Their offset."""


_KINDS: Final = (
    _Kind("zip", _UNPACK, (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")),
    _Kind("7z", _UNPACK, (b"7z\xbc\xaf\x27\x1c",)),
    _Kind("rar", _UNPACK, (b"Rar!\x1a\x07",)),
    _Kind("tar", _UNPACK, (b"ustar\0", b"ustar "), 257),
    _Kind("cpio", _UNPACK, (b"070701", b"070702", b"070707", b"\xc7\x71")),
    _Kind("lz4", _DECOMPRESS, (b"\x04\x22\x4d\x18",)),
    _Kind("lzip", _DECOMPRESS, (b"LZIP\x01",)),
    _Kind("lzma", _DECOMPRESS, (b"\x5d\0\0",)),
    _Kind("lzop", _DECOMPRESS, (b"\x89LZO\0",)),
    _Kind("compress", _DECOMPRESS, (b"\x1f\x9d",)),
    _Kind("snappy", _DECOMPRESS, (b"\xff\x06\0\0sNaPpY",)),
    _Kind("Excel", _SHEET, (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    _Kind("Parquet", _EVENTS, (b"PAR1", b"PARE")),
    _Kind("Arrow", _EVENTS, (b"ARROW1\0",)),
    _Kind("Avro", _EVENTS, (b"Obj\x01",)),
    _Kind("ORC", _EVENTS, (b"ORC\x08", b"ORC\x0a")),
    _Kind("SQLite", _EVENTS, (b"SQLite format 3\0",)),
    _Kind("PDF", _EVENTS, (b"%PDF-",)),
)
_OFFICE: Final = re.compile(rb"\[Content_Types\]\.xml|docProps/|_rels/|xl/|opendocument")
"""Found near the start of a zip archive that is a workbook."""

_UTF_32: Final = re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|\0\0\0[\t-~]|[\t-~]\0\0\0")
_UTF_16: Final = re.compile(rb"\xff\xfe|\xfe\xff|(?:\0[\t-~]){2}|(?:[\t-~]\0){2}")

_CHECKSUM: Final = re.compile(rb" *([0-7]+)[ \0]+")
"""Of the header of a tar archive, also of an old one that has no magic number."""
_CHECKSUM_AT: Final = slice(148, 156)
_HEADER: Final = 512

_FEW: Final = 16
"""So many bytes that are not ASCII may be one torn line, or some letters of another encoding."""

_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_BEGINNING: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
_EVENT: Final = re.compile(rb'^[ \t]*\{[ \t]*"[^\x00-\x1f\x7f]{6}', re.MULTILINE)
"""The start of a line that is an event; random bytes do not contain one."""


def has_json(head: bytes) -> bool:
    """Return whether the first bytes start like JSON, or one of their lines like an event."""
    return _BEGINNING.match(head) is not None or _EVENT.search(head) is not None


def refuse_format(path: str, head: bytes, *, inside: bool = False) -> None:
    """Raise UsageError if the first bytes are of a format that is not read.

    `inside` says that they have been decompressed.
    """
    twice = format_of(head) if inside else None
    if twice is not None:
        raise _not_read(path, twice.name, _ONCE)
    for kind in _KINDS:
        if head.startswith(kind.marks, kind.place) or (
            not kind.place and head.lstrip().startswith(kind.marks)
        ):
            is_office = kind.name == "zip" and _OFFICE.search(head) is not None
            name, advice = ("Excel", _SHEET) if is_office else (kind.name, kind.advice)
            raise _not_read(path, name, advice)
    if _is_old_tar(head):
        raise _not_read(path, "tar", _UNPACK)


def refuse_no_text(path: str, head: bytes, *, inside: bool = False) -> None:
    """Raise UsageError if the first bytes are not those of a text.

    A binary line among events does not count: each line then has its own verdict.
    """
    refuse_format(path, head, inside=inside)
    if has_json(head) or (_NO_TEXT.search(head) is None and not _is_noise(head)):
        return
    for name, marks in (("UTF-32", _UTF_32), ("UTF-16", _UTF_16)):
        if b"\0" in head and marks.match(head):
            raise _not_read(path, name, _UTF_8)
    raise UsageError("{path} is not text: {advice}", path=path, advice=_EVENTS)


def _is_old_tar(head: bytes) -> bool:
    """Return whether the sum of a header is right, its own field counting as blanks."""
    header = bytearray(head[:_HEADER])
    found = _CHECKSUM.fullmatch(header[_CHECKSUM_AT])
    header[_CHECKSUM_AT] = b" " * 8
    return found is not None and int(found[1], 8) == sum(header)


def _is_noise(head: bytes) -> bool:
    """Return whether bytes that are not UTF-8 are mostly not ASCII either."""
    high = sum(byte > 0x7F for byte in head)  # noqa: PLR2004 - the last of ASCII
    if high < max(_FEW, len(head) / 2):
        return False
    try:
        getincrementaldecoder("utf-8")().decode(head)  # its last character may be cut
    except UnicodeDecodeError:
        return True
    return False


def _not_read(path: str, name: str, advice: Words) -> UsageError:
    return UsageError(
        "{path} is in the format {format}, which is not read: {advice}",
        path=path,
        format=name,
        advice=advice,
    )
