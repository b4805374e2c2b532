"""Reversals: an event that was wrong no longer counts."""

from typing import ClassVar

from ledger.domain.events.fields import Identifier, Part, PersonName, Term, Text


class EventKey(Part):
    """What identifies an event for ever."""

    source: Identifier
    id: Identifier


class EventReversed(Term):
    """A fact, an adjustment or a grant does not count, for every answer that knows it."""

    type_name: ClassVar[str] = "event.reversed"

    reverses: EventKey
    reason: Text
    authorised_by: PersonName
