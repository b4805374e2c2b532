"""Proving: that one event is under a seal, and that one seal goes on where another ended.

A proof is always for the size of the checkpoint that it is asked for, and is verified, as others
will verify it, before it is given away.
"""

from dataclasses import dataclass

from ledger.domain.recorded import event_key
from ledger.errors import Damaged, NotFound, ProofFailed, UsageError
from ledger.proof.forms import consistency_file, proof_file
from ledger.proof.merkle import Tree
from ledger.proof.verifier import (
    Checkpoint,
    DoesNotHold,
    read_checkpoint,
    verify_consistency,
    verify_inclusion,
)
from ledger.storage.leaves import leaf_of
from ledger.storage.log import LogReader


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof that an event is under a seal, as files."""

    position: int
    size: int
    """How many events the seal is over."""
    proof: bytes
    leaf: bytes
    """The exact bytes of the leaf."""


def position_of(log: LogReader, source: str, identifier: str) -> int:
    """Return the position of an event. Raises NotFound."""
    key = event_key(source, identifier)
    found = log.find([key])
    if key not in found:
        raise NotFound(
            "there is no event {identifier} of {source}", identifier=identifier, source=source
        )
    return found[key]


def prove(log: LogReader, position: int, note: bytes | None = None) -> Proven:
    """Return the proof that an event is under a checkpoint; without one, the last seal kept here.

    Raises NotFound, UsageError for an event that is not under it, and ProofFailed for a checkpoint
    that this ledger does not have.
    """
    if not 0 < position <= log.head().position:
        raise NotFound("there is no event at position {position}", position=position)
    note = last_seal(log) if note is None else note
    checkpoint = assert_ours(log, note)
    if position > checkpoint.size:
        raise UsageError(
            "the event at position {position} came after this checkpoint of {size} events: seal "
            "again, and prove it by the new one",
            position=position,
            size=checkpoint.size,
        )
    leaf = leaf_of(log.at([position])[0])
    path = Tree(log.nodes).inclusion(position - 1, checkpoint.size)
    try:
        verify_inclusion(leaf, position - 1, path, checkpoint)
    except DoesNotHold:
        raise Damaged(
            "the event at position {position} is not the one that was hashed: `cpod check` says "
            "more; restore the ledger from a copy",
            position=position,
        ) from None
    proof = proof_file(position - 1, path, note)
    return Proven(position, checkpoint.size, proof, leaf)


def prove_consistency(log: LogReader, old: bytes, new: bytes) -> bytes:
    """Return the proof that the ledger of a newer checkpoint begins with that of an older one.

    Raises ProofFailed for checkpoints that this ledger does not have.
    """
    before, after = assert_ours(log, old), assert_ours(log, new)
    if before.size > after.size:
        raise UsageError(
            "the first checkpoint is of {old} events, the second of {new}: name the older one "
            "first",
            old=before.size,
            new=after.size,
        )
    path = Tree(log.nodes).consistency(before.size, after.size)
    try:
        verify_consistency(before, after, path)
    except DoesNotHold as wrong:
        raise ProofFailed(wrong) from None
    return consistency_file(path)


def last_seal(log: LogReader) -> bytes:
    """Return the checkpoint that was signed last. Raises UsageError where none was."""
    seals = log.seals()
    if not seals:
        raise UsageError("nothing was sealed here: seal first, or name a checkpoint")
    return seals[-1].checkpoint


def assert_ours(log: LogReader, note: bytes) -> Checkpoint:
    """Return what a checkpoint claims, once the tree of this ledger has that root.

    Raises ProofFailed where it has not.
    """
    try:
        checkpoint = read_checkpoint(note)
    except DoesNotHold as wrong:
        raise ProofFailed(wrong) from None
    there = log.head().position
    if checkpoint.size > there:
        raise ProofFailed(
            "the checkpoint is of {size} events, and here are {there}: it is of another ledger, "
            "or this one was cut",
            size=checkpoint.size,
            there=there,
        )
    if Tree(log.nodes).root(checkpoint.size) != checkpoint.root:
        raise ProofFailed(
            "the first {size} events of this ledger do not have the root of the checkpoint: it "
            "is of another ledger, or this one was changed; `cpod check` says more",
            size=checkpoint.size,
        )
    return checkpoint
