"""Keys, seals and proofs are verified by tlog-scales, which is not ours, and both say the same."""

from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sessions import foundation, openings
from tlog_scales.signing import PlainEd25519Signer, Vkey
from tlog_scales.tlog import (
    Checkpoint,
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from ledger.proof.forms import checkpoint_text, new_key
from ledger.proof.merkle import Tree, grow, leaf_hash
from ledger.proof.verifier import Checkpoint as Ours
from ledger.proof.verifier import (
    DoesNotHold,
    read_key,
    verify_checkpoint,
    verify_consistency,
    verify_inclusion,
)

MOST = 17
LEAVES = [bytes([n]) for n in range(MOST)]
ROWS = grow(0, [], LEAVES)
TREE = Tree(lambda positions: [ROWS[at - 1] for at in positions])
ROOTS = [TREE.root(size) for size in range(MOST + 1)]


def hashes(lines):
    return [b64decode(line, validate=True) for line in lines]


def test_what_the_command_line_hands_over_holds(cpod, send):
    """A verifier key, two checkpoints, the proof of each event and the one between them."""
    text = cpod("key", "new", "--output", "key", "--name", "ledger.example/contoso").out.strip()
    vkey = Vkey.from_string(text)
    assert Vkey(vkey.name, None, vkey.sig_type, vkey.pubkey).serialize() == text
    send([*foundation(), *openings(10, 3)])
    june = Checkpoint.from_text(cpod("seal", "--key", "key", "--output", "june").out)
    send(openings(30, 6))
    july = Checkpoint.from_text(cpod("seal", "--key", "key", "--output", "july").out)
    for note in (june, july):
        note.verify(vkey)
    assert (june.origin, june.size, july.size) == (vkey.name, 7, 13)
    for position in range(1, july.size + 1):
        ran = cpod("prove", "--position", position, "--leaf", "leaf")
        _form, index, *path = ran.out.partition("\n\n")[0].splitlines()
        proof = InclusionProof(int(index.removeprefix("index ")), july.size, hashes(path))
        proof.check(leaf_hash(Path("leaf").read_bytes()), july.root_hash)
    between = hashes(cpod("prove", "--consistency", "june", "july").out.splitlines())
    ConsistencyProof(june.size, july.size, between).check(june.root_hash, july.root_hash)


@given(
    seed=st.binary(min_size=32, max_size=32),
    name=st.from_regex(r"[^\s+\x00-\x1f\x7f-\x9f\ud800-\udfff]+", fullmatch=True),
    size=st.integers(1, 2**63),
    root=st.binary(min_size=32, max_size=32),
)
def test_both_make_the_same_key_and_sign_the_same_bytes(seed, name, size, root):
    """Of one seed, and of one tree; each reads what the other has written."""
    ours, theirs = new_key(name, seed), PlainEd25519Signer(name, seed)
    assert str(ours.verifier) == theirs.vkey.serialize()
    note = ours.sign(checkpoint_text(name, size, root))
    assert Checkpoint.make_signed(name, size, root, [theirs]).serialize() == note
    found = verify_checkpoint(note.encode(), [read_key(theirs.vkey.serialize())])
    assert found == Ours(name, size, root)


def agree(ours, theirs):
    """Whether a proof holds, by ours and by theirs."""
    verdicts = []
    for check, refusal in (
        (ours, DoesNotHold),
        (theirs, (InclusionProofInvalid, ConsistencyProofInvalid)),
    ):
        try:
            check()
        except refusal:
            verdicts.append(False)
        else:
            verdicts.append(True)
    assert verdicts[0] == verdicts[1]
    return verdicts[0]


def included(index, size, path, root):
    return agree(
        lambda: verify_inclusion(LEAVES[index % MOST], index, path, Ours("o", size, root)),
        lambda: InclusionProof(index, size, path).check(leaf_hash(LEAVES[index % MOST]), root),
    )


def consistent(old, new, path, before, after):
    return agree(
        lambda: verify_consistency(Ours("o", old, before), Ours("o", new, after), path),
        lambda: ConsistencyProof(old, new, path).check(before, after),
    )


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_proof_of_a_tree_holds(size):
    """Each leaf of it, and each smaller tree that it begins with."""
    for index in range(size):
        assert included(index, size, TREE.inclusion(index, size), ROOTS[size])
    for old in range(size + 1):
        assert consistent(old, size, TREE.consistency(old, size), ROOTS[old], ROOTS[size])


SIZES = st.integers(1, MOST)
HASHES = st.sampled_from([*ROOTS, *map(leaf_hash, LEAVES)])
CHANGES = st.lists(st.tuples(st.sampled_from(["put", "gone", "other"]), st.integers(0, 9), HASHES))


def changed(path, changes):
    """A proof with hashes more, fewer or others."""
    found = list(path)
    for how, at, other in changes:
        place = at % (len(found) + 1)
        found[place : place + (how != "put")] = [] if how == "gone" else [other]
    return found


@given(size=SIZES, index=st.integers(0, MOST), shown=SIZES, changes=CHANGES, root=HASHES)
def test_both_refuse_the_same_proofs_of_a_leaf(size, index, shown, changes, root):
    """Whatever was changed: the place, the size, the hashes, the root."""
    path = changed(TREE.inclusion(min(index, size - 1), size), changes)
    for claimed in (ROOTS[size], root):
        included(index, shown, path, claimed)


@given(old=SIZES, new=SIZES, shown=SIZES, changes=CHANGES, root=HASHES)
def test_both_refuse_the_same_proofs_between_trees(old, new, shown, changes, root):
    old, new = sorted((old, new))
    path = changed(TREE.consistency(old, new), changes)
    for before, after in ((ROOTS[old], ROOTS[new]), (root, ROOTS[new]), (ROOTS[old], root)):
        consistent(old, new, path, before, after)
        consistent(min(old, shown), max(old, shown), path, before, after)
