"""Several leaves at once: they lead to the root together, and with anything else they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import mth

from ledger.proof.merkle import Tree, grow
from ledger.proof.several import missing_ranges, verify_several
from ledger.proof.verifier import Checkpoint, DoesNotHold

LEAVES = [f"leaf {number}".encode() for number in range(40)]
ROWS = grow(0, [], LEAVES)
TREE = Tree(lambda positions: [ROWS[position - 1] for position in positions])


def proof_of(indexes, size):
    return TREE.hashes(missing_ranges(sorted(indexes), size))


@st.composite
def some(draw):
    """A tree of some size, and some of its leaves."""
    size = draw(st.integers(1, len(LEAVES)))
    indexes = draw(st.sets(st.integers(0, size - 1), min_size=1))
    return size, {index: LEAVES[index] for index in indexes}


@given(some())
def test_some_leaves_lead_to_the_root(drawn):
    """The hashes that are needed are those of the largest subtrees without a leaf of ours."""
    size, leaves = drawn
    hashes = proof_of(leaves, size)
    verify_several(leaves, hashes, Checkpoint("log", size, mth(LEAVES[:size])))
    ranges = missing_ranges(sorted(leaves), size)
    covered = [index for first, end in ranges for index in range(first, end)]
    assert sorted([*covered, *leaves]) == list(range(size))
    assert hashes == [mth(LEAVES[first:end]) for first, end in ranges]


@given(some(), st.data())
def test_anything_else_does_not(drawn, data):
    """A leaf or hash that is changed, moved, added or gone, and another size or root, are found."""
    size, leaves = drawn
    hashes, root = proof_of(leaves, size), mth(LEAVES[:size])
    index = data.draw(st.sampled_from(sorted(leaves)))
    place = data.draw(st.integers(0, len(hashes) - 1)) if hashes else 0
    free = sorted(set(range(size + 1)) - leaves.keys())
    wrong = [
        ({**leaves, index: b"forged"}, hashes, size),
        ({at: leaf for at, leaf in leaves.items() if at != index}, hashes, size),
        ({**leaves, data.draw(st.sampled_from(free)): b"added"}, hashes, size),
        (leaves, [*hashes, bytes(32)], size),
        (leaves, [*hashes[:place], bytes(32), *hashes[place + 1 :]], size),
        (leaves, hashes, size * 2 + 1),
        ({index - len(LEAVES): LEAVES[index]}, hashes, size),
    ]
    wrong += [(leaves, hashes[:-1], size)] if hashes else []
    wrong += [(leaves, hashes[::-1], size)] if hashes != hashes[::-1] else []
    for changed, given_hashes, said in wrong:
        with pytest.raises(DoesNotHold):
            verify_several(changed, given_hashes, Checkpoint("log", said, root))
    with pytest.raises(DoesNotHold, match="root"):
        verify_several(leaves, hashes, Checkpoint("log", size, bytes(32)))


def test_a_tree_of_any_size_takes_no_more_than_its_leaves():
    """The largest tree that a checkpoint can name is walked down to its leaves alone."""
    size = 10**19 - 1
    ranges = missing_ranges([0, size // 2, size - 1], size)
    assert len(ranges) < 200
    leaves = {0: b"a", size // 2: b"b", size - 1: b"c"}
    with pytest.raises(DoesNotHold, match="root"):
        verify_several(leaves, [bytes(32)] * len(ranges), Checkpoint("log", size, bytes(32)))
