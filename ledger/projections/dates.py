"""The two dates of a question, as they are asked and as they are answered: as-of and known-at."""

from dataclasses import dataclass

from ledger.domain.aggregates.contract import UTC
from ledger.domain.values.as_of import AsOf, parse_as_of
from ledger.domain.values.calendar import day_end, parse_date
from ledger.domain.values.instants import format_instant, parse_instant
from ledger.errors import UsageError
from ledger.storage.log import Head, LogReader


@dataclass(frozen=True, slots=True)
class KnownAt:
    """What a question takes as recorded: up to which position, and how it was asked."""

    position: int
    echo: object
    moment: int
    """When that was: now, the stamp of the position, or the instant or end of the day asked."""


def resolve_known_at(text: str | None, log: LogReader, head: Head, now: int) -> KnownAt:
    """Return the position of a `known_at`: a position, an instant that has come, or a date.

    The ledger's time is never before its last stamp, whatever the clock says. Raises UsageError
    with one sentence when it is none of these.
    """
    stamp = head.recorded_at
    now = now if stamp is None else max(now, stamp)
    if text is None:
        return KnownAt(head.position, None if stamp is None else format_instant(stamp), now)
    if text.isascii() and text.isdigit():
        position = int(text)
        if position > head.position:
            raise UsageError(
                "position {position} is not recorded yet: the last one is {last}",
                position=position,
                last=head.position,
            )
        return KnownAt(position, position, _stamp(log, position, now))
    try:
        if "T" not in text.upper():
            day = parse_date(text)
            moment = min(day_end(day, UTC), now)
            return KnownAt(log.position_at(moment), day.isoformat(), moment)
        instant = parse_instant(text)
    except ValueError as wrong:
        raise UsageError("--known-at {text}: {wrong}", text=text, wrong=wrong) from None
    if instant > now:
        raise UsageError("--known-at {text} is in the future: nothing is known of it", text=text)
    return KnownAt(log.position_at(instant), format_instant(instant), instant)


def _stamp(log: LogReader, position: int, now: int) -> int:
    """Return when a position was recorded; now where nothing is."""
    return log.at([position])[0].recorded_at if position else now


def resolve_as_of(text: str | None, now: int) -> AsOf:
    """Return the as-of of a question; without one it is now. Raises UsageError."""
    if text is None:
        return AsOf(instant=now)
    try:
        return parse_as_of(text)
    except ValueError as wrong:
        raise UsageError("--as-of {text}: {wrong}", text=text, wrong=wrong) from None
