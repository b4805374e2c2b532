"""The types of the fields of events, and the two kinds of events: facts, and terms."""

from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from ledger.domain.persons import Personal
from ledger.domain.values.calendar import parse_date, zone
from ledger.domain.values.instants import format_instant, parse_instant
from ledger.domain.values.quantities import LIMIT, format_quantity, parse_quantity

Identifier = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\p{Cc}]*$")
]
"""Opaque text of 1 to 200 characters without control characters."""

Text = Annotated[str, StringConstraints(strict=True)]
"""Free text."""

PersonId = Annotated[Identifier, Personal()]
"""The id of a user, learner or contact."""

PersonName = Annotated[Text, Personal(may_be_a_group=True)]
"""A name or an e-mail address, or free text that names who did or allowed something."""

ContactText = Annotated[Text, Personal(of="contact")]
"""The name or the e-mail address of the contact that an event is about."""

PrincipalId = Annotated[
    str,
    StringConstraints(strict=True, max_length=206, pattern=r"^(user|group):[^\p{Cc}]{1,200}$"),
    Personal(may_be_a_group=True),
]
"""`user:ID` or `group:ID`."""

ScopeId = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=210, pattern=r"^(customer|workspace):[^\p{Cc}]{1,200}$"
    ),
]
"""`customer:ID` or `workspace:ID`."""

_QUANTITY_SCHEMA = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d{1,9})?$"}],
    "description": "an exact decimal, at most 9 decimals, magnitude below 10^9",
}

Quantity = Annotated[
    int,
    PlainValidator(parse_quantity),
    PlainSerializer(format_quantity),
    WithJsonSchema(_QUANTITY_SCHEMA),
]
"""An exact decimal of any sign, held as an amount (`ledger.domain.values.quantities`)."""


def _not_negative(value: object) -> int:
    amount = parse_quantity(value)
    if amount < 0:
        raise ValueError("this quantity is not below zero")
    return amount


def _positive(value: object) -> int:
    amount = parse_quantity(value)
    if amount <= 0:
        raise ValueError("this quantity is more than zero")
    return amount


def _not_zero(value: object) -> int:
    amount = parse_quantity(value)
    if amount == 0:
        raise ValueError("this quantity is not zero")
    return amount


def _whole_number(value: object) -> int:
    """Return an integer sent as a JSON number (`30` or `30.0`)."""
    if type(value) is int and -LIMIT < value < LIMIT:
        return value  # as nearly every one is sent, and every one is stored
    if isinstance(value, str):
        raise ValueError("a whole number such as 30, not a text")  # noqa: TRY004 - pydantic's way
    amount = parse_quantity(value)
    number, rest = divmod(amount, parse_quantity(1))
    if rest:
        raise ValueError("a whole number such as 30")
    return number


def _count(value: object) -> int:
    number = _whole_number(value)
    if number < 0:
        raise ValueError("a whole number, not below zero")
    return number


def _minutes(value: object) -> int:
    number = _whole_number(value)
    if number <= 0:
        raise ValueError("a whole number of minutes, more than zero")
    return number


_ANY_NUMBER = PlainSerializer(format_quantity)
NotNegative = Annotated[
    int, PlainValidator(_not_negative), _ANY_NUMBER, WithJsonSchema(_QUANTITY_SCHEMA)
]
Positive = Annotated[int, PlainValidator(_positive), _ANY_NUMBER, WithJsonSchema(_QUANTITY_SCHEMA)]
NotZero = Annotated[int, PlainValidator(_not_zero), _ANY_NUMBER, WithJsonSchema(_QUANTITY_SCHEMA)]

WholeNumber = Annotated[
    int,
    PlainValidator(_whole_number),
    WithJsonSchema({"type": "integer", "exclusiveMinimum": -LIMIT, "exclusiveMaximum": LIMIT}),
]
Count = Annotated[int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Minutes = Annotated[
    int, PlainValidator(_minutes), WithJsonSchema({"type": "integer", "minimum": 1})
]

Date = Annotated[
    date,
    PlainValidator(parse_date),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A civil date, `YYYY-MM-DD`."""

Instant = Annotated[
    int,
    PlainValidator(parse_instant),
    PlainSerializer(format_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An RFC 3339 instant, held as nanoseconds since 1970."""


def _zone_name(value: object) -> object:
    if isinstance(value, str):
        zone(value)
    return value


ZoneName = Annotated[Text, BeforeValidator(_zone_name)]
"""An IANA time zone."""

Flag = Annotated[bool, Field(strict=True)]

Service = Literal[
    "problem_resolution",
    "advisory",
    "support_assistance",
    "development_support",
    "technology_advisor",
    "workshop",
    "proactive_service",
    "dse",
    "proactive_credits",
    "on_demand_education",
    "support_contacts",
    "on_demand_assessment",
    "assessment_setup",
    "other",
]
Unit = Literal["case", "hour", "credit", "engagement", "activity", "seat", "assessment", "each"]


class Part(BaseModel):
    """A part of an event: frozen, and nothing that its type does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@lru_cache(maxsize=256)
def _naming_fields(kind: type["Event"]) -> tuple[str, ...]:
    """Return the fields of a type that name a package, contract or workspace."""
    return tuple(name for name in ("package", "contract", "workspace") if name in kind.model_fields)


class Event(Part):
    """What all event types share. The data of one CloudEvent, once validated, for ever."""

    type_name: ClassVar[str]
    """The stable name under which it is sent and stored."""

    is_fact: ClassVar[bool]
    """Whether it is always appended (a fact), or decided (a term or a correction)."""

    clears: ClassVar[frozenset[str]] = frozenset()
    """Fields in which null is said on purpose: it clears."""

    def subject(self) -> str | None:
        """Return the case or engagement that it belongs to, as `kind:ID`; None for others."""
        return None

    def names(self) -> dict[str, str]:
        """Return what it names of contract, package and workspace: where its stream is."""
        return {
            kind: name
            for kind in _naming_fields(type(self))
            if (name := getattr(self, kind)) is not None
        }

    def given(self, field: str) -> bool:
        """Return whether a field was sent, be it null where null clears."""
        return field in self.model_fields_set and (
            field in self.clears or getattr(self, field) is not None
        )


class Fact(Event):
    """Something that happened: a well-formed one is always appended."""

    is_fact: ClassVar[bool] = True


class Term(Event):
    """A term or a correction: refused when it contradicts what is recorded."""

    is_fact: ClassVar[bool] = False
