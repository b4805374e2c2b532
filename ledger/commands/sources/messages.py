"""Feeds: messages of a broker, whatever broker it is, and the lines that are judged of them.

A message is CloudEvents in structured mode (its body is the event, or a batch of events) or in
binary mode (its headers are the attributes, its body is the data). A broker may deliver a message
again as long as it is not acknowledged; that is done after the commit of what it holds.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import unquote

from jiter import from_json

from ledger.commands.sources.json_batch import spans
from ledger.commands.sources.lines import Line
from ledger.domain.refusals import Refusal

_PREFIX: Final = "ce-"
"""What stands before the name of an attribute in the headers of binary mode."""

_TYPE: Final = "content-type"
_DATA_TYPE: Final = "datacontenttype"
_BATCH: Final = "application/cloudevents-batch"
_STRUCTURED: Final = "application/cloudevents"
_JSON: Final = "application/json"

_ESCAPED: Final = re.compile(r"\\(.)")
"""A character that is escaped within quotes."""


class Message(NamedTuple):
    """One message, as a broker delivered it."""

    number: int
    """Where it stands in its stream, from 1."""
    body: bytes
    headers: Sequence[tuple[str, str]]
    """As they came, also twice; a byte that is no UTF-8 is a surrogate."""
    token: Any
    """What its feed acknowledges it by."""


class Feed(Protocol):
    """Where messages come from.

    Its methods raise BrokerUnreachable when patience is at its end, and UsageError where no message
    will ever come.
    """

    @property
    def name(self) -> str:
        """Return where the messages are, without a password: the file of their lines."""

    def fetch(self, most: int, seconds: float) -> list[Message]:
        """Return up to `most` messages; none where none came for that long."""

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are not to be delivered again; it may be in vain."""

    def left(self) -> tuple[int, int] | None:
        """Return how many messages wait, and how many were delivered and not acknowledged yet.

        None where there is no telling now. Raises UsageError where none will ever come.
        """

    def close(self) -> None:
        """Let go of the broker."""


def lines_of(message: Message, file: str) -> Iterator[Line]:
    """Yield what is judged of a message: one line, or one for each element of a batch."""
    headers = [(name.lower(), value) for name, value in message.headers]
    media_type = next((_media_type(value) for name, value in headers if name == _TYPE), "")
    if media_type.startswith(_BATCH):
        yield from _elements(message, file)
    elif media_type.startswith(_STRUCTURED):
        refusal = None
        if media_type not in {_STRUCTURED, f"{_STRUCTURED}+json"}:
            refusal = Refusal("bad-json", f"the event is {media_type}: send {_STRUCTURED}+json")
        yield Line(file, message.number, message.body, refusal)
    elif any(name.startswith(_PREFIX) for name, _ in headers):
        yield Line(file, message.number, _structured(headers, message.body))
    else:
        yield Line(file, message.number, message.body)


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


def _elements(message: Message, file: str) -> Iterator[Line]:
    """Yield the elements of a batch, or all of it as one line where it is no JSON."""
    raw = message.body
    try:
        text = raw.decode("utf-8")
        places = spans(text) if text.lstrip().startswith("[") else None
    except ValueError as wrong:
        refusal = Refusal("bad-json", f"the batch is no JSON: {wrong}")
        yield Line(file, message.number, raw, refusal)
        return
    if places is None:
        yield Line(file, message.number, raw, Refusal("bad-json", "the batch is no list"))
        return
    for start, end in places:
        yield Line(file, message.number, text[start:end].encode("utf-8"))


def _structured(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """Return the event of binary mode as one JSON object; a body that is JSON stays as it is.

    Any other body goes into `data_base64`, which is refused, so that no byte of it is lost. So is a
    header that came twice, as a key that stands there twice, and one that is no UTF-8.
    """
    attributes = [
        (name.removeprefix(_PREFIX), _decoded(value))
        for name, value in headers
        if name.startswith(_PREFIX)
    ]
    if _DATA_TYPE not in dict(attributes):
        attributes += [(_DATA_TYPE, value) for name, value in headers if name == _TYPE]
    members = (
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in attributes
    )
    head = ", ".join(members).encode(errors="surrogateescape")
    media_type = _media_type(dict(attributes).get(_DATA_TYPE, _JSON))
    if _is_json(media_type) and _is_a_value(body):
        return b'{%b, "data": %b}' % (head, body)
    return b'{%b, "data_base64": "%b"}' % (head, b64encode(body))


def _decoded(value: str) -> str:
    """Return the text of a header: out of its quotes, if it has any, and percent-decoded once."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _ESCAPED.sub(r"\1", value[1:-1])
    return unquote(value, errors="surrogateescape")


def _is_json(media_type: str) -> bool:
    return media_type == _JSON or media_type.endswith("+json")


def _is_a_value(body: bytes) -> bool:
    """Return whether bytes are one value of JSON; what is wrong within it, its verdict says."""
    try:
        from_json(body, allow_inf_nan=False, float_mode="decimal")
    except ValueError:
        return False
    return True
