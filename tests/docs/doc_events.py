"""The page of the events, written from their models."""

from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from doc_sessions import WRITTEN
from pydantic import TypeAdapter

from ledger.domain.events import EVENTS
from ledger.domain.events.fields import Event, Part
from ledger.domain.persons import Personal


def events_page() -> str:
    """Return the page of every event type, with its fields, as the models have them."""
    return "\n".join(_events_lines())


def _events_lines() -> Iterator[str]:
    yield from (WRITTEN, "", "# The events", "", *_EVENTS_INTRODUCTION, "")
    groups: dict[str, list[type[Event]]] = {}
    for event in EVENTS:
        groups.setdefault(event.type_name.partition(".")[0], []).append(event)
    for group, events in groups.items():
        yield from (f"## {group}", "")
        if group in _REMARKS:
            yield from (*_REMARKS[group], "")
        for event in events:
            yield from _event_lines(event)


_EVENTS_INTRODUCTION: Final = (
    "A sender writes one CloudEvent 1.0 a line, in JSON. `type` says which event it is, `time`",
    "when it took effect, and `data` what happened. `source` and `id` together name the event for",
    "ever.",
    "",
    "A **fact** happened: a well-formed one is always recorded. A **term** is decided against what",
    "is recorded, and refused where it contradicts it ([errors](errors.md)).",
    "",
    "Null means absent, but for fields marked *clears*: there null is said on purpose. Fields",
    "marked *personal* say who somebody is. A field that the type does not have is refused. A",
    "**quantity** is an exact decimal, as a JSON number or as text, with at most 9 decimals and",
    "below 10^9 in size. Dates are `YYYY-MM-DD`. `cpod schema TYPE` prints the JSON Schema of a",
    "type.",
)

_REMARKS: Final = {
    "role": (
        "`customer_admin` is a role on a customer; the others are on a customer or a workspace.",
    ),
    "package": (
        "An entitlement of class `consumable` is tracked: it has a unit, and without a quantity",
        "it is as needed. One of class `benefit` is only listed: it has neither unit nor quantity.",
    ),
    "entitlement": (
        "Only what has a quantity can be granted, adjusted and transferred. A transfer arrives as",
        "`quantity` times `rate`, and without a rate as it left.",
    ),
    "case": (
        "A case is the id that all its events name. `case.reassigned` gives one or more of its",
        "fields, `case.shared` and `case.unshared` exactly one.",
    ),
    **dict.fromkeys(
        ("workshop", "dse", "proactive_service"),
        (
            "Ids of engagements are one name space over workshops, designated engineers and",
            "proactive services. A delivery is final unless `final` is false, and a cancellation",
            "charges nothing unless `charge` says so.",
        ),
    ),
}
"""What the fields alone do not say, by the first word of the type."""

_SAID: Final = {"timezone": "IANA time zone, such as `Europe/Paris`"}
"""Fields whose schema says less than their validator checks."""


def _event_lines(event: type[Event]) -> Iterator[str]:
    kind = "fact" if event.is_fact else "term"
    yield from (f"### `{event.type_name}`", "", f"{_paragraph(event)} A {kind}.", "")
    yield from _field_table(event, event.clears)
    for name, part in _parts(event):
        yield from (f"Each of `{name}`:" if name == "entitlements" else f"`{name}`:", "")
        yield from _field_table(part)


def _paragraph(event: type[Event]) -> str:
    return " ".join((event.__doc__ or "").split())


def _field_table(part: type[Part], clears: Iterable[str] = ()) -> Iterator[str]:
    yield from ("| field | | what |", "|---|---|---|")
    for name, field in part.model_fields.items():
        needed = "" if not field.is_required() else "required"
        remarks = [_SAID.get(name) or _described(field.annotation, field.metadata)]
        remarks += ["*clears*"] if name in clears else []
        remarks += ["*personal*"] if _is_personal(field.annotation, field.metadata) else []
        yield f"| `{field.alias or name}` | {needed} | {', '.join(remarks)} |"
    yield ""


def _is_personal(annotation: Any, metadata: Iterable[Any]) -> bool:
    if any(isinstance(mark, Personal) for mark in metadata):
        return True
    return any(
        _is_personal(part, getattr(part, "__metadata__", ())) for part in get_args(annotation)
    )


def _described(annotation: Any, metadata: Iterable[Any]) -> str:
    """Return in words what a field holds, from the JSON Schema of its type."""
    model = _model_of(annotation)
    if model is not None:
        many = get_origin(annotation) is tuple
        return "a list, see below" if many else "an object, see below"
    full = Annotated[annotation, *metadata] if metadata else annotation
    return _in_words(TypeAdapter(full).json_schema())


def _in_words(schema: dict[str, Any]) -> str:
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if "description" in schema:
        return "quantity"
    if len(choices) == 1:
        return _in_words(choices[0])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    match schema:
        case {"format": "date"}:
            return "date"
        case {"format": "date-time"}:
            return "instant"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "integer", "minimum": 1}:
            return "whole number, 1 or more"
        case {"type": "integer", "minimum": 0}:
            return "whole number, 0 or more"
        case {"type": "integer"}:
            return "whole number"
        case {"pattern": str(pattern)} if pattern.startswith("^("):
            kinds = pattern[2 : pattern.index(")")].split("|")
            return " or ".join(f"`{kind}:ID`" for kind in kinds)
        case {"minLength": 1}:
            return "id"
    return "text"


def _model_of(annotation: Any) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    if get_origin(annotation) in {tuple, Union, UnionType}:
        return next((found for each in get_args(annotation) if (found := _model_of(each))), None)
    return None


def _parts(event: type[Event]) -> Iterator[tuple[str, type[Part]]]:
    """Yield the objects that stand within the data of an event, each kind once."""
    seen = set()
    for name, field in event.model_fields.items():
        part = _model_of(field.annotation)
        if part is not None and part not in seen:
            seen.add(part)
            yield field.alias or name, part
