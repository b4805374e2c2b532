"""A replay: history walked event by event, with what each one changed.

Balances are those of one as-of, by default now, as they were known after each position. So a late
fact changes them when it is recorded, and the changes from the first event on come to the balances.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.recorded import Recorded
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.instants import format_instant
from ledger.projections.balances.changes import Effects, Figures, changes
from ledger.projections.books.catch_up import catch_up
from ledger.projections.books.fold import Decoder
from ledger.projections.books.sqlite import open_books
from ledger.projections.filters import Answer
from ledger.storage.log import LogReader


class Replay(NamedTuple):
    """What every answer says, and the events, one after the other as they are walked."""

    head: Answer
    events: Iterator[Answer]


class Walk:
    """Books of one's own that are made event by event."""

    def __init__(self, log: LogReader, decoder: Decoder, as_of: AsOf) -> None:
        """Begin before the first event."""
        self._log = log
        self._decoder = decoder
        self._source = _Unproved(log)
        self._books = open_books(None, log.ledger_id)
        self._effects = Effects(self._books, log, decoder, as_of)
        self._known: dict[EntitlementRef, Figures | None] = {}

    def close(self) -> None:
        """Let go of the books."""
        self._books.close()

    def over(self, positions: Iterable[int]) -> Iterator[Answer]:
        """Yield each event of rising positions, with the balances that it changed."""
        for position in positions:
            if self._books.checkpoint.position < position - 1:
                self._read_to(position - 1)
                self._known.clear()
            recorded = self._decoder.recorded(self._log.at([position])[0])
            places = self._effects.places(recorded) | self._effects.upcoming(recorded)
            unknown = places - self._known.keys()
            self._known |= dict.fromkeys(unknown) | self._effects.figures(unknown)
            before = self._of(places)
            self._read_to(position)
            places |= self._effects.places(recorded)
            self._known |= dict.fromkeys(places) | self._effects.figures(places)
            yield {**_row(recorded), "balances": changes(before, self._of(places))}

    def _of(self, places: Iterable[EntitlementRef]) -> dict[EntitlementRef, Figures]:
        """Return the figures of the places that are consumables, as they are known."""
        return {place: figures for place in places if (figures := self._known.get(place))}

    def _read_to(self, position: int) -> None:
        catch_up(self._books, self._source, self._decoder, position)
        self._effects.terms.read_on()


class _Unproved:
    """A log for books that nobody else has: whose they are needs no proof after each event."""

    def __init__(self, log: LogReader) -> None:
        self.read, self.at, self.find, self.erased = log.read, log.at, log.find, log.erased

    def root_at(self, position: int) -> bytes:
        """Return nothing."""
        del position
        return b""


def _row(recorded: Recorded) -> dict[str, object]:
    return {
        "position": recorded.position,
        "source": recorded.source,
        "id": recorded.id,
        "type": recorded.event.type_name,
        "stream": recorded.stream,
        "version": recorded.version,
        "effective_at": format_instant(recorded.effective_at),
        "recorded_at": format_instant(recorded.recorded_at),
        "data": recorded.event.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def replayed(walk: Walk, head: Answer, positions: Iterable[int]) -> Replay:
    """Return the replay of a walk, which is over once all its events are taken."""

    def events() -> Iterator[Answer]:
        try:
            yield from walk.over(positions)
        finally:
            walk.close()

    return Replay(head, events())
