"""Compressed input: gzip, read piece by piece, so that what came before a break is not lost."""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

GZIP: Final = b"\x1f\x8b"
"""What every gzip file begins with."""

_PIECE: Final = 2**18
_GZIP_WINDOW: Final = 31


class CutShort(Exception):
    """The compressed file ends too early, or is damaged: one sentence."""


def inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what the pieces of a gzip file (of one or more members) hold, in bounded pieces.

    Raises CutShort after the last bytes that could be read.
    """
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if inflater.eof:
                    rest = rest.lstrip(b"\0")  # padding between members
                    if not rest:
                        break
                    inflater = zlib.decompressobj(_GZIP_WINDOW)
                yield inflater.decompress(rest, _PIECE)
                rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise CutShort("the compressed file is damaged") from None
    if not inflater.eof:
        raise CutShort("the compressed file ends too early")
