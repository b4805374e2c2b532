"""Where lines come from: files, compressed files, JSON batches and standard input, line by line."""

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ledger.commands.batches import spans
from ledger.commands.compressed import GZIP, CutShort, inflated
from ledger.domain.refusals import Refusal
from ledger.errors import UsageError
from ledger.words import Words

if TYPE_CHECKING:
    from ledger.commands.places import Places

EVENT_LIMIT: Final = 2**20
"""Bytes that one event may have."""

LINE_LIMIT: Final = 64 * 2**20
"""Bytes of a line that is still kept, whole, in the quarantine; a longer one ends the run."""

BATCH_LIMIT: Final = 256 * 2**20
"""Bytes that a JSON batch may have, for it is read as a whole."""

STANDARD_INPUT: Final = "-"

_CHUNK: Final = 2**18
_BLANKS_LIMIT: Final = 2**20
_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a file, or one element of a batch, as it was received."""

    file: str
    number: int
    """Counted from 1; in a batch the number of the element."""
    raw: bytes
    """Without the end of the line."""
    refused: Refusal | None = None
    """Why it is refused, where that is clear before it is read."""


class Stream(Protocol):
    """What bytes are read from: a file or a pipe."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to that many bytes, and none at the end."""


class Source:
    """The lines of some paths, one after the other; `-` is standard input.

    `bytes_read` and `total_bytes` count bytes as they are stored (None: not known beforehand).
    `problem` says in one sentence why the lines ended early, if they did. `waits` is whether they
    may come from where one has to wait for them. With places, what a stopped run had recorded of
    a file is passed over.
    """

    def __init__(
        self,
        paths: Sequence[str],
        standard_input: Stream | None = None,
        places: "Places | None" = None,
    ) -> None:
        """Look at every path before anything is read. Raises UsageError."""
        self._paths = tuple(paths)
        self._places = places
        self.waits = not all(map(_is_file, paths))
        self._standard_input = standard_input
        sizes = [_size(path) for path in self._paths]
        self.total_bytes = sum(size or 0 for size in sizes) if None not in sizes else None
        self.bytes_read = 0
        self._bytes_before = 0
        self.problem: str | None = None

    def __iter__(self) -> Iterator[Line]:
        """Yield every line that is not blank. Raises UsageError where it cannot go on."""
        for path in self._paths:
            self._bytes_before = self.bytes_read
            try:
                yield from self._to_read(path)
            except CutShort as wrong:
                self.problem = Words(
                    "{path}: {wrong}; its complete lines were read: send the whole file again",
                    path=path,
                    wrong=wrong,
                )
                return

    def ends_with(self, file: str) -> bool:
        """Return whether a file, as its lines name it, is the last one."""
        return bool(self._paths) and _named(self._paths[-1]) == file

    def _to_read(self, path: str) -> Iterator[Line]:
        """Return the lines of a path that are still to be read."""
        again = self._paths.count(path) > 1
        if self._places is None or again or not _is_file(path):
            return self._all(path)
        name = _named(os.path.abspath(path))  # noqa: PTH100 - a Path would follow no `..`
        return self._places.following(_named(path), name, lambda: self._all(path))

    def _all(self, path: str) -> Iterator[Line]:
        """Return the lines of a path from its beginning, also where it was read before."""
        self.bytes_read = self._bytes_before
        return _lines(_named(path), self._contents(path))

    def _contents(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a path in pieces, inflated where they are compressed."""
        stored = self._stored(path)
        head, pieces = _peek(stored, len(GZIP))
        return inflated(pieces) if head.startswith(GZIP) else pieces

    def _stored(self, path: str) -> Iterator[bytes]:
        if path == STANDARD_INPUT:
            yield from self._pieces(path, self._standard_input or sys.stdin.buffer)
            return
        try:
            file = Path(path).open("rb", buffering=0)  # noqa: SIM115 - the with below closes it
        except OSError as wrong:
            raise _unreadable(path, wrong) from None
        with file:
            yield from self._pieces(path, file)

    def _pieces(self, path: str, stream: Stream) -> Iterator[bytes]:
        read = getattr(stream, "read1", stream.read)  # what is there, without waiting for more
        try:
            while piece := read(_CHUNK):
                self.bytes_read += len(piece)
                yield piece
        except OSError as wrong:
            raise _unreadable(path, wrong) from None


def _named(path: str) -> str:
    """Return the name of a file as a text that can be kept and shown, whatever its bytes are."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _is_file(path: str) -> bool:
    """Return whether a path is a file that can be read again from its beginning."""
    return path != STANDARD_INPUT and Path(path).is_file()


def _size(path: str) -> int | None:
    """Return the bytes of a file, None where there is no telling. Raises UsageError."""
    if path == STANDARD_INPUT:
        return None
    place = Path(path)
    if place.is_dir():
        raise UsageError("{path} is a directory: name the files in it", path=path)
    if not place.exists():
        raise UsageError("{path} does not exist: check the path", path=path)
    if not os.access(place, os.R_OK):
        raise UsageError("{path} cannot be read: check its permissions", path=path)
    return place.stat().st_size if place.is_file() else None


def _unreadable(path: str, wrong: OSError) -> UsageError:
    return UsageError(
        "{path} cannot be read ({reason}): check the path",
        path=path,
        reason=wrong.strerror or wrong,
    )


def _peek(pieces: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes (that many, if there are) and everything, those bytes included."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= size:
            break
    return head, chain((head,), pieces)


def _lines(path: str, pieces: Iterator[bytes]) -> Iterator[Line]:
    """Yield the lines, or the elements where the first byte that is not blank begins a batch."""
    head, pieces = _peek(pieces, len(_BOM))
    if head.startswith(_BOM):
        next(pieces)
        pieces = chain((head[len(_BOM) :],), pieces)
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        begun.append(piece)
        size += len(piece)
        if piece.lstrip() or size > _BLANKS_LIMIT:
            break
    is_batch = bool(begun) and begun[-1].lstrip()[:1] == b"["
    pieces = chain(begun, pieces)
    return _elements(path, pieces) if is_batch else _split(path, pieces)


def _split(path: str, pieces: Iterator[bytes]) -> Iterator[Line]:
    """Yield what stands between the ends of lines, LF or CRLF."""
    number = 0
    begun: list[bytes] = []
    size = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        size += len(first)
        if size > LINE_LIMIT:
            raise _too_long(path, number + 1)
        if not others:
            continue
        *whole, last = others
        for raw in (b"".join(begun), *whole):
            number += 1
            text = raw.removesuffix(b"\r")
            if text.strip():
                yield Line(path, number, text)
        begun, size = [last], len(last)
    text = b"".join(begun).removesuffix(b"\r")
    if text.strip():
        yield Line(path, number + 1, text)


def _too_long(path: str, number: int) -> UsageError:
    return UsageError(
        "{path}, line {number} is longer than {limit} MiB: is this a file of events, one a line?",
        path=path,
        number=number,
        limit=LINE_LIMIT // 2**20,
    )


def _elements(path: str, pieces: Iterator[bytes]) -> Iterator[Line]:
    """Yield the elements of a batch, or all of it as one line where it is no JSON."""
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size > BATCH_LIMIT:
            raise UsageError(
                "{path} is a batch of more than {limit} MiB: send one event a line",
                path=path,
                limit=BATCH_LIMIT // 2**20,
            )
    raw = b"".join(parts)
    try:
        text = raw.decode("utf-8")
        places = spans(text)
    except ValueError as wrong:
        yield Line(path, 1, raw, Refusal("bad-json", f"the batch is no JSON: {wrong}"))
        return
    for number, (start, end) in enumerate(places, start=1):
        yield Line(path, number, text[start:end].encode("utf-8"))
