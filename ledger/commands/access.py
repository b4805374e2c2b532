"""Access: roles granted and revoked from the command line, each of them an event like any other."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from ledger.commands.ingest.judge import Judge, judged
from ledger.commands.ingest.receipt import Outcome
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.own_line import own_line
from ledger.domain.recorded import event_key
from ledger.domain.refusals import Refusal
from ledger.domain.values.instants import format_instant, parse_instant
from ledger.errors import CpodError, NotAllowed, NotFound, UsageError
from ledger.storage.codec import Codec
from ledger.storage.log import Writer

SOURCE: Final = "urn:cpod:access"
"""The source of events that are made here."""

_ERRORS: Final[dict[str, type[CpodError]]] = {
    "not-allowed": NotAllowed,
    "unknown-workspace": NotFound,
}


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A role to grant or to revoke."""

    change: Literal["granted", "revoked"]
    principal: str
    """`user:ID` or `group:ID`."""
    role: str
    scope: str
    """`customer:ID` or `workspace:ID`."""
    granted_by: str | None = None
    time: str | None = None
    """When it takes effect (RFC 3339); None is now."""
    id: str | None = None
    """The id of the event; None derives one from the position it will have, and names nobody."""

    @property
    def data(self) -> dict[str, str]:
        """What the event says."""
        data = {"principal": self.principal, "role": self.role, "scope": self.scope}
        if self.granted_by is not None:
            data["granted_by"] = self.granted_by
        return data


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change of roles."""

    event: dict[str, object]
    """The event as it was, or would be, recorded."""
    decision: str
    """`appended`, or `duplicate` where it was recorded before."""
    position: int | None
    """Where it was, or would be, recorded; None for a duplicate."""
    dry_run: bool

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        return {
            "decision": self.decision,
            "position": self.position,
            "dry_run": self.dry_run,
            "event": self.event,
        }


def change_role(
    engine: Engine, codec: Codec, change: RoleChange, now: int, *, dry_run: bool = False
) -> Changed:
    """Record a role that is granted or revoked, and return what became of it.

    A refused one is not recorded, and does not wait in the quarantine: it is raised as UsageError,
    NotAllowed (granted_by is no administrator of the scope) or NotFound (no such workspace). A dry
    run is judged like any other, and then undone.
    """
    events: list[dict[str, object]] = []
    outcomes: list[Outcome] = []

    def work(writer: Writer, judge: Judge) -> list[Outcome]:
        event = _event(change, codec, writer, now)
        events.append(event)
        (outcome,) = judged(judge, [own_line(codec, event)])
        if outcome.refusal is not None:
            raise _error(outcome.refusal)
        return [outcome]

    with engine.rehearsal() if dry_run else nullcontext():
        engine.transact(work, outcomes.extend)
    return Changed(events[0], outcomes[0].decision, outcomes[0].position, dry_run)


def _error(refusal: Refusal) -> CpodError:
    return _ERRORS.get(refusal.code, UsageError)(f"{refusal.code}: {refusal.reason}")


def _event(change: RoleChange, codec: Codec, writer: Writer, now: int) -> dict[str, object]:
    """Return the CloudEvent of a change, as it is to be appended next."""
    time = _time(change, codec, writer, now)
    identifier = change.id
    if identifier is None:
        place = str(writer.tail.position + 1)
        identifier = _digest([change.change, change.role, change.scope, time, place])
    return {
        "specversion": "1.0",
        "id": identifier,
        "source": SOURCE,
        "type": f"role.{change.change}",
        "time": time,
        "data": change.data,
    }


def _time(change: RoleChange, codec: Codec, writer: Writer, now: int) -> str:
    """Return when a change takes effect.

    Sent again under a given id, without a time, it keeps the time that it had: it is a duplicate.
    """
    if change.time is not None:
        try:
            return format_instant(parse_instant(change.time))
        except ValueError as wrong:
            raise UsageError("{place}: {wrong}", place=change.time, wrong=wrong) from None
    if change.id is not None:
        key = event_key(SOURCE, change.id)
        row = writer.find([key]).get(key)
        if row is not None:
            return format_instant(codec.recorded(row).effective_at)
    return format_instant(now)


def _digest(parts: Sequence[str]) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:32]
