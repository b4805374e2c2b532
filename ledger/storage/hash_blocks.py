"""Pieces: how the rows of nodes of the Merkle tree are stored, those of many events in one.

The row of a position has one hash more than its number, in binary, has zeros at the end. So it can
be computed where a row lies in a piece, and a piece is only the rows of consecutive positions, one
behind the other, in the table at the position of the first. An event that is appended by itself
makes a piece by itself.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from ledger.proof.merkle import HASH_BYTES

_MOST: Final = 256
"""Rows of one piece: reading one of them reads about half of the piece."""

Ask = Callable[[str, Sequence[Any]], Sequence[Sequence[Any]]]
"""Returns the rows of a statement, in which `?` stands for a value."""

_AT_ONCE: Final = 100
"""Rows that one statement looks for: those that a root is made of are fewer."""

_COVERING: Final = "SELECT position, length(hashes) FROM nodes WHERE position IN ({})"
_LAST: Final = "(SELECT max(position) FROM nodes WHERE position <= ?)"
_PART: Final = "SELECT position, substr(hashes, ?, ?) FROM nodes WHERE position = ?"
_BETWEEN: Final = (
    "SELECT position, hashes FROM nodes WHERE position >= ? AND position <= ? ORDER BY position"
)
_NEXT: Final = "SELECT min(position) FROM nodes WHERE position > ?"


def in_pieces(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield the pieces that rows of nodes are stored in, each at the position of its first."""
    for _, run in groupby(enumerate(rows), key=lambda each: each[1][0] - each[0]):
        found = [row for _, row in run]
        for first in range(0, len(found), _MOST):
            some = found[first : first + _MOST]
            yield some[0][0], b"".join([hashes for _, hashes in some])


def rows_at(positions: Iterable[int], ask: Ask) -> dict[int, bytes]:
    """Return the rows of nodes at positions; those that are not there are absent."""
    wanted = sorted({position for position in positions if position > 0})
    found: dict[int, bytes] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        found |= _some_rows(wanted[first : first + _AT_ONCE], ask)
    return found


def _some_rows(wanted: Sequence[int], ask: Ask) -> dict[int, bytes]:
    """Return the rows of nodes at rising positions, asked for with two statements."""
    inside: dict[int, Sequence[int]] = {}
    for first, end in _covering(wanted, ask):
        some = wanted[bisect_left(wanted, first) : bisect_left(wanted, end)]
        if some:
            inside[first] = some
    if not inside:
        return {}
    values: list[int] = []
    for first, some in inside.items():
        values += (_offset(first, some[0]) + 1, _offset(some[0], some[-1] + 1), first)
    found: dict[int, bytes] = {}
    for first, part in ask(" UNION ALL ".join([_PART] * len(inside)), values):
        if isinstance(part, bytes):  # else it is damaged
            for position in inside[first]:
                at = _offset(inside[first][0], position)
                found[position] = part[at : at + _offset(position, position + 1)]
    return found


def rows_between(after: int, until: int, ask: Ask) -> list[tuple[int, bytes]]:
    """Return the rows of nodes with after < position <= until, by position.

    Of a damaged piece there is what can be told apart. A row that stands in two pieces is there
    twice, and one that stands beyond the beginning of the next piece is there, wherever that is.
    """
    covering = _covering([after + 1], ask)
    pieces = ask(_BETWEEN, (covering[0][0] if covering else after + 1, until))
    following = [position for position, _ in pieces[1:]] + [ask(_NEXT, (until,))[0][0]]
    return [
        (position, row)
        for (begin, piece), limit in zip(pieces, following, strict=False)
        for position, row in _rows_in(begin, piece)
        if after < position <= until or (limit is not None and position >= limit)
    ]


def _covering(positions: Sequence[int], ask: Ask) -> list[tuple[int, int]]:
    """Return where the pieces begin that positions would be in, and where their rows end."""
    found = ask(_COVERING.format(", ".join([_LAST] * len(positions))), positions)
    return [(first, _end(first, size)) for first, size in found]


def _end(first: int, size: object) -> int:
    """Return where the rows end of a piece of so many bytes."""
    if first < 1 or not isinstance(size, int):
        return first
    count = size // HASH_BYTES
    ends = range(first, first + count + 1)
    inside = bisect_right(ends, count * HASH_BYTES, key=lambda end: _offset(first, end))
    return ends[inside - 1]


def _rows_in(first: int, piece: object) -> Iterator[tuple[int, bytes]]:
    """Yield the rows of a piece; what is left of it at its end is a row, too."""
    content = piece if isinstance(piece, bytes) else b""
    if first < 1 or not content:
        yield first, content
        return
    start = 0
    while start < len(content):
        end = start + _offset(first, first + 1)
        yield first, content[start:end]
        first, start = first + 1, end


def _offset(first: int, position: int) -> int:
    """Return how many bytes the rows from one position to before another one have."""
    return HASH_BYTES * (_hashes_before(position) - _hashes_before(first))


def _hashes_before(position: int) -> int:
    """Return how many subtrees are complete in the tree that ends before a position."""
    size = position - 1
    return 2 * size - size.bit_count()
