"""The part of the public face that corrects: an operator's own events, and rehearsals."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ledger.face.intake import Ingesting
from ledger.messages import Words
from ledger.storage.log import Randomness

if TYPE_CHECKING:
    from ledger.commands.correct import Corrected, Correction
    from ledger.commands.erase import Erasure
    from ledger.commands.ingest.bookmarks import OnResume
    from ledger.commands.ingest.receipt import Receipt
    from ledger.commands.ingest.retry import Patience
    from ledger.storage.log import Writer


class Correcting(Ingesting):
    """What an operator can put right in a ledger."""

    def correct(
        self,
        correction: "Correction",
        *,
        as_of: str | None = None,
        dry_run: bool = False,
        randomness: Randomness = os.urandom,
    ) -> "Corrected":
        """Record an operator's own event and return what became of it.

        The balances that it changes are those of `as_of`, by default now. A refused one is not
        recorded and does not wait. Raises UsageError.
        """
        from ledger.commands.correct import correct
        from ledger.projections.dates import resolve_as_of

        now = self._clock()
        asked_for = resolve_as_of(as_of, now)
        with self._judging() as engine:
            return correct(
                engine,
                self._codec,
                correction,
                now=now,
                randomness=randomness,
                copy_books=self._keeping.copy,
                as_of=asked_for,
                dry_run=dry_run,
            )

    def erase(
        self,
        person: str,
        reason: str | None,
        *,
        dry_run: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> "Erasure":
        """Erase a person (`ID` or `user:ID`) and return what that came to.

        Nothing that says who it was is then left in the log or the books. A dry run needs no
        reason. Raises NotFound and UsageError, and LedgerReadOnly where it could not be finished.
        """
        from ledger.commands.erase import erase
        from ledger.errors import LedgerBusy, NotFound

        self.log.assert_erasable()
        self._keeping.assert_wipeable()
        try:
            done = erase(self.log, person, reason, dry_run=dry_run, on_progress=on_progress)
        except NotFound:
            # Who erased the person may have been stopped before all was done
            if not dry_run and not all(self._scrub()):
                raise LedgerBusy(
                    "another process still reads what was before an erasure, and keeps it on the "
                    "disk: when it has ended, give the same command again"
                ) from None
            raise
        if not dry_run:
            done.log_scrubbed, done.books_scrubbed = self._scrub()
        return done

    def _scrub(self) -> tuple[bool, bool]:
        """Leave nothing in the files of log and books of what is erased.

        Raises LedgerTrouble, by which the erasure itself is not undone.
        """
        from ledger.errors import LedgerTrouble

        erased = self.log.erased()
        if not erased:
            return True, True
        self._codec.forget(erased)
        try:
            return self.log.scrub(), self._keeping.wipe(erased)
        except LedgerTrouble as wrong:
            said = Words(
                "who is erased is named by nothing any more, but what was before is still on the "
                "disk ({reason}): see to that, and give the same command again",
                reason=wrong,
            )
            raise type(wrong)(said) from wrong

    def rehearse(
        self,
        paths: Sequence[str],
        *,
        batch_size: int | None = None,
        as_of: str | None = None,
        max_errors: int | None = None,
        patience: "Patience | None" = None,
        on_resume: "OnResume | None" = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_stop: Callable[["Receipt"], None] | None = None,
    ) -> tuple["Receipt", list[dict[str, object]]]:
        """Ingest files and undo it; return the receipt and every balance that would change.

        The balances are those of `as_of`, by default now. Raises UsageError.
        """
        foresee = self._foreseeing(as_of)
        balances: list[dict[str, object]] = []
        receipt = self.ingest(
            paths,
            batch_size=batch_size,
            dry_run=True,
            max_errors=max_errors,
            patience=patience,
            on_resume=on_resume,
            on_progress=on_progress,
            on_stop=on_stop,
            on_rehearsed=lambda writer: balances.extend(foresee(writer)),
        )
        return receipt, balances

    def _foreseeing(self, as_of: str | None) -> Callable[["Writer"], list[dict[str, object]]]:
        """Return what says which balances a transaction changes as of a date, by default now.

        Raises UsageError.
        """
        from ledger.projections.balances.preview import foreseen
        from ledger.projections.dates import resolve_as_of

        asked_for = resolve_as_of(as_of, self._clock())
        return lambda writer: foreseen(self._keeping.copy, writer, self._codec, asked_for)
