"""Splitting an input into lines, elements of a JSON batch, or pretty-printed events."""

from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from ledger.commands.sources.json_batch import spans
from ledger.commands.sources.pretty_printed import Spread
from ledger.domain.refusals import Refusal
from ledger.errors import UsageError

EVENT_LIMIT: Final = 2**20
"""Bytes that one event may have."""

LINE_LIMIT: Final = 64 * 2**20
"""Bytes of a line that is still kept, whole, in the quarantine; a longer one ends the run."""

BATCH_LIMIT: Final = 256 * 2**20
"""Bytes that a JSON batch may have, for it is read as a whole."""

_BLANKS_LIMIT: Final = 2**20
_BOM: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a file, or one element of a batch, as it was received."""

    file: str
    number: int
    """From 1; in a batch that of the element, of a pretty-printed event that of its first line."""
    raw: bytes
    """Without the end of the line."""
    refused: Refusal | None = None
    """Why it is refused, where that is clear before it is read."""


def lines_of(path: str, pieces: Iterator[bytes], *, growing: bool = False) -> Iterator[Line]:
    """Yield the lines, or the elements if the first non-blank byte begins a batch.

    Of a `growing` input only what is complete: no batch, and no line without its end.
    """
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > _BLANKS_LIMIT or (
            len(head) >= len(_BOM) and head != _BOM and not piece.isspace()
        ):
            break
    head = head.removeprefix(_BOM)
    is_batch = head.lstrip().startswith(b"[")
    pieces = chain((head,), pieces)
    if not is_batch:
        return _split(path, pieces, growing=growing)
    return iter(()) if growing else _elements(path, pieces)


def _split(path: str, pieces: Iterator[bytes], *, growing: bool) -> Iterator[Line]:
    """Yield the lines, which end with LF or CRLF; a pretty-printed event is one."""
    number = 0
    begun: list[bytes] = []
    size = 0
    spread = Spread()
    for piece in pieces:
        first, *others = piece.split(b"\n")
        begun.append(first)
        size += len(first)
        if size + spread.size > LINE_LIMIT:
            raise _too_long(path, spread.number or number + 1)
        if not others:
            continue
        *whole, last = others
        for raw in (b"".join(begun), *whole):
            number += 1
            line = raw.removesuffix(b"\r")
            if line.endswith(b"}") and not spread.number:
                yield Line(path, number, line)
            else:
                for at, text in spread.take(number, raw):
                    yield Line(path, at, text)
        begun, size = [last], len(last)
    if growing:
        return
    for at, text in (*spread.take(number + 1, b"".join(begun)), *spread.end()):
        yield Line(path, at, text)


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
