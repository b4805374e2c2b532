"""Several leaves under one checkpoint, proved at once: every hash that they share stands once.

The tree is walked as RFC 9162 splits it, from the root downwards and from left to right:

    a subtree without a leaf of ours    is one hash of the proof, the next one
    a single leaf of ours               is hashed
    anything else                       is split at the largest power of two below its size

So the places of the leaves say which hashes are needed and in which order, and there is one proof
for one set of leaves. All hashes have to be used, and the last hash has to be the root.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from ledger.proof.merkle import Range, leaf_hash, left_part, node_hash
from ledger.proof.verifier import Checkpoint, DoesNotHold


def missing_ranges(indexes: Sequence[int], size: int) -> list[Range]:
    """Return the subtrees whose hashes prove leaves, in the order of the proof.

    `indexes` rise, and are all below `size`.
    """

    def missing(first: int, end: int) -> Iterator[Range]:
        here = bisect_left(indexes, end) - bisect_left(indexes, first)
        if here == 0:
            yield (first, end)
        elif end - first > 1:
            middle = first + left_part(end - first)
            yield from missing(first, middle)
            yield from missing(middle, end)

    return list(missing(0, size)) if size else []


def verify_several(
    leaves: Mapping[int, bytes], hashes: Sequence[bytes], checkpoint: Checkpoint
) -> None:
    """Raise DoesNotHold unless each leaf, by its index, is in the tree of a checkpoint."""
    indexes = sorted(leaves)
    if not indexes or indexes[0] < 0 or indexes[-1] >= checkpoint.size:
        raise DoesNotHold(
            "its events are not all among the {size} that are sealed", size=checkpoint.size
        )
    given = iter(hashes)

    def root(first: int, end: int) -> bytes:
        if bisect_left(indexes, end) == bisect_left(indexes, first):
            found = next(given, None)
            if found is None:
                raise DoesNotHold("its proof has too few hashes for its events")
            return found
        if end - first == 1:
            return leaf_hash(leaves[first])
        middle = first + left_part(end - first)
        left = root(first, middle)
        return node_hash(left, root(middle, end))

    if root(0, checkpoint.size) != checkpoint.root:
        raise DoesNotHold("its events and hashes do not lead to the root that is sealed")
    if next(given, None) is not None:
        raise DoesNotHold("its proof has too many hashes for its events")
