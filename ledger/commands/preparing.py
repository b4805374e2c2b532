"""Preparing: all that the bytes of a line say by themselves, before the log is asked or locked."""

from typing import NamedTuple

from ledger.commands.sources import EVENT_LIMIT, Line
from ledger.domain.refusals import Refusal
from ledger.storage.codec import Codec, Typed
from ledger.storage.commitments import Held


class Prepared(NamedTuple):
    """A line, and what its bytes alone say of it."""

    line: Line
    key: str | None = None
    """The key, where it has an envelope."""
    refusal: Refusal | None = None
    """Why it is refused, where it has no stored bytes."""
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


def prepare(codec: Codec, line: Line) -> Prepared:
    """Return what the bytes of a line say, without asking the log."""
    if line.refused is not None:
        return Prepared(line, refusal=line.refused)
    if len(line.raw) > EVENT_LIMIT:
        reason = f"the event has {len(line.raw)} bytes, and {EVENT_LIMIT} at most are taken"
        return Prepared(line, refusal=Refusal("line-too-long", reason))
    envelope = codec.receive(line.raw)
    if isinstance(envelope, Refusal):
        return Prepared(line, refusal=envelope)
    typed = codec.typed(envelope)
    if isinstance(typed, Refusal):
        return Prepared(line, envelope.key, typed)
    event = typed.event
    names = event.names()
    named = workspace = None
    if "package" in names:
        named = f"package:{names['package']}"
    elif "contract" in names:
        named = f"contract:{names['contract']}"
    elif "workspace" in names:
        workspace = f"workspace:{names['workspace']}"
    return Prepared(
        line,
        envelope.key,
        None,
        envelope.type,
        typed.state,
        event.subject(),
        named,
        workspace,
        typed.held,
        None if event.is_fact else typed,
    )
