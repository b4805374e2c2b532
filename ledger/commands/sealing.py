"""Sealing: signing how many events there are, and the root over them.

A seal is only put on what was hashed again: everything since the seal before is compared with the
hashes that are stored, and that seal with the tree as it was then.
"""

from collections.abc import Callable, Iterator
from typing import Final

from ledger.errors import Damaged
from ledger.proof.forms import SigningKey, checkpoint_text
from ledger.proof.merkle import Tree, grow, peak, peak_positions
from ledger.proof.verifier import DoesNotHold, read_checkpoint
from ledger.storage.leaves import leaf_of
from ledger.storage.log import Log, LogReader, Seal, StoredRow

CHUNK: Final = 5_000
"""Events that are hashed again at a time."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


def seal(log: Log, key: SigningKey, on_progress: Progress | None = None) -> Seal:
    """Return the seal of the ledger as it stands; where it is sealed already, that very seal.

    Raises Damaged, and signs nothing, when the events are not those that were hashed.
    """
    size = log.head().position
    before = max(log.seals(), key=lambda one: one.size, default=None)
    sealed = 0
    if before is not None:
        assert_seal(log, before, size)
        sealed = before.size
    assert_hashes(log, sealed, size, on_progress)
    text = checkpoint_text(key.name, size, Tree(log.nodes).root(size))
    checkpoint = key.sign(text).encode()
    with log.writing() as writer:
        for kept in writer.seals()[::-1]:
            if kept.checkpoint == checkpoint:
                return kept
        return writer.seal(size, str(key.verifier), checkpoint)


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
