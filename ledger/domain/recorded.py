"""An event as the ledger holds it: typed, with its two dates, its position and its stream."""

from operator import itemgetter
from typing import NamedTuple

from ledger.domain.events.fields import Event


class Recorded(NamedTuple):
    """One recorded event."""

    position: int
    recorded_at: int
    """When the ledger recorded it (nanoseconds since 1970)."""
    effective_at: int
    """When it took effect (nanoseconds since 1970)."""
    stream: str
    version: int
    source: str
    id: str
    event: Event

    @property
    def order(self) -> tuple[int, int]:
        """Where it stands among the events that count."""
        return (self.effective_at, self.position)


_ORDER = itemgetter(*map(Recorded._fields.index, ("effective_at", "position")))


def in_order(events: "list[Recorded]") -> "list[Recorded]":
    """Return the events in the order in which they are applied."""
    return sorted(events, key=_ORDER)


def event_key(source: str, identifier: str) -> str:
    """Return what identifies an event for ever: neither part can hold the separator."""
    return f"{source}\x1f{identifier}"
