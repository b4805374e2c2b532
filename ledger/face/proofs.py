"""The part of the public face that proves: seals, proofs, and a check of all that is stored."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ledger.face.opened import Opened
from ledger.projections.filters import Answer, ExpiryBasis, Filters

if TYPE_CHECKING:
    from ledger.audit.prove import Proven
    from ledger.projections.books.catch_up import Progress
    from ledger.proof.forms import SigningKey
    from ledger.proof.verifier import Checkpoint, VerifierKey
    from ledger.storage.log import Seal


class Proving(Opened):
    """How a ledger shows to others that it is whole."""

    def seal(
        self,
        key: "SigningKey",
        *,
        after: "Sequence[Checkpoint]" = (),
        signed: "Callable[[bytes], None] | None" = None,
        on_progress: "Progress | None" = None,
    ) -> "Seal":
        """Sign what the ledger holds now, keep that, and return it.

        `after` are checkpoints that the key has signed: raises ProofFailed where the ledger does
        not go on from each of them, and Damaged. `signed` is given the new one before it is kept.
        """
        from ledger.commands.seal import seal

        return seal(self.log, key, after, signed, on_progress)

    def to_be_sealed(
        self,
        key: "SigningKey",
        *,
        after: "Sequence[Checkpoint]" = (),
        on_progress: "Progress | None" = None,
    ) -> "Checkpoint":
        """Return what `seal` would sign, and sign nothing. Raises what it raises."""
        from ledger.commands.seal import to_be_sealed

        return to_be_sealed(self._reader, key, after, on_progress)

    def position_of(self, source: str, identifier: str) -> int:
        """Return the position of an event. Raises NotFound."""
        from ledger.audit.prove import position_of

        return position_of(self._reader, source, identifier)

    def prove(self, position: int, checkpoint: bytes | None = None) -> "Proven":
        """Return the proof that an event is under a checkpoint, else under the last seal."""
        from ledger.audit.prove import prove

        return prove(self._reader, position, checkpoint)

    def prove_consistency(self, old: bytes, new: bytes) -> bytes:
        """Return the proof that the ledger of a newer checkpoint begins with an older one's."""
        from ledger.audit.prove import prove_consistency

        return prove_consistency(self._reader, old, new)

    def prove_report(
        self,
        contract: str,
        *,
        checkpoint: bytes | None = None,
        as_of: str | None = None,
        known_at: str | int | None = None,
        expiry_basis: ExpiryBasis = "as-of",
        on_progress: "Progress | None" = None,
    ) -> Answer:
        """Return the report of a contract with its proof by a checkpoint, else by the last seal.

        Raises UsageError where it is known at more than is sealed, NotFound, and ProofFailed for a
        checkpoint of another ledger.
        """
        from ledger.audit.prove_report import proved_report

        return self._asking.ask(
            proved_report(self._reader, checkpoint),
            Filters(contracts=(contract,), expiry_basis=expiry_basis),
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            viewer=None,
            workspaces=(),
            now=self._clock(),
            on_progress=on_progress,
        )

    def check(
        self,
        *,
        books: bool = False,
        checkpoints: Sequence[bytes] = (),
        keys: Sequence["VerifierKey"] = (),
        on_progress: "Progress | None" = None,
    ) -> dict[str, object]:
        """Return what a check of everything that is stored proves, finds damaged, and leaves open.

        `checkpoints` were kept elsewhere, and `keys` verify them; with `books`, these are checked
        too. Damage is a part of the answer: nothing is raised for it.
        """
        from ledger.audit.check.check import Elsewhere, answer, check_log, leave_open

        audit = self._reader.audit()
        try:
            elsewhere = Elsewhere(checkpoints, keys)
            findings = check_log(audit, self._codec, elsewhere, on_progress)
            if books and findings.damaged == 0:
                from ledger.audit.check.books import check_books

                rebuilt = partial(self._keeping.rebuilt, on_progress)
                with self._keeping.reading(on_progress) as in_use:
                    check_books(in_use, rebuilt, self._reader, self._codec, findings)
            leave_open(audit, findings, books=books)
        finally:
            audit.close()
        return {**answer(findings), "other_history": self._other_history()}
