"""Plain events: the short way to the stored bytes of a fact that holds nothing but plain values.

Most facts are a few texts, names and whole numbers, in the very spelling that is stored. What such
a value is allowed to be is read off the model of its type, once; whatever is not plainly right, and
every type with rules of its own, is left to the envelope and the model, which are the law. A test
holds both ways against each other: they never differ in a byte.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin, get_type_hints

from pydantic_core import to_json

from ledger.domain.envelope import IDENTIFIER_LIMIT
from ledger.domain.events.cases import CaseFact
from ledger.domain.events.engagements import EngagementFact
from ledger.domain.events.fields import (
    Event,
    Identifier,
    Minutes,
    NotNegative,
    Positive,
    Text,
)
from ledger.domain.persons import (
    Personal,
    PersonalField,
    group_fields,
    marks_erased,
    personal_fields,
    personal_values,
)
from ledger.domain.refusals import SEPARATOR
from ledger.domain.values.instants import canonical_instant
from ledger.domain.values.quantities import LIMIT
from ledger.storage.vault.commitments import Held, hide

_ATTRIBUTES: Final = 6
"""The attributes of a plain event: `specversion`, `id`, `source`, `type`, `time`, `data`."""

_DECIMAL: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,8}[1-9])?", re.ASCII)
"""A quantity as it is stored, from zero up."""

Rule = Callable[[Any], object]
"""Returns what is stored of a value; None where that is for the model to say."""


NAMES: Final = ("package", "contract", "workspace")
"""What an event may name, and stand in the stream of: the first that it does."""


class Plain(NamedTuple):
    """What the bytes of a line say, as `ledger.commands.ingest.parse` says it."""

    key: str
    refusal: None
    topic: str
    state: bytes
    subject: str | None
    named: str | None
    workspace: str | None
    held: tuple[Held, ...]


def stream_of(
    names: Mapping[str, object], kinds: Sequence[str] = NAMES
) -> tuple[str | None, str | None]:
    """Return the stream of the package, else of the contract; and else that of the workspace."""
    for kind in kinds:
        name = names.get(kind)
        if name is not None:
            stream = f"{kind}:{name}"
            return (None, stream) if kind == "workspace" else (stream, None)
    return None, None


def _name(value: Any) -> object:
    if type(value) is str and 0 < len(value) <= IDENTIFIER_LIMIT and value.isprintable():
        return value
    return None


def _text(value: Any) -> object:
    return value if type(value) is str else None


def _minutes(value: Any) -> object:
    return value if type(value) is int and 0 < value < LIMIT else None


def _not_negative(value: Any) -> object:
    if type(value) is int:
        return str(value) if 0 <= value < LIMIT else None
    return value if type(value) is str and _DECIMAL.fullmatch(value) else None


def _positive(value: Any) -> object:
    found = _not_negative(value)
    return None if found == "0" else found


def _choice(choices: frozenset[str], value: Any) -> object:
    return value if type(value) is str and value in choices else None


_RULES: Final[tuple[tuple[Any, Rule], ...]] = (
    (Identifier, _name),
    (Text, _text),
    (Minutes, _minutes),
    (NotNegative, _not_negative),
    (Positive, _positive),
)


class Plainly:
    """Reads plain facts of the types that it is given."""

    def __init__(self, events: Mapping[str, type[Event]]) -> None:
        """Take the models by type name; those that are terms, or have rules, are left out."""
        self._models = {
            name: model for name, model in events.items() if model.is_fact and not _has_rules(model)
        }
        self._kinds: dict[str, _Kind] = {}

    def read(self, value: Any) -> Plain | None:
        """Return what a parsed event comes to where it is plain; None for any other."""
        if type(value) is not dict or len(value) != _ATTRIBUTES:
            return None
        try:
            source, identifier, topic = value["source"], value["id"], value["type"]
            sent, data = value["time"], value["data"]
            if value["specversion"] != "1.0" or type(data) is not dict:
                return None
            kind = self._kinds.get(topic) or self._kind(topic)
            time = canonical_instant(sent)
        except (LookupError, TypeError, ValueError):
            return None
        if kind is None or _name(source) is None or _name(identifier) is None:
            return None
        stored = kind.stored(data)
        if stored is None:
            return None
        held = () if kind.persons.isdisjoint(stored) else kind.hidden(stored)
        if any(marks_erased(text) for _, text in held) or kind.names_no_group(stored):
            return None
        state = to_json(
            {
                "data": stored,
                "id": identifier,
                "source": source,
                "specversion": "1.0",
                "time": time,
                "type": topic,
            }
        )
        key = f"{source}{SEPARATOR}{identifier}"
        prefix, field = kind.subject
        subject = f"{prefix}{stored[field]}" if field else None
        return Plain(key, None, topic, state, subject, *stream_of(stored, kind.names), held)

    def _kind(self, topic: str) -> "_Kind | None":
        model = self._models.get(topic)
        if model is None:
            return None
        found = self._kinds[topic] = _Kind(model)
        return found


def _has_rules(model: type[Event]) -> bool:
    """Return whether a type asks for more than that each of its fields is right by itself."""
    own = model.__pydantic_decorators__
    rules = (own.model_validators, own.field_validators, own.root_validators, own.validators)
    more = (own.field_serializers, own.model_serializers, own.computed_fields)
    renamed = any(field.alias is not None for field in model.model_fields.values())
    known = issubclass(model, CaseFact | EngagementFact) or model.subject is Event.subject
    return any(rules) or any(more) or renamed or not known


class _Kind:
    """One type of facts, as far as its fields are plain."""

    __slots__ = (
        "_fields",
        "_groups",
        "_required",
        "_rules",
        "clears",
        "names",
        "personal",
        "persons",
        "subject",
    )

    def __init__(self, model: type[Event]) -> None:
        hints = get_type_hints(model, include_extras=True)
        fields = model.model_fields
        rules = {name: _rule(hints[name]) for name in fields}
        self._fields = tuple(fields)
        self._rules = {name: rule for name, rule in rules.items() if rule is not None}
        self._required = {name for name, field in fields.items() if field.is_required()}
        self.clears = model.clears
        self.names = [name for name in NAMES if name in fields]
        self.personal: tuple[PersonalField, ...] = personal_fields(model)
        self._groups = group_fields(model)
        self.persons = frozenset(field.name for field in self.personal)
        self.subject = _subject(model)

    def stored(self, data: dict[str, Any]) -> dict[str, object] | None:
        """Return data as it is stored, by name; None where it is not plain."""
        found: dict[str, object] = {}
        rules = self._rules
        for name in sorted(data):
            rule = rules.get(name)
            if rule is None:
                return None
            value = data[name]
            if value is None:
                if name in self.clears:
                    found[name] = None
                continue
            written = rule(value)
            if written is None:
                return None
            found[name] = written
        return found if found.keys() >= self._required else None

    def names_no_group(self, stored: dict[str, object]) -> bool:
        """Return whether what marks an erased person stands in the place of a group."""
        return any(
            isinstance(text := stored.get(name), str) and marks_erased(text)
            for name in self._groups
        )

    def hidden(self, stored: dict[str, object]) -> tuple[Held, ...]:
        """Put a hole in the place of all that says who somebody is, and return it."""
        event: Any = SimpleNamespace(**{name: stored.get(name) for name in self._fields})
        return hide(personal_values(event, self.personal), stored)


def _subject(model: type[Event]) -> tuple[str, str]:
    """Return what stands before a subject, and the field that names it; nothing for no subject."""
    for base, name in ((CaseFact, "case"), (EngagementFact, "engagement")):
        if issubclass(model, base):
            return f"{name}:", name
    return "", ""


def _rule(hint: Any) -> Rule | None:
    """Return the rule of a field, by its type; None where there is none."""
    origin, parts = get_origin(hint), get_args(hint)
    if type(None) in parts:
        (hint,) = [part for part in parts if part is not type(None)]
        origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        choices = frozenset(parts)
        return partial(_choice, choices)
    marks = [mark for mark in getattr(hint, "__metadata__", ()) if not isinstance(mark, Personal)]
    for known, rule in _RULES:
        if marks == list(known.__metadata__) and hint.__origin__ is known.__origin__:
            return rule
    return None
