"""Handing over: prepared lines as bytes, from the process that reads to the one that judges.

Facts go over field by field, for they are judged so. Their lines go along in one piece, which is
opened where anybody asks for a line: most are never asked for.
"""

import pickle
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple, cast, overload

from ledger.commands.ingest.batches import InputProgress, Read
from ledger.commands.ingest.parse import OF_A_FACT, Facts, Prepared, parts_of, prepare
from ledger.commands.sources.lines import Line
from ledger.storage.codec import Codec
from ledger.worker import quickly_pickled

_PROTOCOL: Final = pickle.HIGHEST_PROTOCOL


class Ready(NamedTuple):
    """Prepared lines of one transaction, and how far the input is with them."""

    lines: Sequence[Prepared]
    place: InputProgress


class Lines(Sequence[Line]):
    """Lines in one piece, opened when one of them is asked for."""

    def __init__(self, size: int, packed: bytes) -> None:
        """Take how many there are, and what `pack` made of them."""
        self._size = size
        self._packed = packed
        self._opened: list[Line] | None = None

    def _lines(self) -> list[Line]:
        if self._opened is None:
            files, numbers, raws = pickle.loads(self._packed)  # noqa: S301 - ours
            self._opened = list(map(Line._make, zip(files, numbers, raws, repeat(None))))
        return self._opened

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Line: ...

    @overload
    def __getitem__(self, index: slice) -> list[Line]: ...

    def __getitem__(self, index: int | slice) -> Line | list[Line]:
        return self._lines()[index]


def ready(codec: Codec, read: Read) -> Ready:
    """Return lines prepared, without asking the log."""
    return Ready([prepare(codec, line) for line in read.lines], read.place)


def packed(codec: Codec, read: Read) -> bytes:
    """Return lines prepared, but for terms, and as bytes."""
    lines = read.lines
    parts = [_parts(codec, line) for line in lines]
    if lines and all(each is not None and len(each) == OF_A_FACT for each in parts):
        files, numbers, raws, _ = zip(*lines, strict=True)
        whole = quickly_pickled((files, numbers, raws))
        columns = tuple(zip(*cast("list[tuple[Any, ...]]", parts), strict=True))
        return quickly_pickled((len(lines), whole, columns, read.place))
    return pickle.dumps((None, lines, parts, read.place), _PROTOCOL)


def unpacked(codec: Codec, content: bytes) -> Ready:
    """Return lines prepared, from their bytes; terms are prepared now."""
    size, lines, parts, place = pickle.loads(content)  # noqa: S301 - our own process made it
    if size is not None:
        return Ready(Facts(Lines(size, lines), parts), place)
    prepared = [
        prepare(codec, line) if each is None else Prepared(line, *each)
        for line, each in zip(lines, parts, strict=True)
    ]
    return Ready(prepared, place)


def _parts(codec: Codec, line: Line) -> tuple[Any, ...] | None:
    """Return what a line says (`parts_of`); None of one that is prepared where it is judged."""
    if line.refused is not None:
        return None
    parts = parts_of(codec, line.raw)
    return None if len(parts) > OF_A_FACT else tuple(parts)
