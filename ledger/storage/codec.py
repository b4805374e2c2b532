"""The one codec: from the bytes of a sender to a typed event and its stored bytes, and back.

The stored bytes of an event are its whole CloudEvent as canonical JSON: keys sorted, no blanks,
quantities as decimal strings, instants in UTC, no floats, and no nulls but those that clear. What
says who somebody is stands in the vault, and a commitment to it in the bytes
(`ledger.storage.vault.commitments`). Equal values have equal bytes; that is how a duplicate is told
from a conflict, and what is hashed later is exactly these bytes.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from jiter import from_json
from pydantic import ValidationError
from pydantic_core import to_json

from ledger.domain.envelope import Envelope, read_envelope
from ledger.domain.events import BY_NAME
from ledger.domain.events.fields import Event
from ledger.domain.invalid_data import first_error, marked
from ledger.domain.persons import group_fields, group_values, personal_fields, personal_values
from ledger.domain.recorded import Recorded
from ledger.domain.refusals import Refusal, shown
from ledger.domain.values.bulk import named
from ledger.domain.values.instants import parse_instant
from ledger.errors import Damaged
from ledger.messages import Words, words_of
from ledger.storage.fast_path import Plain, Plainly
from ledger.storage.log import StoredRow
from ledger.storage.vault.commitments import MARK, Held, hide
from ledger.storage.vault.vault import Vault

Data = dict[str, object]
"""The data of one event, as JSON values."""

Upcast = tuple[str, Callable[[Data], Data]]
"""The next name of an old type, and what makes its stored data of the old data."""

UPCASTS: Final[dict[str, Upcast]] = {}
"""Old types, by name. Their models stay in `BY_NAME`: they are accepted, and stored, for ever."""

_ONE_LINE: Final = re.compile(r" at line 1 column (\d+)$")


class Typed(NamedTuple):
    """One event that may be appended: its envelope, its meaning, and its stored bytes."""

    envelope: Envelope
    event: Event
    state: bytes
    """Its stored bytes, with a hole for each of the texts held."""
    held: tuple[Held, ...] = ()
    """What it says of persons, in the order of the holes."""
    refusal: Refusal | None = None
    """Why it is refused for all that, unless it is recorded already: it names who is erased."""


def parse_json(raw: bytes) -> object:
    """Return the value of JSON bytes, with numbers that have a point or exponent as Decimal.

    Raises ValueError with one sentence when they are no JSON: an object with a key twice, a number
    such as NaN, a lone surrogate and very deep nesting are none, either.
    """
    try:
        value: object = from_json(
            raw, allow_inf_nan=False, float_mode="decimal", catch_duplicate_keys=True
        )
    except ValueError as wrong:
        sentence = str(wrong)
        if sentence.startswith("Internal error"):
            raise ValueError("a number is too long, too large or too small to be read") from None
        if not sentence[:2].isupper():
            sentence = sentence[:1].lower() + sentence[1:]
        raise ValueError(_ONE_LINE.sub(r" at byte \1", " ".join(sentence.split()))) from None
    return value


def canonical(value: Mapping[str, object]) -> bytes:
    """Return the canonical JSON of an object of texts, whole numbers, flags, lists and objects."""
    return to_json(_sorted(value))


def _sorted(value: Mapping[str, object]) -> Data:
    return {
        name: item if type(item := value[name]) is str else _plain(item) for name in sorted(value)
    }


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return _sorted(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


class _Kind:
    """One type of event, with its validator and serializer at hand."""

    __slots__ = ("clears", "dump", "groups", "model", "personal", "validate")

    def __init__(self, model: type[Event]) -> None:
        model.model_rebuild()
        self.model = model
        self.validate = model.__pydantic_validator__.validate_python
        self.dump = model.__pydantic_serializer__.to_python
        self.clears = model.clears
        self.personal = personal_fields(model)
        self.groups = group_fields(model)

    def read(self, data: Data) -> Event:
        """Return the event of its data as JSON values. Raises ValidationError."""
        event = self.validate(data, by_alias=True, by_name=False)
        assert isinstance(event, Event)
        return event

    def write(self, event: Event) -> Data:
        """Return the data of an event as canonical JSON values."""
        data: Data = self.dump(event, mode="json", by_alias=True, exclude_none=True)
        if self.clears:
            for field in self.clears & event.model_fields_set:
                data.setdefault(field, None)
        return data


class Codec:
    """Reads and writes events of the types that it is given."""

    def __init__(
        self,
        events: Mapping[str, type[Event]] = BY_NAME,
        upcasts: Mapping[str, Upcast] = UPCASTS,
        vault: Vault | None = None,
    ) -> None:
        """Take the models by type name, old ones too, and what makes new ones of the old.

        The vault reveals what events say of persons; without one they read as erased.
        """
        self._events = events
        self._upcasts = upcasts
        self.vault = Vault() if vault is None else vault
        self._kinds: dict[str, _Kind] = {}
        self._validators: dict[str, Callable[..., Event]] = {}
        current = {name: model for name, model in events.items() if name not in upcasts}
        self._plainly = Plainly(current)

    def without_vault(self) -> "Codec":
        """Return the same codec, to which every person is as good as erased."""
        return Codec(self._events, self._upcasts)

    def is_term(self, topic: str) -> bool:
        """Return whether what is stored under a type name is a term: no fact, and of our types."""
        while topic in self._upcasts:
            topic = self._upcasts[topic][0]
        model = self._events.get(topic)
        return model is not None and not model.is_fact

    def receive(self, raw: bytes) -> Envelope | Refusal:
        """Return the envelope of one line or element, or why it has none."""
        value = self.parsed(raw)
        return value if isinstance(value, Refusal) else read_envelope(value)

    def parsed(self, raw: bytes) -> object:
        """Return the value of one line or element as JSON, or the refusal of what is none."""
        try:
            return parse_json(raw)
        except ValueError as wrong:
            return Refusal("bad-json", str(wrong))

    def plain(self, value: object) -> Plain | None:
        """Return what a parsed event comes to where it is a plain fact; None for any other."""
        return self._plainly.read(value)

    def typed(self, envelope: Envelope) -> Typed | Refusal:
        """Return the event of an envelope and its stored bytes, or why its data is refused.

        The bytes are those of the type that was sent; the event is of the newest type. What says
        who somebody is stands apart from the bytes.
        """
        kind = self._kind(envelope.type)
        if kind is None:
            return Refusal("unknown-type", f"there is no event type {shown(envelope.type)}")
        try:
            event = sent = kind.read(envelope.data)
            data = kind.write(event)
            if envelope.type in self._upcasts:
                event = self._newest(envelope.type, data)
            said = personal_values(sent, kind.personal) if kind.personal else []
        except ValidationError as wrong:
            return Refusal("invalid-data", first_error(wrong, envelope.type))
        held = hide(said, data)
        groups = group_values(sent, kind.groups) if kind.groups else []
        state = canonical({**envelope.attributes, "data": data})
        return Typed(envelope, event, state, held, marked([*said, *groups]))

    def decode(
        self, topic: str, state: bytes, position: int | None = None
    ) -> tuple[Envelope, Event]:
        """Return the envelope and the event, of the newest type, of stored bytes.

        They are validated again. Raises Damaged, naming the position, when they are not what this
        codec writes under that type name.
        """
        try:
            envelope = read_envelope(parse_json(self._in_clear(state)))
            if isinstance(envelope, Refusal):
                raise _unreadable(position, envelope.reason)
            if envelope.type != topic:
                raise _unreadable(
                    position,
                    Words("it is a {type} stored as {topic}", type=envelope.type, topic=topic),
                )
            return envelope, self._newest(topic, envelope.data)
        except ValidationError as wrong:
            raise _unreadable(position, first_error(wrong, topic)) from None
        except ValueError as wrong:
            raise _unreadable(position, words_of(wrong)) from None

    def recorded(self, row: StoredRow) -> Recorded:
        """Return the event of a stored row, with its dates and its place. Raises Damaged.

        It asks of the bytes no more than it gives: a question reads every event of a ledger.
        """
        position, stream, version, topic, state, recorded_at = row
        try:
            # There are no floats in stored bytes: one is found to be no quantity
            stored: Any = from_json(self.vault.reveal(state) if MARK in state else state)
            source, identifier = stored["source"], stored["id"]
            sound = stored["type"] == topic and stored["specversion"] == "1.0"
            sound = sound and type(source) is str and type(identifier) is str
            time = parse_instant(stored["time"])
            validate = self._validators.get(topic)
            if validate is None:
                event = self._newest(topic, stored["data"])
            else:
                event = validate(stored["data"], by_alias=True, by_name=False)
        except (ValueError, LookupError, TypeError) as wrong:
            raise self._damage(row, words_of(wrong)) from None
        if not sound:
            raise self._damage(row, Words("it is no {topic}", topic=topic))
        found: Recorded = named(
            Recorded, (position, recorded_at, time, stream, version, source, identifier, event)
        )
        return found

    def revealed(self, row: StoredRow) -> StoredRow:
        """Return a stored row with what its event says of persons in clear. Raises Damaged."""
        if MARK not in row.state:
            return row
        try:
            return row._replace(state=self._in_clear(row.state))
        except ValueError as wrong:
            raise _unreadable(row.position, words_of(wrong)) from None

    def sent(self, row: StoredRow) -> bytes:
        """Return the CloudEvent of a stored row as it was sent, in canonical JSON.

        In the place of what is erased stands `(erased:...)`, distinct for distinct texts; a role
        that an erased person granted is as one that nobody is named for. Raises Damaged.
        """
        try:
            return self.vault.sent(row.state) if MARK in row.state else row.state
        except ValueError as wrong:
            raise _unreadable(row.position, words_of(wrong)) from None

    def look_up(self, rows: Collection[StoredRow]) -> None:
        """Ask at once for what reading these rows needs, so that none of them needs asking."""
        self.vault.look_up([row.state for row in rows])

    def in_clear(self, rows: Sequence[StoredRow]) -> Sequence[StoredRow]:
        """Return stored rows with what their events say of persons in clear. Raises Damaged."""
        if MARK not in b"".join([row.state for row in rows]):
            return rows
        self.look_up(rows)
        return [self.revealed(row) for row in rows]

    def forget(self, erased: bytes) -> None:
        """Forget what was revealed when others were erased (`VaultRows.erased`)."""
        self.vault.forget(erased)

    def _in_clear(self, state: bytes) -> bytes:
        return self.vault.reveal(state) if MARK in state else state

    def _damage(self, row: StoredRow, reason: str) -> Damaged:
        """Return what is wrong with a row, in the words of `decode` where it has any."""
        try:
            self.decode(row.topic, row.state, row.position)
        except Damaged as found:
            return found
        return _unreadable(row.position, reason)

    def _newest(self, topic: str, data: Data) -> Event:
        while topic in self._upcasts:
            topic, upcast = self._upcasts[topic]
            data = upcast(dict(data))
        kind = self._kind(topic)
        if kind is None:
            raise ValueError(Words("there is no event type {topic}", topic=shown(topic)))
        return kind.read(data)

    def _kind(self, topic: str) -> _Kind | None:
        kind = self._kinds.get(topic)
        if kind is None and topic in self._events:
            kind = self._kinds[topic] = _Kind(self._events[topic])
            if topic not in self._upcasts:
                self._validators[topic] = kind.validate
        return kind


def _unreadable(position: int | None, reason: str) -> Damaged:
    if position is None:
        return Damaged(
            "an event cannot be read ({reason}): restore the ledger from a copy", reason=reason
        )
    return Damaged(
        "the event at position {position} cannot be read ({reason}): restore the ledger from a "
        "copy",
        position=position,
        reason=reason,
    )
