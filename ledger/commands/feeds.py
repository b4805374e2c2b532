"""Feeds: messages of a broker, whatever broker it is, and the lines that are judged of them.

A message is CloudEvents in structured mode (its body is the event, or a batch of events) or in
binary mode (its headers are the attributes, its body is the data). A broker may deliver a message
again as long as it is not acknowledged; that is done after the commit of what it holds.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol
from urllib.parse import unquote

from jiter import from_json

from ledger.commands.batches import spans
from ledger.commands.lines import Line
from ledger.domain.refusals import Refusal

_PREFIX: Final = "ce-"
"""What stands before the name of an attribute in the headers of binary mode."""

_BATCH: Final = "application/cloudevents-batch"
_STRUCTURED: Final = "application/cloudevents"
_JSON: Final = "application/json"


class Message(NamedTuple):
    """One message, as a broker delivered it."""

    number: int
    """Where it stands in its stream, from 1."""
    body: bytes
    headers: Mapping[str, str]
    token: Any
    """What its feed acknowledges it by."""


class Feed(Protocol):
    """Where messages come from. Its methods raise BrokerUnreachable when patience is at its end."""

    @property
    def name(self) -> str:
        """Return where the messages are, without a password: the file of their lines."""

    def fetch(self, most: int, seconds: float) -> list[Message]:
        """Return up to `most` messages; none where none came for that long."""

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are not to be delivered again; it may be in vain."""

    def is_empty(self) -> bool:
        """Return whether nothing is left, nor under way to anybody else."""

    def close(self) -> None:
        """Let go of the broker."""


def lines_of(message: Message, file: str) -> Iterator[Line]:
    """Yield what is judged of a message: one line, or one for each element of a batch."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type.startswith(_BATCH):
        yield from _elements(message, file)
    elif media_type.startswith(_STRUCTURED) or f"{_PREFIX}specversion" not in headers:
        yield Line(file, message.number, message.body)
    else:
        yield Line(file, message.number, _structured(headers, media_type, message.body))


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


def _structured(headers: Mapping[str, str], media_type: str, body: bytes) -> bytes:
    """Return the event of binary mode as one JSON object; a body that is JSON stays as it is.

    Any other body goes into `data_base64`, which is refused, so that no byte of it is lost.
    """
    attributes = {
        name.removeprefix(_PREFIX): unquote(value)
        for name, value in headers.items()
        if name.startswith(_PREFIX)
    }
    if "content-type" in headers:
        attributes["datacontenttype"] = headers["content-type"]
    head = json.dumps(attributes, ensure_ascii=False).encode(errors="surrogatepass")[:-1]
    if (not media_type or _is_json(media_type)) and _is_a_value(body):
        return b'%b, "data": %b}' % (head, body)
    return b'%b, "data_base64": "%b"}' % (head, b64encode(body))


def _is_json(media_type: str) -> bool:
    return media_type == _JSON or media_type.endswith("+json")


def _is_a_value(body: bytes) -> bool:
    """Return whether bytes are one value of JSON; what is wrong within it, its verdict says."""
    try:
        from_json(body, allow_inf_nan=False, float_mode="decimal")
    except ValueError:
        return False
    return True
