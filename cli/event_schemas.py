"""The JSON Schema of each event as a sender writes it: the CloudEvents envelope and its data."""

from typing import Any, Final

from ledger.domain.events import BY_NAME, EVENTS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_CONTROLS: Final = r"\u0000-\u001f\u007f-\u009f"
"""The class `\\p{Cc}`, spelt out for the many validators that do not know such classes."""

_IDENTIFIER: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 200,
    "pattern": f"^[^{_CONTROLS}]*$",
}
_ENVELOPE: Final[dict[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": _IDENTIFIER | {"description": "with source it identifies the event for ever"},
    "source": _IDENTIFIER | {"description": "the system that sends it"},
    "time": {
        "type": "string",
        "format": "date-time",
        "description": "when it took effect, from 1900 to 2199; at most 9 decimals of a second",
    },
    "datacontenttype": {"type": ["string", "null"], "minLength": 1},
    "dataschema": {"type": ["string", "null"], "minLength": 1, "format": "uri"},
    "subject": {"type": ["string", "null"], "minLength": 1},
}
_EXTENSIONS: Final[dict[str, Any]] = {
    "^[a-z0-9]+$": {
        "anyOf": [
            {"type": ["string", "boolean", "null"]},
            {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
        ]
    }
}


def described() -> list[dict[str, object]]:
    """Return every type, with its kind (fact or term) and its first sentence."""
    return [
        {
            "type": event.type_name,
            "kind": "fact" if event.is_fact else "term",
            "about": first_sentence(event.__doc__ or ""),
        }
        for event in EVENTS
    ]


def first_sentence(text: str) -> str:
    """Return the first sentence of a docstring, in one line."""
    sentence, mark, _rest = " ".join(text.split()).partition(". ")
    return f"{sentence}." if mark else sentence


def event_schema(type_name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a whole CloudEvent of a type that is known."""
    event = BY_NAME[type_name]
    data = _spelt_out(event.model_json_schema())
    definitions = data.pop("$defs", {})
    schema = {
        "$schema": _DIALECT,
        "title": type_name,
        "description": first_sentence(event.__doc__ or ""),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {**_ENVELOPE, "type": {"const": type_name}, "data": data},
        "patternProperties": _EXTENSIONS,
        "additionalProperties": False,
    }
    return {**schema, "$defs": definitions} if definitions else schema


def _spelt_out(part: Any) -> Any:
    """Return a schema with its patterns in a form that every validator reads."""
    if isinstance(part, dict):
        return {key: _spelt_out(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_spelt_out(value) for value in part]
    return part.replace(r"\p{Cc}", _CONTROLS) if isinstance(part, str) else part
