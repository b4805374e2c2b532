"""Compressed input: gzip, zstd, bzip2 and xz, verified and then decompressed piece by piece."""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from ledger.errors import UsageError
from ledger.messages import Words

HEAD: Final = 16
"""Bytes needed to recognise a compressed file, which may be shorter."""

_PIECE: Final = 2**18
_GZIP_WINDOW: Final = 31
_MEMORY: Final = 2**27
"""Limit of the memory for a window; zstd has the same one by default."""

Pieces = Iterator[bytes]


class CutShort(Exception):
    """The compressed file is truncated; what precedes the end can be read."""


class Corrupt(CutShort):
    """A member of the compressed file is corrupt; none of it is read."""


class _Decompressor(Protocol):
    """The decompressor of one member, as bz2, lzma and zstd have it."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """The same interface for zlib, whose object does not buffer its input."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(_GZIP_WINDOW)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        found = self._inflater.decompress(self._inflater.unconsumed_tail + data, max_length)
        self.needs_input = len(found) < max_length
        return found


class Format(NamedTuple):
    """A compression format."""

    name: str
    magic: tuple[bytes, ...]
    """Its magic numbers."""
    begin: Callable[[], tuple[_Decompressor, type[Exception]]]
    """Returns a decompressor for one member, and the exception that it raises on corrupt data."""


def _gzip() -> tuple[_Decompressor, type[Exception]]:
    return _Gzip(), zlib.error


def _zstd() -> tuple[_Decompressor, type[Exception]]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdDecompressor(), zstd.ZstdError


def _bzip2() -> tuple[_Decompressor, type[Exception]]:
    import bz2

    return bz2.BZ2Decompressor(), OSError


def _xz() -> tuple[_Decompressor, type[Exception]]:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY), lzma.LZMAError


_SKIPPED: Final = tuple(bytes((kind, 0x2A, 0x4D, 0x18)) for kind in range(0x50, 0x60))
"""The magic numbers of skippable frames of zstd."""

_BZIP2: Final = tuple(
    b"BZh%d%b" % (level, block)
    for level in range(1, 10)
    for block in (b"1AY&SY", b"\x17rE8P\x90")  # a block, or the end of an empty file
)

FORMATS: Final = (
    Format("gzip", (b"\x1f\x8b",), _gzip),
    Format("zstd", (b"\x28\xb5\x2f\xfd", *_SKIPPED), _zstd),
    Format("bzip2", _BZIP2, _bzip2),
    Format("xz", (b"\xfd7zXZ\0",), _xz),
)


def format_of(head: bytes) -> Format | None:
    """Return the format of a file that begins so, even if it is truncated within these bytes."""
    for form in FORMATS:
        if head.startswith(form.magic):
            return form
        if 1 < len(head) < HEAD and any(magic.startswith(head) for magic in form.magic):
            return form
    return None


def members(path: str, form: Format, stored: Pieces) -> Pieces:
    """Yield the content of a compressed file, without verifying it first."""
    return _Members(path, form).read(stored)


def decompressed(path: str, form: Format, stored: Callable[[], Pieces]) -> Pieces:
    """Yield the content of a compressed file in bounded pieces; `stored` reads it from the start.

    It is read twice, first to verify every member. Raises CutShort after the last bytes of a
    truncated member, Corrupt after the last member before a corrupt one, and UsageError if it
    cannot be decompressed here.
    """
    first = _Members(path, form)
    wrong: CutShort | None = None
    try:
        for _ in first.read(stored()):
            pass
    except CutShort as found:
        wrong = found
    left = first.whole if isinstance(wrong, Corrupt) else first.size
    for piece in members(path, form, stored()) if left else ():
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            break
    if wrong is not None:
        raise wrong


class _Members:
    """Reads the members of a compressed file."""

    def __init__(self, path: str, form: Format) -> None:
        self._path = path
        self._form = form
        self._number = 0
        self.size = 0
        """Decompressed bytes so far."""
        self.whole = 0
        """Of these, the bytes of complete members."""

    def read(self, stored: Pieces) -> Pieces:
        """Yield the content of all members."""
        rest = b""
        while rest or (rest := next(stored, b"")):
            rest = rest.lstrip(b"\0") if self._number else rest  # padding
            if not rest:
                continue
            self._number += 1
            decompressor, damage = self._begin()
            while not decompressor.eof:
                piece = self._decompress(decompressor, damage, rest)
                self.size += len(piece)
                yield piece
                if decompressor.needs_input and not decompressor.eof:
                    rest = next(stored, b"")
                    if not rest:
                        raise CutShort("the compressed file ends too early")
                else:
                    rest = b""
            rest = decompressor.unused_data
            self.whole = self.size

    def _begin(self) -> tuple[_Decompressor, type[Exception]]:
        try:
            return self._form.begin()
        except ImportError as missing:
            raise UsageError(
                "{path} is compressed by {format}, and this Python has no {module}: decompress it",
                path=self._path,
                format=self._form.name,
                module=missing.name,
            ) from None

    def _decompress(
        self, decompressor: _Decompressor, damage: type[Exception], data: bytes
    ) -> bytes:
        try:
            return decompressor.decompress(data, _PIECE)
        except damage as wrong:
            if "memory" in str(wrong).lower():
                raise UsageError(
                    "{path} needs more than {limit} MiB of memory to be decompressed: compress it "
                    "with a smaller window",
                    path=self._path,
                    limit=_MEMORY // 2**20,
                ) from None
            raise Corrupt(
                Words(
                    "member {number} of the compressed file is damaged ({reason}): nothing of it "
                    "was read, nor of what follows; send an intact copy",
                    reason=wrong,
                    number=self._number,
                )
            ) from None
