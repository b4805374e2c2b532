"""What the fields of answers hold, so that a file can say so: numbers, days, instants or text.

The type follows from the name of a field, never from its value: a case of id `007` stays text.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from cli.render.layout import Answer, Row, Section

_encode: Final = json.JSONEncoder(ensure_ascii=False).encode


class Type(Enum):
    """What every value of a field is, where it is not null."""

    TEXT = "text"
    QUANTITY = "an exact decimal, as text"
    COUNT = "a whole number"
    FLAG = "true or false"
    DAY = "a date, YYYY-MM-DD"
    INSTANT = "an instant, RFC 3339 in UTC"


_QUANTITIES: Final = frozenset(
    {
        *("granted", "consumed", "consumed_in_scope", "used_elsewhere", "expired", "reserved"),
        *("remaining", "available", "overage", "delivered_hours", "consumed_in_period"),
        *(
            "consumed_in_scope_in_period",
            "delivered_hours_in_period",
            "hours",
            "over_cap",
            "change",
        ),
        *(
            "balance",
            "balance_after",
            "credits",
            "quantity",
            "unit_price",
            "purchased",
            "used",
            "left",
        ),
        *("scheduled", "delivered", "charge", "allowed", "quality_index", "score", "rate_per_day"),
        "remaining_at_end",
    }
)
_COUNTS: Final = frozenset(
    {
        *(
            "position",
            "number",
            "line",
            "version",
            "reversed_by",
            "cases",
            "days_left",
            "rows",
            "bytes",
        ),
        *("total", "findings", "runs", "minutes"),
    }
)
_FLAGS: Final = frozenset({"as_needed", "limited", "final", "present", "visible"})
_DAYS: Final = frozenset({"on", "next_expiry"})

TOTALLED: Final = frozenset(
    {
        *("granted", "consumed", "consumed_in_scope", "used_elsewhere", "expired", "reserved"),
        *("remaining", "available", "overage", "delivered_hours", "consumed_in_period"),
        *(
            "consumed_in_scope_in_period",
            "delivered_hours_in_period",
            "hours",
            "over_cap",
            "change",
        ),
        *("credits", "cases"),
    }
)
"""Fields whose sum means something, where all rows are of one unit; a balance is no such field."""


def type_of(name: str) -> Type:
    """Return what a field of that name holds."""
    if name in _QUANTITIES:
        return Type.QUANTITY
    if name in _COUNTS:
        return Type.COUNT
    if name in _FLAGS:
        return Type.FLAG
    if name.endswith("_at"):
        return Type.INSTANT
    return Type.DAY if name in _DAYS or name.endswith("_on") else Type.TEXT


def type_in(name: str, rows: Sequence[Row]) -> Type:
    """Return what a field holds in these rows: text where one of them is not of its type."""
    kind = type_of(name)
    return kind if all(_fits(kind, row.get(name)) for row in rows) else Type.TEXT


def _fits(kind: Type, value: object) -> bool:
    if value is None or kind is Type.TEXT:
        return True
    if kind is Type.FLAG:
        return isinstance(value, bool)
    if kind is Type.COUNT:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str) and value != ""


def plain_text(value: object) -> str:
    """Return a value as plain text: lists joined by `;`, everything deeper as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return _encode(value)
    if isinstance(value, Sequence):
        joined = all(isinstance(item, str) and ";" not in item for item in value)
        return ";".join(value) if joined else _encode(value)
    return _encode(value)


def flat_rows(section: Section, answer: Answer) -> list[Row]:
    """Return the rows of a section as a file has them: those within rows spread out."""
    rows = section.rows(answer)
    return [flat for row in rows for flat in section.spread(row)] if section.spread else list(rows)


def sections_of(answer: Answer, sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections that an answer has; some have one only where it is asked for."""
    for section in sections:
        if section.name in answer:
            yield section


class About(NamedTuple):
    """What was asked, as a file says it of itself."""

    view: str
    given: Mapping[str, object]
    """The filters and dates of the question, as they were given."""

    def facts(self, answer: Answer) -> dict[str, str]:
        """Return what it takes to ask the same question again, as texts."""
        facts = {"view": self.view}
        for name in ("as_of", "known_at", "position", "limited", "total", "next"):
            if name in answer:
                facts[name] = "" if answer[name] is None else plain_text(answer[name])
        own = {"as_of", "known_at"}
        facts |= {name: plain_text(value) for name, value in self.given.items() if name not in own}
        return facts
