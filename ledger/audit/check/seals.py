"""Checking seals: those kept in the ledger, and checkpoints that were kept elsewhere."""

from collections.abc import Sequence

from ledger.audit.check.findings import Findings
from ledger.audit.check.roots import Roots
from ledger.proof.verifier import (
    Checkpoint,
    DoesNotHold,
    VerifierKey,
    read_key,
    verify_checkpoint,
)
from ledger.storage.audit import Audit
from ledger.storage.log import Seal


class SealCheck:
    """Compares checkpoints with the tree as it was at their size."""

    def __init__(self, audit: Audit, findings: Findings) -> None:
        """Take what is read, and where findings go; the events are checked already."""
        self._audit = audit
        self._findings = findings
        self._roots = Roots(audit, findings)
        self._fitting: set[int] = {0}

    def kept(self) -> int:
        """Check the seals in the ledger, by the keys kept with them; return the largest size."""
        largest, stamp = 0, 0
        seals = self._audit.seals()
        for place, seal in enumerate(seals, 1):
            checkpoint = self._readable(seal, place)
            if checkpoint is None:
                continue
            if seal.sealed_at < stamp:
                self._damage(f"seal {place} is older than the one before it")
            stamp = seal.sealed_at
            if self._fits(checkpoint, f"seal {place}"):
                largest = max(largest, checkpoint.size)
        self._findings.prove("seals", count=len(seals), size=largest)
        return largest

    def _readable(self, seal: Seal, place: int) -> Checkpoint | None:
        try:
            checkpoint = verify_checkpoint(seal.checkpoint, [read_key(seal.verifier_key)])
        except ValueError as wrong:
            self._damage(f"seal {place} is not what was sealed: {wrong}")
            return None
        except TypeError:
            self._damage(f"seal {place} is not what was sealed")
            return None
        if (seal.number, seal.size) != (place, checkpoint.size):
            self._damage(f"seal {place} is kept under another number or size")
        return checkpoint

    def _damage(self, reason: str) -> None:
        self._findings.damage("seals", None, reason)

    def given(self, notes: Sequence[bytes], keys: Sequence[VerifierKey]) -> int:
        """Check checkpoints from elsewhere by keys from elsewhere; return the largest size."""
        largest = 0
        for place, note in enumerate(notes, 1):
            try:
                checkpoint = verify_checkpoint(note, keys)
            except DoesNotHold as wrong:
                reason = f"checkpoint {place} of those given does not hold: {wrong}"
                self._findings.damage("checkpoints", None, reason)
                continue
            if self._fits(checkpoint, f"checkpoint {place} of those given"):
                largest = max(largest, checkpoint.size)
        if notes:
            self._findings.prove("checkpoints", count=len(notes), size=largest)
        return largest

    def _fits(self, checkpoint: Checkpoint, name: str) -> bool:
        """Return whether the tree had that root at that size; where it has not, say since when."""
        here = self._findings.position
        if checkpoint.size > here:
            reason = f"{name} is of {checkpoint.size} events, and {here} are here"
            self._findings.damage("sealed", here + 1, reason, checkpoint.size)
            return False
        if checkpoint.root in self._roots.possible(checkpoint.size):
            self._fitting.add(checkpoint.size)
            return True
        # What an older checkpoint is of is unchanged, so that the change is after it
        first = max(size for size in self._fitting if size <= checkpoint.size) + 1
        reason = f"the events are not those of {name}, up to {checkpoint.size}"
        self._findings.damage("sealed", min(first, checkpoint.size), reason, checkpoint.size)
        return False
