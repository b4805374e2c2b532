"""A trace: where one event is, what it does to balances now, and who waits for it."""

from collections.abc import Collection
from operator import itemgetter
from typing import Final

from ledger.commands.ingest.decision_state import brings
from ledger.commands.quarantine import held_lines, row
from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.postings import CONSUMES, RESERVES
from ledger.domain.events.fields import Event
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import Recorded, event_key
from ledger.domain.refusals import Refusal
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import SCALE, format_quantity
from ledger.errors import NotFound
from ledger.projections.balances.changes import Effects, changes
from ledger.projections.balances.settled import settled_by
from ledger.projections.books.books import Books
from ledger.projections.books.cache import Keeping
from ledger.projections.books.catch_up import Progress
from ledger.projections.books.what_if import Undo, leave_out
from ledger.projections.dates import resolve_as_of
from ledger.projections.filters import Answer
from ledger.storage.codec import Codec
from ledger.storage.log import HeldLine, LogReader


class Tracing:
    """Traces events of one ledger."""

    def __init__(self, keeping: Keeping, log: LogReader, codec: Codec) -> None:
        """Take what keeps the books, the log, and the codec."""
        self._keeping = keeping
        self._log = log
        self._codec = codec

    def trace(
        self,
        source: str,
        identifier: str,
        *,
        as_of: str | None,
        known_at: str | None,
        now: int,
        on_progress: Progress | None = None,
    ) -> Answer:
        """Return all that is known of an event: recorded, refused, or both. Raises NotFound."""
        asked_for = resolve_as_of(as_of, now)
        key = event_key(source, identifier)
        held = list(held_lines(self._log))
        refused, events = self._refused(held, source, identifier)
        with self._keeping.trying(known_at, now, on_progress) as (books, known, undo):
            position = self._log.find([key]).get(key)
            recorded = None
            if position is not None and position <= known.position:
                recorded = self._codec.recorded(self._log.at([position])[0])
            if recorded is None and not refused:
                raise NotFound(
                    "there is no event {identifier} of {source}",
                    identifier=identifier,
                    source=source,
                )
            answer: Answer = {
                "as_of": asked_for.echo(),
                "known_at": known.echo,
                "position": known.position,
                "limited": False,
                "source": source,
                "id": identifier,
                "event": None,
                "postings": [],
                "balances": [],
            }
            if recorded is not None:
                answer |= self._effect(books, undo, known.position, recorded, asked_for)
        names = {f"event:{key}"}
        for event in [*events, *([recorded.event] if recorded else [])]:
            names.update(brings(key, event))
        answer["refused"] = [row(line) for line in refused]
        answer["waiting"] = [row(line) for line in held if line.waits_for in names]
        return answer

    def _refused(
        self, held: Collection[HeldLine], source: str, identifier: str
    ) -> tuple[list[HeldLine], list[Event]]:
        """Return the lines that wait with this source and id, and what is typed of them."""
        lines, events = [], []
        for line in held:
            envelope = self._codec.receive(line.raw)
            if isinstance(envelope, Refusal):
                continue
            if (envelope.source, envelope.id) == (source, identifier):
                lines.append(line)
                typed = self._codec.typed(envelope)
                if not isinstance(typed, Refusal):
                    events.append(typed.event)
        return lines, events

    def _effect(
        self, books: Books, undo: Undo, known: int, recorded: Recorded, as_of: AsOf
    ) -> dict[str, object]:
        """Return the event, its postings, and the balances with and without it."""
        effects = Effects(books, self._log, self._codec, as_of)
        event = recorded.event
        target = effects.target(event) if isinstance(event, EventReversed) else None
        found = self._event(books, recorded, target, known)
        postings = _postings(books, effects, recorded.position, as_of)
        leave_out(books, self._log, self._codec, recorded, target)
        other = Effects(books, self._log, self._codec, as_of)
        further = other.places(recorded)
        undo()
        places: set[EntitlementRef] = effects.places(recorded) | further
        having = effects.figures(places)
        leave_out(books, self._log, self._codec, recorded, target)
        lacking = other.figures(places)
        balances = changes(lacking, having, ("without", "with"))
        return {"event": found, "postings": postings, "balances": balances}

    def _event(
        self, books: Books, recorded: Recorded, target: Recorded | None, known: int
    ) -> dict[str, object]:
        rows = books.rows(
            "SELECT by_position FROM reversals WHERE position = ?", (recorded.position,)
        )
        by = [self._codec.recorded(each) for each in self._log.at([found for (found,) in rows])]
        return {
            "position": recorded.position,
            "stream": recorded.stream,
            "version": recorded.version,
            "type": recorded.event.type_name,
            "effective_at": format_instant(recorded.effective_at),
            "recorded_at": format_instant(recorded.recorded_at),
            "reversed_by": _reference(by[0]) if by and by[0].position <= known else None,
            "reverses": _reference(target) if target is not None else None,
            "data": recorded.event.model_dump(mode="json", by_alias=True, exclude_none=True),
        }


def _reference(recorded: Recorded) -> dict[str, object]:
    return {
        "position": recorded.position,
        "source": recorded.source,
        "id": recorded.id,
        "type": recorded.event.type_name,
    }


def _postings(
    books: Books, effects: Effects, position: int, as_of: AsOf
) -> list[dict[str, object]]:
    """Return what an event posts now; `counts` says which measures its entitlement counts."""
    rows = books.rows(
        "SELECT effective_at, package, entitlement, measure, workspace, whole, fraction"
        " FROM postings WHERE position = ?",
        (position,),
    )
    found = [(*row, whole * SCALE + fraction) for *row, whole, fraction in rows]
    settled = settled_by(books, position, effects.holds_engagements)
    found += [(posting.effective_at, *posting[2:7]) for posting in settled]
    return [
        {
            "package": package,
            "entitlement": entitlement,
            "measure": measure,
            "quantity": format_quantity(amount),
            "effective_at": format_instant(at),
            "workspace": workspace,
            "counts": _counts(effects, (package, entitlement), measure, at, as_of),
        }
        for at, package, entitlement, measure, workspace, amount in sorted(found, key=_ORDER)
    ]


_ORDER: Final = itemgetter(0, 1, 2, 3)
"""Postings are told by their instant, their place and their measure."""


def _counts(effects: Effects, place: EntitlementRef, measure: str, at: int, as_of: AsOf) -> bool:
    """Return whether a measure is consumed or held back on an entitlement, at the as-of."""
    terms = effects.terms.at(place[0], as_of)
    line = terms.line(*place)
    unit = line.entitlement.unit if line is not None else None
    if unit is None or at > terms.cut(place[0]):
        return False
    return measure in CONSUMES[unit] or measure in RESERVES.get(unit, ())
