"""Preparing: all that the bytes of a line say by themselves, before the log is asked or locked."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple, overload

from ledger.commands.sources.lines import EVENT_LIMIT, Line
from ledger.domain.envelope import read_envelope
from ledger.domain.refusals import Refusal
from ledger.storage.codec import Codec, Typed
from ledger.storage.fast_path import stream_of
from ledger.storage.vault.commitments import Held


class Prepared(NamedTuple):
    """A line, and what its bytes alone say of it."""

    line: Line
    key: str | None = None
    """The key, where it has an envelope."""
    refusal: Refusal | None = None
    """Why it is refused, unless these very bytes are recorded already."""
    topic: str = ""
    """The name of its type."""
    state: bytes | None = None
    """The bytes that would be stored of it, with a hole for each of the texts held."""
    subject: str | None = None
    """The case or engagement that its event belongs to."""
    named: str | None = None
    """The stream of the package that its event names, else of its contract."""
    workspace: str | None = None
    """The stream of the workspace that its event names."""
    held: tuple[Held, ...] = ()
    """What it says of persons, in the order of the holes."""
    term: Typed | None = None
    """The typed event, where it is a term, which is decided."""


OF_A_FACT: Final = len(Prepared._fields) - 2
"""How many parts a fact has that may be accepted: a refused line has fewer, a term more."""


class Columns(NamedTuple):
    """What is known of many lines, field by field (`Prepared` says what)."""

    line: Sequence[Line]
    key: tuple[str | None, ...]
    refusal: tuple[Refusal | None, ...]
    topic: tuple[str, ...]
    state: tuple[bytes | None, ...]
    subject: tuple[str | None, ...]
    named: tuple[str | None, ...]
    workspace: tuple[str | None, ...]
    held: tuple[tuple[Held, ...], ...]
    term: tuple[Typed | None, ...]


class Facts(Sequence[Prepared]):
    """Lines that are facts, and may all be accepted: known field by field, and made when asked."""

    def __init__(self, lines: Sequence[Line], parts: Sequence[tuple[Any, ...]]) -> None:
        """Take the lines, and the columns of what `parts_of` says of each, up to the texts held."""
        self._lines = lines
        self._parts = parts

    @property
    def columns(self) -> Columns:
        """Return what is known of them, field by field."""
        return Columns._make((self._lines, *self._parts, (None,) * len(self._lines)))

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Prepared: ...

    @overload
    def __getitem__(self, index: slice) -> list[Prepared]: ...

    def __getitem__(self, index: int | slice) -> Prepared | list[Prepared]:
        if isinstance(index, slice):
            return list(map(self.__getitem__, range(len(self))[index]))
        return Prepared(self._lines[index], *(part[index] for part in self._parts))


def columns_of(lines: Collection[Prepared]) -> Columns:
    """Return what is known of lines (one or more), field by field."""
    return lines.columns if isinstance(lines, Facts) else Columns._make(zip(*lines, strict=True))


def prepare(codec: Codec, line: Line) -> Prepared:
    """Return what the bytes of a line say, without asking the log."""
    if line.refused is not None:
        return Prepared(line, refusal=line.refused)
    return Prepared(line, *parts_of(codec, line.raw))


def parts_of(codec: Codec, raw: bytes) -> tuple[Any, ...]:
    """Return what bytes say: the fields of `Prepared` after the line, as many as there are."""
    if len(raw) > EVENT_LIMIT:
        reason = f"the event has {len(raw)} bytes, and {EVENT_LIMIT} at most are taken"
        return None, Refusal("line-too-long", reason)
    value = codec.parsed(raw)
    if isinstance(value, Refusal):
        return None, value
    plain = codec.plain(value)
    if plain is not None:
        return plain
    envelope = read_envelope(value)
    if isinstance(envelope, Refusal):
        return None, envelope
    typed = codec.typed(envelope)
    if isinstance(typed, Refusal):
        return envelope.key, typed
    event = typed.event
    streams = stream_of(event.names())
    found = (envelope.key, typed.refusal, envelope.type, typed.state, event.subject(), *streams)
    return (*found, typed.held) if event.is_fact else (*found, typed.held, typed)
