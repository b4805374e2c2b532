"""The envelope of an event: CloudEvents 1.0, read strictly, with time and data required."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from ledger.domain.refusals import SEPARATOR, Refusal, shown
from ledger.domain.values.instants import format_instant, parse_instant

IDENTIFIER_LIMIT: Final = 200
"""Characters that an id or a source may have."""

_VERSION: Final = "1.0"
_NUMBER_LIMIT: Final = 2**31
_NUMBER_DIGITS: Final = len(str(_NUMBER_LIMIT))
_NAME: Final = re.compile(r"[a-z0-9]+", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CANONICAL_TIME: Final = re.compile(r"[0-9-]{10}T[0-9:]{6}[0-5][0-9]Z", re.ASCII)
_TOKEN: Final = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+"  # noqa: S105 - a token of a media type
_MEDIA_TYPE: Final = re.compile(
    rf'{_TOKEN}/{_TOKEN}(?:[ \t]*;[ \t]*{_TOKEN}=(?:{_TOKEN}|"(?:[^"\\]|\\.)*"))*[ \t]*', re.ASCII
)
_REQUIRED: Final = frozenset({"specversion", "id", "source", "type", "time"})
_TEXTS: Final = _REQUIRED | {"datacontenttype", "dataschema", "subject"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A CloudEvent whose data is not judged yet.

    `time` is in nanoseconds since 1970. `attributes` holds every attribute but `data` with one
    spelling for each value: nulls left out, whole numbers as int, the time in UTC.
    """

    source: str
    id: str
    type: str
    time: int
    attributes: dict[str, object]
    data: dict[str, object]

    @property
    def key(self) -> str:
        """Return what identifies the event for ever: its source and id."""
        return f"{self.source}{SEPARATOR}{self.id}"


class _WrongError(Exception):
    """One sentence on what is wrong with an envelope."""


def read_envelope(value: object) -> Envelope | Refusal:
    """Return the envelope of a parsed JSON value, or why it is no CloudEvent of ours."""
    if not isinstance(value, dict):
        return Refusal("not-a-cloudevent", f"an event is a JSON object, not {shown(value)}")
    try:
        return _read(value)
    except _WrongError as wrong:
        return Refusal("not-a-cloudevent", str(wrong))


def _read(value: dict[str, object]) -> Envelope:
    attributes: dict[str, object] = {}
    for name, given in value.items():
        if isinstance(given, str) and name in _TEXTS:
            if not given:
                raise _WrongError(f"{name} is empty")
            if not given.isprintable() and _CONTROL.search(given):
                raise _WrongError(f"{name} is {shown(given)}: it holds a control character")
            attributes[name] = given
        elif name != "data":
            _extension(name, given, attributes)
    missing = _REQUIRED - attributes.keys()
    if missing:
        raise _WrongError(f"{' and '.join(sorted(missing))} must be given")
    return _checked(cast("dict[str, str]", attributes), value.get("data"))


def _checked(texts: dict[str, str], data: object) -> Envelope:
    """Return the envelope, once what each of its core attributes (all texts) says is right."""
    if texts["specversion"] != _VERSION:
        raise _WrongError(
            f'specversion is {shown(texts["specversion"])}: only "{_VERSION}" is accepted'
        )
    source, identifier = texts["source"], texts["id"]
    if len(source) > IDENTIFIER_LIMIT or len(identifier) > IDENTIFIER_LIMIT:
        name = "source" if len(source) > IDENTIFIER_LIMIT else "id"
        raise _WrongError(f"{name} has more than {IDENTIFIER_LIMIT} characters")
    if "datacontenttype" in texts and not _MEDIA_TYPE.fullmatch(texts["datacontenttype"]):
        raise _WrongError(
            f"datacontenttype is {shown(texts['datacontenttype'])}: give a media type of RFC 2046"
        )
    if not isinstance(data, dict):
        raise _WrongError(
            "data must be given" if data is None else f"data is {shown(data)}, not a JSON object"
        )
    sent = texts["time"]
    try:
        time = parse_instant(sent)
    except ValueError as wrong:
        raise _WrongError(f"time is {shown(sent)}: {wrong}") from None
    if not _CANONICAL_TIME.fullmatch(sent):
        texts["time"] = format_instant(time)
    attributes = cast("dict[str, object]", texts)
    return Envelope(source, identifier, texts["type"], time, attributes, data)


def _extension(name: str, given: object, attributes: dict[str, object]) -> None:
    """Keep the one spelling of an attribute that is no text of the core; null is absent."""
    if name == "data_base64":
        if given is not None:
            raise _WrongError("data_base64 is not accepted: give data, as a JSON object")
        return
    if not _NAME.fullmatch(name):
        raise _WrongError(f"the attribute name {shown(name)} has other characters than a-z and 0-9")
    if given is None:
        return
    if name in _TEXTS:
        raise _WrongError(f"{name} is {shown(given)}, not a text")
    if isinstance(given, str):
        if _CONTROL.search(given):
            raise _WrongError(f"{name} is {shown(given)}: it holds a control character")
        attributes[name] = given
        return
    attributes[name] = _flag_or_number(name, given)


def _flag_or_number(name: str, given: object) -> bool | int:
    if isinstance(given, bool):
        return given
    if isinstance(given, Decimal) and given.is_finite():
        whole = int(given) if not given or given.adjusted() < _NUMBER_DIGITS else None
        given = whole if whole == given else given
    if isinstance(given, int) and -_NUMBER_LIMIT <= given < _NUMBER_LIMIT:
        return given
    raise _WrongError(
        f"the extension {name} is {shown(given)}: an extension is a text, true, false, "
        "or a whole number of 32 bits"
    )
