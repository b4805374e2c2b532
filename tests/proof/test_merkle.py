"""The tree: its hashes are those of RFC 9162, and its proofs hold, and no others do."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive import mth, path, proof

from ledger.proof.leaf import leaf_bytes, read_leaf
from ledger.proof.merkle import (
    Tree,
    consistency_ranges,
    grow,
    inclusion_ranges,
    joined,
    leaf_hash,
    peak,
    peak_positions,
)
from ledger.proof.verifier import Checkpoint, DoesNotHold, verify_consistency, verify_inclusion

# The leaves and roots that implementations of RFC 6962 and 9162 have shared since 2013
SHARED_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
SHARED_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def leaves_of(size):
    return [f"leaf {number}".encode() for number in range(size)]


class Stored:
    """Rows of nodes in a list, and how many were read of them."""

    def __init__(self, leaves):
        self.rows = grow(0, [], leaves)
        self.read = 0
        self.tree = Tree(self.at)

    def at(self, positions):
        self.read += len(positions)
        return [self.rows[position - 1] for position in positions]


def checkpoint(leaves, size):
    return Checkpoint("log", size, mth(leaves[:size]))


@pytest.mark.parametrize("size", range(9))
def test_the_shared_vectors(size):
    """The roots are those on which all implementations agree."""
    leaves = SHARED_LEAVES[:size]
    assert Stored(leaves).tree.root(size).hex() == mth(leaves).hex() == SHARED_ROOTS[size]


def test_a_row_holds_what_its_leaf_completes():
    """A row is the leaf's own hash, then of the pair, the four... that it is the last of."""
    leaves = leaves_of(8)
    rows = Stored(leaves).rows
    assert rows[4] == leaf_hash(leaves[4])
    expected = [mth(leaves[8 - width :]) for width in (1, 2, 4, 8)]
    assert rows[7] == b"".join(expected)


@pytest.mark.parametrize("size", range(1, 34))
def test_every_small_tree(size):
    """Every root and proof of small trees is the naive one's, and the verifier takes it."""
    leaves = leaves_of(size)
    tree = Stored(leaves).tree
    sealed = checkpoint(leaves, size)
    assert tree.root(size) == sealed.root
    for index in range(size):
        found = tree.inclusion(index, size)
        assert found == path(index, leaves)
        verify_inclusion(leaves[index], index, found, sealed)
    for old in range(size + 1):
        found = tree.consistency(old, size)
        assert found == proof(old, leaves)
        verify_consistency(checkpoint(leaves, old), sealed, found)


@given(st.integers(1, 400), st.data())
def test_any_tree_grown_in_any_parts(size, data):
    """In whatever parts a tree grows, its rows are the same, and older sizes keep their roots."""
    leaves = leaves_of(size)
    rows = []
    while len(rows) < size:
        done = len(rows)
        peaks = [peak(rows[position - 1]) for position in peak_positions(done)]
        assert joined(peaks) == mth(leaves[:done])
        more = data.draw(st.integers(1, size - done))
        rows += grow(done, peaks, leaves[done : done + more])
    assert rows == grow(0, [], leaves)
    tree = Tree(lambda positions: [rows[position - 1] for position in positions])
    old = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, old - 1))
    assert tree.root(old) == mth(leaves[:old])
    assert tree.inclusion(index, old) == path(index, leaves[:old])
    assert tree.consistency(old, size) == proof(old, leaves)


@given(st.integers(2, 200), st.data())
def test_no_other_claim_is_believed(size, data):
    """Another leaf, index, size, root, or another set of hashes does not verify."""
    leaves = leaves_of(size)
    tree = Stored(leaves).tree
    sealed = checkpoint(leaves, size)
    index = data.draw(st.integers(0, size - 1))
    found = tree.inclusion(index, size)
    other = data.draw(st.integers(0, size - 1).filter(lambda drawn: drawn != index))
    wrong = [
        (leaves[index] + b".", index, found, sealed),
        (leaves[other], index, found, sealed),
        (leaves[index], other, found, sealed),
        (leaves[index], size, found, sealed),
        (leaves[index], index, found[:-1], sealed),
        (leaves[index], index, [*found, found[0]], sealed),
        (leaves[index], index, found[::-1] if len(set(found)) > 1 else [], sealed),
        (leaves[index], index, found, Checkpoint("log", size, mth(leaves[:-1]))),
    ]
    for claim in wrong:
        with pytest.raises(DoesNotHold):
            verify_inclusion(*claim)


@given(st.integers(2, 200), st.data())
def test_no_changed_past_is_believed(size, data):
    """A log that changed, dropped or moved a sealed leaf has no consistency proof."""
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    at = data.draw(st.integers(0, old - 1))
    changed = [*leaves]
    changed[at] = b"another"
    found = Stored(changed).tree.consistency(old, size)
    with pytest.raises(DoesNotHold):
        verify_consistency(checkpoint(leaves, old), checkpoint(changed, size), found)
    good = Stored(leaves).tree.consistency(old, size)
    with pytest.raises(DoesNotHold):
        verify_consistency(checkpoint(changed, old), checkpoint(leaves, size), good)
    with pytest.raises(DoesNotHold):
        verify_consistency(checkpoint(leaves, old), checkpoint(leaves, size), [*good, b"x" * 32])
    if good:
        with pytest.raises(DoesNotHold):
            verify_consistency(checkpoint(leaves, old), checkpoint(leaves, size), good[:-1])
        with pytest.raises(DoesNotHold):
            verify_consistency(checkpoint(leaves, size), checkpoint(leaves, old), good)


def test_a_proof_costs_little():
    """A proof out of a large tree reads a few rows, not all of them."""
    stored = Stored(leaves_of(50_000))
    for ask in (
        lambda: stored.tree.inclusion(31_111, 49_999),
        lambda: stored.tree.consistency(31_111, 49_999),
        lambda: stored.tree.root(49_999),
    ):
        stored.read = 0
        ask()
        assert stored.read <= 2 * 16


def test_the_oracle_of_others_agrees():
    """Another implementation, where it is installed, has the same roots and paths."""
    try:
        from pymerkle import InmemoryTree
    except ImportError:
        print("skipped: pymerkle is not installed")
        return
    leaves = leaves_of(70)
    theirs = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        theirs.append_entry(leaf)
    tree = Stored(leaves).tree
    for size in range(1, 71):
        assert tree.root(size) == theirs.get_root(size)
        for index in range(0, size, 7):
            # Theirs begins with the leaf's own hash
            assert [leaf_hash(leaves[index]), *tree.inclusion(index, size)] == list(
                theirs.prove_inclusion(index + 1, size).path
            )


GOLDEN = (
    17,
    1_763_836_800_000_000_001,
    "package:BASÉ-17".encode(),
    3,
    b"case.opened",
    b'{"data":{},"id":"e-1"}',
)


def test_the_bytes_of_a_leaf_never_change():
    """The form of a leaf, and its hash, are fixed for ever."""
    leaf = leaf_bytes(*GOLDEN)
    assert leaf.decode() == (
        "cpod/event/v1\nposition 17\nrecorded_at 1763836800000000001\n"
        "stream 16 package:BASÉ-17\nversion 3\ntopic 11 case.opened\nstate 22\n\n"
        '{"data":{},"id":"e-1"}'
    )
    golden = "b4b9faf4431548c9a9acfae78257d0215343f2ad637116581f375a079fa04998"
    assert leaf_hash(leaf).hex() == golden


BYTES = st.binary(max_size=40) | st.sampled_from([b"a\nversion 1", b"\n", b"1 a", b"state 3\n\n"])
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(NUMBERS, NUMBERS, BYTES, NUMBERS, BYTES, BYTES)
def test_a_leaf_can_be_read_back(position, recorded_at, stream, version, topic, state):
    """Whatever stands in an event, its leaf says it again: no two events share a leaf."""
    event = (position, recorded_at, stream, version, topic, state)
    assert read_leaf(leaf_bytes(*event)) == event


@given(st.data())
def test_what_is_no_leaf_is_not_read(data):
    """A leaf with a byte changed, added or removed is no leaf, or that of another event."""
    leaf = leaf_bytes(*GOLDEN)
    at = data.draw(st.integers(0, len(leaf) - 1))
    put = data.draw(st.binary(max_size=2))
    changed = leaf[:at] + put + leaf[at + 1 :]
    with suppress(ValueError):
        assert leaf_bytes(*read_leaf(changed)) == changed


def test_what_is_not_in_a_tree_has_no_ranges():
    """The last leaf has some; the one after it, and one before the first, are refused."""
    assert inclusion_ranges(0, 1) == []
    assert inclusion_ranges(2, 3) == [(0, 2)]
    for index, size in ((3, 3), (0, 0), (-1, 3)):
        with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of {size} leaves"):
            inclusion_ranges(index, size)
    assert consistency_ranges(0, 0) == consistency_ranges(3, 3) == []
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match=f"of {new} leaves does not begin with one of {old}"):
            consistency_ranges(old, new)
