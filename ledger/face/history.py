"""The part of the public face that explains: differences, traces, replays, and what is exported."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.errors import UsageError
from ledger.face.opened import Opened
from ledger.owner import Checked
from ledger.projections.filters import Answer, Filters

if TYPE_CHECKING:
    from ledger.projections.books.catch_up import Progress
    from ledger.projections.history.diff import Dates
    from ledger.projections.history.replay import Replay
    from ledger.projections.question import Question


def dates_of(text: str | None) -> tuple[str | None, str | None]:
    """Return the as-of and the known-at of `AS_OF[@KNOWN_AT]`; either may be left out."""
    as_of, mark, known_at = (text or "").partition("@")
    if mark and not known_at:
        raise UsageError("{text}: after the @ stands a position, a date or an instant", text=text)
    return as_of or None, known_at or None


class Explaining(Opened):
    """What a ledger can say of its answers."""

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
        on_progress: "Progress | None" = None,
    ) -> Answer:
        """Return what changed from one pair of dates to another, and which events moved it.

        Both are `AS_OF[@KNOWN_AT]`; what is left out is now. Raises UsageError, NotAllowed and
        NotFound.
        """
        from ledger.projections.history.diff_answer import difference

        first, last = dates_of(before), dates_of(after)
        now = self._clock()

        def answer(question: "Question") -> Answer:
            return difference(self._dates(question, first, now))

        return self._asking.ask(
            answer,
            Filters(contracts=tuple(contracts), packages=tuple(packages), entitlement=entitlement),
            as_of=last[0],
            known_at=last[1],
            viewer=viewer,
            workspaces=workspaces,
            now=now,
            packages=packages,
            on_progress=on_progress,
        )

    def trace(
        self,
        source: str,
        identifier: str,
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        on_progress: "Progress | None" = None,
    ) -> Answer:
        """Return where an event is, what it does to balances, and who waits for it.

        Raises UsageError, and NotFound where it is neither recorded nor in the quarantine.
        """
        from ledger.audit.trace import Tracing

        answer = Tracing(self._keeping, self._reader, self._codec).trace(
            source,
            identifier,
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            now=self._clock(),
            on_progress=on_progress,
        )
        return self._asking.as_shown(answer)

    def replay(
        self,
        *,
        until: str | int | None = None,
        first: int = 1,
        as_of: str | None = None,
        contracts: Sequence[str] = (),
        packages: Sequence[str] = (),
        case: str | None = None,
    ) -> "Replay":
        """Return the events of the ledger, or of one thing, and what each of them changed.

        They are walked as they are taken, from the position `first` until a position, an instant
        or a date. Raises UsageError and NotFound.
        """
        from ledger.projections.dates import resolve_as_of
        from ledger.projections.history.replay import Walk, replayed

        now = self._clock()
        filters = Filters(
            contracts=tuple(contracts),
            packages=tuple(packages),
            case=case,
            everything=not (contracts or packages or case),
        )
        positions, _cut, head = self._chosen(filters, as_of, until, now)
        walk = Walk(self._reader, self._codec, resolve_as_of(as_of, now))
        walked = replayed(walk, head, [position for position in positions if position >= first])
        shown = map(self._asking.as_shown, walked.events)
        return walked._replace(events=Checked(self._owner, shown))

    def cloudevents(
        self,
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        contracts: Sequence[str] = (),
        packages: Sequence[str] = (),
        case: str | None = None,
        everything: bool = False,
    ) -> Iterator[bytes]:
        """Yield events as they were sent, each as the JSON of its CloudEvent, by position.

        They are those of one contract, package or case, or of everything; with `as_of` only those
        that had taken effect. Raises UsageError and NotFound.
        """
        from ledger.projections.history.sent import sent

        filters = Filters(
            contracts=tuple(contracts), packages=tuple(packages), case=case, everything=everything
        )
        positions, cut, _head = self._chosen(filters, as_of, known_at, self._clock())
        events = sent(self._reader, self._codec, positions, None if as_of is None else cut)
        return Checked(self._owner, events)

    def journal(
        self,
        write: Callable[[str], object],
        *,
        as_of: str | None = None,
        known_at: str | int | None = None,
        contracts: Sequence[str] = (),
        packages: Sequence[str] = (),
        on_progress: "Progress | None" = None,
    ) -> Answer:
        """Give the journal for hledger to `write`, piece by piece; return what every answer says.

        Raises UsageError and NotFound.
        """
        from ledger.projections.history.journal import journal

        def answer(question: "Question") -> Answer:
            for piece in journal(question):
                write(piece)
            return question.answered()

        return self._asking.ask(
            answer,
            Filters(contracts=tuple(contracts), packages=tuple(packages)),
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            viewer=None,
            workspaces=(),
            now=self._clock(),
            piecemeal=True,
            on_progress=on_progress,
        )

    def _chosen(
        self, filters: Filters, as_of: str | None, known_at: str | int | None, now: int
    ) -> tuple[Sequence[int], int, Answer]:
        """Return the positions that filters name, the as-of's cut, and what every answer says."""
        from ledger.projections.views.history import positions_of, zone_of

        chosen: list[Sequence[int]] = []
        cuts: list[int] = []

        def answer(question: "Question") -> Answer:
            if filters == Filters(everything=True):
                chosen.append(range(1, question.position + 1))
            else:
                chosen.append(sorted(positions_of(question)))
            cuts.append(question.as_of.cut(zone_of(question)))
            return question.answered()

        head = self._asking.ask(
            answer,
            filters,
            as_of=as_of,
            known_at=None if known_at is None else str(known_at),
            viewer=None,
            workspaces=(),
            now=now,
        )
        return chosen[0], cuts[0], head

    def _dates(self, after: "Question", first: tuple[str | None, str | None], now: int) -> "Dates":
        from ledger.projections.history.diff import Dates

        before = self._asking.at_other_dates(after, *first, now)
        if before.position == after.position:
            middle = before
        elif before.as_of == after.as_of:
            middle = after
        else:
            middle = replace(after, as_of=before.as_of)
        return Dates(before, middle, after)
