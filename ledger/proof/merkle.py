"""The Merkle tree over all events, as RFC 9162 hashes it, and the proofs that are cut out of it.

The leaf of position p has the index p - 1. With a leaf its row of nodes is stored: the hashes of
all subtrees that this leaf completes - its own hash, that of the pair it ends, of the four, and so
on, 32 bytes each. So every complete subtree is stored once, in the row of its last leaf; a row is
never changed; and whatever a proof needs is in a few rows:

    position   1     2       3     4             5
    row        a     b ab    c     d cd abcd     e

A range of leaves is written as `(first, end)`: indexes from 0, the end excluded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Final

from ledger.messages import Words

HASH_BYTES: Final = 32
"""The size of every hash."""

Range = tuple[int, int]


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees that stand side by side."""
    return sha256(b"\x01" + left + right).digest()


def joined(subtrees: Sequence[bytes]) -> bytes:
    """Return the hash of a tree made of ever smaller complete subtrees, from left to right."""
    if not subtrees:
        return sha256(b"").digest()
    *others, top = subtrees
    for left in reversed(others):
        top = node_hash(left, top)
    return top


def peak_positions(size: int) -> list[int]:
    """Return where the complete subtrees end that make up a tree, from left to right."""
    return [position for position, _ in _complete((0, size))]


def peak(row: bytes) -> bytes:
    """Return the largest subtree in a row of nodes: the one that it ends a tree with."""
    return row[-HASH_BYTES:]


def grow(size: int, peaks: Sequence[bytes], leaves: Iterable[bytes]) -> list[bytes]:
    """Return the rows of nodes of new leaves after `size` others.

    `peaks` are the hashes of the subtrees that end at `peak_positions(size)`. It goes up level by
    level: each pair of subtrees makes one of the next level, in the row of the pair's last leaf.
    """
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    rows = level.copy()
    left, first, width = list(peaks), size, 1
    while True:
        if first & 1:  # the first of the level is the right one of a pair that was begun before
            level, first = [left.pop(), *level], first - 1
        pairs = iter(level)
        level = [
            sha256(b"\x01" + one + other).digest()
            for one, other in zip(pairs, pairs)  # noqa: B905 - the last may have no other yet
        ]
        if not level:
            return rows
        first, width = first >> 1, width << 1
        for place, node in enumerate(level, first + 1):
            rows[place * width - 1 - size] += node


class Tree:
    """Cuts hashes and proofs out of the rows of nodes that are stored; each asks for rows once."""

    def __init__(self, read: Callable[[Sequence[int]], Sequence[bytes]]) -> None:
        """Take what returns the rows of nodes at positions, in the order asked."""
        self._read = read

    def root(self, size: int) -> bytes:
        """Return the root of the tree of the first leaves."""
        return self.hashes([(0, size)])[0]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that a leaf is in the tree of a size, from the leaf's side upwards."""
        return self.hashes(inclusion_ranges(index, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the tree of the new size begins with that of the old one."""
        return self.hashes(consistency_ranges(old, new))

    def hashes(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return the hash of each range of leaves; each is one that a tree or a proof has."""
        parts = [list(_complete(wanted)) for wanted in ranges]
        positions = sorted({position for part in parts for position, _ in part})
        rows = dict(zip(positions, self._read(positions), strict=True))
        return [
            joined(
                [
                    rows[position][HASH_BYTES * level : HASH_BYTES * (level + 1)]
                    for position, level in part
                ]
            )
            for part in parts
        ]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove a leaf, the nearest first (RFC 9162, 2.1.3)."""
    if not 0 <= index < size:
        raise ValueError(
            Words("leaf {index} is not in a tree of {size} leaves", index=index, size=size)
        )
    ranges: list[Range] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + left_part(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Return the ranges whose hashes prove that one tree begins with another (RFC 9162, 2.1.4)."""
    if not 0 <= old <= new:
        raise ValueError(
            Words("a tree of {new} leaves does not begin with one of {old}", new=new, old=old)
        )
    ranges: list[Range] = []
    first, end = 0, new
    while first < old < end:
        middle = first + left_part(end - first)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    if first > 0:
        ranges.append((first, end))
    return ranges[::-1]


def left_part(size: int) -> int:
    """Return the largest power of two below a size of two or more."""
    return int(1 << ((size - 1).bit_length() - 1))


def _complete(wanted: Range) -> Iterator[tuple[int, int]]:
    """Yield the position and level of the complete subtrees in a range, from left to right."""
    position, end = wanted
    rest = end - position
    while rest:
        level = rest.bit_length() - 1
        position += 1 << level
        rest -= 1 << level
        yield position, level
