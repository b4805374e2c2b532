"""Corrections: an operator's own events, made here and judged like any that is sent."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final

from ledger.commands.ingest.judge import Judge, judged
from ledger.commands.ingest.receipt import Outcome
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.own_line import own_line
from ledger.domain.recorded import event_key
from ledger.domain.refusals import Refusal
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.instants import format_instant, parse_instant
from ledger.errors import UsageError
from ledger.projections.balances.preview import foreseen
from ledger.projections.books.books import Books
from ledger.storage.codec import Codec
from ledger.storage.log import Log, Randomness, Writer

SOURCE: Final = "urn:cpod:operator"
"""The source of events that are made here."""

_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Correction:
    """An event that an operator wants recorded."""

    type: str
    data: Mapping[str, object]
    id: str | None = None
    """None makes one of random bytes."""
    time: str | None = None
    """When it takes effect (RFC 3339); None is now."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a correction."""

    event: Mapping[str, object]
    """The event as it was, or would be, recorded."""
    decision: str
    """`appended`, `duplicate` or `refused`."""
    position: int | None
    """Where it was, or would be, recorded."""
    refusal: Refusal | None
    balances: list[dict[str, object]]
    """Every balance that it changes, before and after."""
    dry_run: bool

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        refusal = self.refusal
        return {
            "decision": self.decision,
            "position": self.position,
            "dry_run": self.dry_run,
            "code": refusal.code if refusal else None,
            "reason": refusal.reason if refusal else None,
            "event": self.event,
            "balances": self.balances,
        }


class _Refused(Exception):
    """Undoes the transaction of a correction that is refused: it does not wait."""


def correct(
    engine: Engine,
    codec: Codec,
    correction: Correction,
    *,
    now: int,
    randomness: Randomness,
    copy_books: Callable[[], Books],
    as_of: AsOf,
    dry_run: bool = False,
) -> Corrected:
    """Record a correction, and return what became of it, with every balance that it changes.

    A refused one is told and not kept: it does not wait in the quarantine to take effect one day.
    A dry run is judged like any other, and then undone. Raises UsageError.
    """
    event = _event(engine.log, codec, correction, now, randomness)
    line = own_line(codec, event)
    outcomes: list[Outcome] = []
    balances: list[dict[str, object]] = []

    def work(writer: Writer, judge: Judge) -> Sequence[Outcome]:
        found = judged(judge, [line])
        outcomes.extend(found)
        if found[0].refusal is not None:
            raise _Refused
        judge.flush()
        balances.extend(foreseen(copy_books, writer, codec, as_of))
        return found

    try:
        with engine.rehearsal() if dry_run else nullcontext():
            engine.transact(work, lambda _: None)
    except _Refused:
        pass
    outcome = outcomes[0]
    return Corrected(event, outcome.decision, outcome.position, outcome.refusal, balances, dry_run)


def _event(
    log: Log, codec: Codec, correction: Correction, now: int, randomness: Randomness
) -> dict[str, object]:
    identifier = correction.id if correction.id is not None else randomness(_ID_BYTES).hex()
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": SOURCE,
        "type": correction.type,
        "time": format_instant(_time(log, codec, correction, now)),
        "data": dict(correction.data),
    }


def _time(log: Log, codec: Codec, correction: Correction, now: int) -> int:
    """Return when a correction takes effect.

    Sent again under a given id, without a time, it keeps the time that it had: it is a duplicate.
    """
    if correction.time is not None:
        try:
            return parse_instant(correction.time)
        except ValueError as wrong:
            raise UsageError("--time {text}: {wrong}", text=correction.time, wrong=wrong) from None
    if correction.id is not None:
        for position in log.find([event_key(SOURCE, correction.id)]).values():
            return codec.recorded(log.at([position])[0]).effective_at
    return now
