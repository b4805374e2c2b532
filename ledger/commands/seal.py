"""Sealing: signing how many events there are, and the root over them.

A seal is only put on what was hashed again: everything since the seal before is compared with the
hashes that are stored, and that seal with the tree as it was then. And a key that has signed one
history signs no other: whoever writes the ledger cannot have it sealed in another form.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ledger.errors import Damaged, ProofFailed
from ledger.proof.forms import SigningKey, checkpoint_text
from ledger.proof.merkle import Tree, grow, peak, peak_positions
from ledger.proof.verifier import Checkpoint, DoesNotHold, read_checkpoint, verify_consistency
from ledger.storage.leaves import leaf_of
from ledger.storage.log import Log, LogReader, Seal, StoredRow

CHUNK: Final = 5_000
"""Events that are hashed again at a time."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


def seal(
    log: Log,
    key: SigningKey,
    after: Sequence[Checkpoint] = (),
    signed: Callable[[bytes], None] | None = None,
    on_progress: Progress | None = None,
) -> Seal:
    """Return the seal of the ledger as it stands; where it is sealed already, that very seal.

    `signed` is given the checkpoint before anybody else is: what it raises ends this. Raises what
    `to_be_sealed` raises; then nothing is signed.
    """
    claimed = to_be_sealed(log, key, after, on_progress)
    text = checkpoint_text(claimed.origin, claimed.size, claimed.root)
    checkpoint = key.sign(text).encode()
    if signed is not None:
        signed(checkpoint)
    with log.writing() as writer:
        for kept in writer.seals()[::-1]:
            if kept.checkpoint == checkpoint:
                return kept
        return writer.seal(claimed.size, str(key.verifier), checkpoint)


def to_be_sealed(
    log: LogReader,
    key: SigningKey,
    after: Sequence[Checkpoint] = (),
    on_progress: Progress | None = None,
) -> Checkpoint:
    """Return what a seal of the ledger would claim, once it was looked at as a seal looks at it.

    Raises Damaged when the events are not those that were hashed, and ProofFailed when the ledger
    does not go on from a checkpoint that the key has signed before, one of `after`.
    """
    before = max(log.seals(), key=lambda one: one.size, default=None)
    size = log.head().position  # read after the seals: others may append and seal meanwhile
    sealed = 0
    if before is not None:
        assert_seal(log, before, size)
        sealed = before.size
    assert_hashes(log, sealed, size, on_progress)
    tree = Tree(log.nodes)
    claimed = Checkpoint(key.name, size, tree.root(size))
    for earlier in after:
        _assert_goes_on(tree, earlier, claimed)
    return claimed


def _assert_goes_on(tree: Tree, earlier: Checkpoint, claimed: Checkpoint) -> None:
    """Raise ProofFailed unless a ledger begins with what the key has signed before.

    It is shown as to anybody else, by a proof: hashes that were changed to fit show nothing.
    """
    if earlier.size > claimed.size:
        raise ProofFailed(
            "this key has signed {size} events of {origin}, and here are {there}: nothing was "
            "signed; seal the ledger that has them, or this one with another key",
            size=earlier.size,
            origin=earlier.origin,
            there=claimed.size,
        )
    try:
        verify_consistency(earlier, claimed, tree.consistency(earlier.size, claimed.size))
    except DoesNotHold:
        raise ProofFailed(
            "this key has signed {size} events of {origin}, and they are not the first {size} "
            "here: nothing was signed; seal the ledger that has them, or this one with another "
            "key",
            size=earlier.size,
            origin=earlier.origin,
        ) from None


def assert_seal(log: LogReader, kept: Seal, size: int) -> None:
    """Raise Damaged unless the tree was, at the size of a seal, what the seal says."""
    try:
        checkpoint = read_checkpoint(kept.checkpoint)
    except DoesNotHold as wrong:
        raise Damaged(
            "seal {number} cannot be read ({wrong}): `cpod check` says where; restore the ledger "
            "from a copy",
            number=kept.number,
            wrong=wrong,
        ) from None
    if checkpoint.size > size:
        raise Damaged(
            "seal {number} is of {size} events, and there are {there}: `cpod check` says where; "
            "restore the ledger from a copy",
            number=kept.number,
            size=checkpoint.size,
            there=size,
        )
    if Tree(log.nodes).root(checkpoint.size) != checkpoint.root:
        raise Damaged(
            "the events are not those of seal {number}: `cpod check` says where; restore the "
            "ledger from a copy",
            number=kept.number,
        )


def assert_hashes(log: LogReader, after: int, until: int, on_progress: Progress | None) -> None:
    """Raise Damaged unless the events of a range have the hashes that are stored for them."""
    peaks = [peak(row) for row in log.nodes(peak_positions(after))]
    for rows in _chunks(log, after, until):
        first, last = rows[0].position, rows[-1].position
        found = grow(first - 1, peaks, map(leaf_of, rows))
        stored = log.nodes(range(first, last + 1))
        for position, (one, other) in enumerate(zip(found, stored, strict=True), first):
            if one != other:
                raise Damaged(
                    "the event at position {position} is not the one that was hashed: `cpod "
                    "check` says where; restore the ledger from a copy",
                    position=position,
                )
        peaks = [peak(row) for row in log.nodes(peak_positions(last))]
        if on_progress is not None:
            on_progress(last)


def _chunks(log: LogReader, after: int, until: int) -> Iterator[list[StoredRow]]:
    while after < until:
        rows = log.read(after, until, CHUNK)
        if not rows or rows[0].position != after + 1:
            raise Damaged(
                "the event at position {position} is gone: `cpod check` says where; restore the "
                "ledger from a copy",
                position=after + 1,
            )
        yield rows
        after = rows[-1].position
