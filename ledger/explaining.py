"""The part of the public face that explains: differences, traces, replays, and what is exported."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.errors import UsageError
from ledger.projections.asking import Asking
from ledger.projections.catching_up import Progress
from ledger.projections.question import Answer, Filters, Question
from ledger.storage.codec import Codec
from ledger.storage.log import Clock, LogReader

if TYPE_CHECKING:
    from ledger.projections.differing import Dates


def dates_of(text: str | None) -> tuple[str | None, str | None]:
    """Return the as-of and the known-at of `AS_OF[@KNOWN_AT]`; either may be left out."""
    as_of, mark, known_at = (text or "").partition("@")
    if mark and not known_at:
        raise UsageError(f"{text}: after the @ stands a position, a date or an instant")
    return as_of or None, known_at or None


class Explaining:
    """What a ledger can say of its answers."""

    codec: Codec
    _asking: Asking
    _clock: Clock
    _reader: LogReader

    def diff(
        self,
        before: str,
        after: str | None = None,
        *,
        viewer: str | None = None,
        workspaces: Sequence[str] = (),
        contracts: Sequence[str] = (),
        packages: Sequence[str] = (),
        entitlement: str | None = None,
        on_progress: Progress | None = None,
    ) -> Answer:
        """Return what changed from one pair of dates to another, and which events moved it.

        Both are `AS_OF[@KNOWN_AT]`; what is left out is now. Raises UsageError, NotAllowed and
        NotFound.
        """
        from ledger.projections.difference import difference

        first, last = dates_of(before), dates_of(after)
        now = self._clock()

        def answer(question: Question) -> Answer:
            return difference(self._dates(question, first, now))

        return self._asking.ask(
            answer,
            Filters(contracts=tuple(contracts), packages=tuple(packages), entitlement=entitlement),
            as_of=last[0],
            known_at=last[1],
            viewer=viewer,
            workspaces=workspaces,
            now=now,
            on_progress=on_progress,
        )

    def trace(
        self,
        source: str,
        identifier: str,
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        on_progress: Progress | None = None,
    ) -> Answer:
        """Return where an event is, what it does to balances, and who waits for it.

        Raises UsageError, and NotFound where it is neither recorded nor in the quarantine.
        """
        from ledger.commands.tracing import Tracing

        return Tracing(self._asking, self._reader, self.codec).trace(
            source,
            identifier,
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            now=self._clock(),
            on_progress=on_progress,
        )

    def _dates(self, after: Question, first: tuple[str | None, str | None], now: int) -> "Dates":
        from ledger.projections.differing import Dates

        before = self._asking.at_other_dates(after, *first, now)
        if before.position == after.position:
            middle = before
        elif before.as_of == after.as_of:
            middle = after
        else:
            middle = replace(after, as_of=before.as_of)
        return Dates(before, middle, after)
