"""What the ledger holds: accepted events with their position and stamp."""

from typing import NamedTuple

from .civil import instant


class Record(NamedTuple):
    """One accepted event, as the ledger received it."""

    position: int
    recorded_at: int
    event: dict


class Event(NamedTuple):
    """One accepted event, read: its times as nanoseconds, its data as it came."""

    position: int
    recorded_at: int
    effective_at: int
    source: str
    id: str
    type: str
    data: dict


def read(record: Record) -> Event:
    """The event of a record."""
    told = record.event
    return Event(
        record.position,
        record.recorded_at,
        instant(told["time"]),
        told["source"],
        told["id"],
        told["type"],
        told["data"],
    )


def in_order(events) -> list[Event]:
    """Events in the order in which they are applied."""
    return sorted(events, key=lambda event: (event.effective_at, event.position))
