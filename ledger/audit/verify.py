"""Verifying what somebody was given: a proof, a checkpoint, a report; there is no ledger.

Which form a file has is told by its first bytes. What holds comes back as plain values; what does
not raises ProofFailed with the reason.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.values.instants import format_instant
from ledger.errors import ProofFailed, UsageError
from ledger.proof.leaf import read_leaf
from ledger.proof.verifier import (
    PROOF_HEADER,
    Checkpoint,
    DoesNotHold,
    VerifierKey,
    read_consistency,
    verify_checkpoint,
    verify_consistency,
    verify_proof,
)

Holds = dict[str, object]
"""What was shown to hold, by name; `what` says of which form it is."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file to verify, and what belongs to it."""

    content: bytes
    keys: Sequence[VerifierKey]
    leaf: bytes | None = None


def verify(evidence: Evidence) -> Holds:
    """Return what a file proves. Raises ProofFailed, and UsageError where something is missing."""
    for belongs, verifier in FORMS:
        if belongs(evidence.content):
            try:
                return verifier(evidence)
            except DoesNotHold as wrong:
                raise ProofFailed(wrong) from None
    raise ProofFailed("it is neither a proof, nor a checkpoint, nor a report")


def verify_between(content: bytes, old: bytes, new: bytes, keys: Sequence[VerifierKey]) -> Holds:
    """Return what a consistency proof shows of two checkpoints. Raises ProofFailed."""
    try:
        before, after = verify_checkpoint(old, keys), verify_checkpoint(new, keys)
        verify_consistency(before, after, read_consistency(content))
    except DoesNotHold as wrong:
        raise ProofFailed(wrong) from None
    return {"what": "consistency", "old_size": before.size, **_claims(after)}


def _verify_proof(evidence: Evidence) -> Holds:
    if evidence.leaf is None:
        raise UsageError("a proof is of a leaf: name its file with --leaf")
    proof, checkpoint = verify_proof(evidence.content, evidence.leaf, evidence.keys)
    return {
        "what": "inclusion",
        "index": proof.index,
        **_claims(checkpoint),
        "event": _event(evidence.leaf, proof.index),
    }


def _event(content: bytes, index: int) -> Holds | None:
    """Return which event a leaf is; None where it is no event, but leaf of another kind of log."""
    try:
        leaf = read_leaf(content)
        said = {
            "position": leaf.position,
            "recorded_at": format_instant(leaf.recorded_at),
            "stream": leaf.stream.decode(),
            "version": leaf.version,
            "type": leaf.topic.decode(),
            "state": leaf.state.decode(),
        }
    except ValueError:
        return None
    if leaf.position != index + 1:
        raise DoesNotHold(
            "the event at index {index} says that its position is {said}",
            index=index,
            said=leaf.position,
        )
    return said


def _verify_checkpoint(evidence: Evidence) -> Holds:
    if evidence.leaf is not None:
        raise UsageError("a leaf belongs to a proof, and this is a checkpoint")
    return {"what": "checkpoint", **_claims(verify_checkpoint(evidence.content, evidence.keys))}


def _verify_report(evidence: Evidence) -> Holds:
    from ledger.audit.verify_report import verify_report

    if evidence.leaf is not None:
        raise UsageError("a leaf belongs to a proof, and this is a report")
    return verify_report(evidence.content, evidence.keys)


def _claims(checkpoint: Checkpoint) -> Holds:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64encode(checkpoint.root).decode(),
    }


def _is_proof(content: bytes) -> bool:
    return content.startswith(PROOF_HEADER.partition("@")[0].encode())


def _is_report(content: bytes) -> bool:
    return content.lstrip()[:1] == b"{"


def _is_note(content: bytes) -> bool:
    return "\n\n\u2014 ".encode() in content


FORMS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[Evidence], Holds]], ...]] = (
    (_is_proof, _verify_proof),
    (_is_report, _verify_report),
    (_is_note, _verify_checkpoint),
)
"""What is verified: what tells that a file is of a form, and what verifies it; the first counts."""
