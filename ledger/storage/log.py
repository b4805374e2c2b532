"""What a log is, whatever stores it: what readers see, and what one writer does in a transaction.

A log is a table of events at dense positions 1, 2, 3... that is only ever added to. Everything
that an ingest writes - events, their positions, stamps and keys, where subjects live, the
quarantine and the register - is written by one `Writer`, all or nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from ledger.domain.values.bulk import named
from ledger.storage.vault.rows import VaultRows, VaultWriter

if TYPE_CHECKING:  # a reader needs no pydantic
    from ledger.domain.events.fields import Event
    from ledger.storage.audit import Audit

Clock = Callable[[], int]
"""Returns the time now, in nanoseconds since 1970."""

Randomness = Callable[[int], bytes]
"""Returns that many random bytes."""

Key = str
"""What identifies an event for ever: `ledger.domain.recorded.event_key`."""

CHUNK: Final = 10_000
"""Rows that a reader takes at a time, where nothing else is said."""


class NotUnique(Exception):
    """A key or a version of a stream is there already: the transaction is not to be committed.

    The caller looks up keys and versions in the same transaction, so this is a bug of the caller.
    """


class Head(NamedTuple):
    """The last position, and when it was recorded (None where nothing is)."""

    position: int
    recorded_at: int | None


class StoredRow(NamedTuple):
    """One event as it is stored; `state` are its canonical bytes (`ledger.storage.codec`)."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    recorded_at: int


def stored_rows(rows: Iterable[tuple[Any, ...]]) -> list[StoredRow]:
    """Return rows with names to their fields."""
    return list(map(named, repeat(StoredRow), rows))


class NewEvent(NamedTuple):
    """One event to append; `version` is the next of its stream, `key` is free."""

    stream: str
    version: int
    topic: str
    state: bytes
    key: Key
    event: "Event | None" = None
    """The typed event, where the caller has it at hand."""

    @property
    def originator_id(self) -> str:
        """The stream, as the eventsourcing library calls it."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The version in the stream, as the eventsourcing library calls it."""
        return self.version


class HeldLine(NamedTuple):
    """One refused line in the quarantine, whole and as it was received."""

    number: int
    code: str
    file: str
    line: int
    reason: str
    raw: bytes
    waits_for: str | None
    received_at: int


class RegisterRow(NamedTuple):
    """One entry of the register: what an operator did, apart from the events."""

    number: int
    recorded_at: int
    what: str
    detail: dict[str, object]


class Seal(NamedTuple):
    """A checkpoint that was signed here, byte for byte, and the key to verify it with."""

    number: int
    size: int
    sealed_at: int
    verifier_key: str
    checkpoint: bytes


def new_events(rows: Iterable[tuple[Any, ...]]) -> list[NewEvent]:
    """Return events to append from their fields, all of them, as `stored_rows` does."""
    return list(map(named, repeat(NewEvent), rows))


class Intake(NamedTuple):
    """How far a file is taken in that is under way, or was when its run was stopped.

    Lines that are blank do not count; in a JSON batch a line is an element.
    """

    file: str
    lines: int
    """Lines that are recorded, from the first on."""
    size: int
    """Their bytes, inflated, each with one for its end."""
    head: bytes
    """SHA-256 of the first line."""
    digest: bytes
    """SHA-256 of these lines, each followed by LF."""
    appended: int
    duplicates: int
    refused: int
    """What became of them when each was judged."""
    position: int | None = None
    """The last event of the ledger then; None in what was kept before this was."""
    root: bytes = b""
    """The root of the tree that this event ended; empty where there was no event."""


class Rows(VaultRows, Protocol):
    """What can be read of a log, both from outside and within a transaction."""

    def read(self, after: int, until: int | None = None, limit: int = CHUNK) -> list[StoredRow]:
        """Return up to `limit` rows with after < position <= until, by position."""

    def at(self, positions: Sequence[int]) -> list[StoredRow]:
        """Return the rows at these positions, in the order asked. Raises Damaged if one is gone."""

    def stream(self, stream: str) -> list[StoredRow]:
        """Return all rows of a stream, by version."""

    def streams(self, prefix: str = "") -> list[str]:
        """Return the names of the streams that begin with a prefix, sorted."""

    def terms(self, stream: str | None = None) -> list[StoredRow]:
        """Return the rows that are no facts, of one stream or of all, by position.

        It costs what it returns: no fact is read.
        """

    def versions(self, streams: Collection[str]) -> dict[str, int]:
        """Return the last version of each stream, 0 where it has none."""

    def homes(self, subjects: Collection[str]) -> dict[str, str]:
        """Return the stream in which each subject lives (`case:ID`...); unknown ones are absent."""

    def position_at(self, instant: int) -> int:
        """Return the last position with recorded_at <= instant, 0 where there is none."""

    def nodes(self, positions: Sequence[int]) -> list[bytes]:
        """Return the rows of nodes (`ledger.proof.merkle`) at these positions, in the order asked.

        Raises Damaged if one is gone.
        """

    def root_at(self, position: int) -> bytes | None:
        """Return the root of the tree that an event ends; None where no event has the position.

        The event itself is hashed from its stored bytes, and what is before it is taken from the
        stored hashes. So two logs have the same events up to a position if they have one root
        there. It costs a few rows. Raises Damaged if a hash is gone.
        """

    def seals(self) -> list[Seal]:
        """Return every seal, by number."""

    def intakes(self) -> list[Intake]:
        """Return how far each file is that is under way, by its name."""

    def quarantine_rows(self, after: int = 0, limit: int = CHUNK) -> list[HeldLine]:
        """Return up to `limit` held lines with number > after, by number."""

    def quarantine_row(self, number: int) -> HeldLine | None:
        """Return one held line, or None where there is none of that number."""

    def quarantine_counts(self) -> dict[str, int]:
        """Return how many lines are held under each code."""

    def register_rows(self) -> list[RegisterRow]:
        """Return the whole register, by number."""


class LogReader(Rows, Protocol):
    """A log from outside: only what is committed, and never a gap."""

    @property
    def ledger_id(self) -> str:
        """Return what names this ledger, and no other, for ever."""

    @property
    def url(self) -> str:
        """Return where it is."""

    def head(self) -> Head:
        """Return the last committed position and its stamp."""

    def find(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the position of each key; unknown ones are absent."""

    def size_bytes(self) -> int:
        """Return the bytes that it takes on disk (0 in memory)."""

    def audit(self) -> "Audit":
        """Return an audit of it: all that is stored, as it is, of one moment."""

    def back_up(self, path: str, on_progress: Callable[[int], None] | None = None) -> None:
        """Make a file that holds the same ledger, of one moment; it must not be there yet.

        Raises UsageError where there is a file, or where the ledger is none. `on_progress` is told
        the bytes that are copied.
        """

    def renew(self) -> None:
        """Read from now on what is at the URL, if something else was put there meanwhile."""

    def close(self) -> None:
        """Let go of it."""


class Writer(Rows, VaultWriter, Protocol):
    """The one transaction that is open; reading sees what it has written. Dead once it ends."""

    @property
    def head(self) -> Head:
        """Return the last position when the lock was taken; what is appended does not move it."""

    @property
    def tail(self) -> Head:
        """Return the last position, with what this transaction has appended."""

    def find(self, keys: Collection[Key]) -> dict[Key, StoredRow]:
        """Return the row of each key; unknown ones are absent."""

    def append(self, events: Sequence[NewEvent]) -> int:
        """Append events at the next positions, in order; return their stamp.

        The stamp (nanoseconds since 1970) is one for the whole transaction, later than every one
        before it. Raises NotUnique when a key or a stream's version is there already.
        """

    def settle(self, homes: Mapping[str, str]) -> None:
        """Say in which stream each subject lives from now on."""

    def hold(
        self, code: str, file: str, line: int, reason: str, raw: bytes, waits_for: str | None = None
    ) -> int:
        """Put a line into the quarantine and return its number.

        The same bytes wait once: held again, they keep their number, file and line, and take the
        new code, reason and what they wait for.
        """

    def held(self, raws: Iterable[bytes]) -> dict[bytes, int]:
        """Return the number of each line that is held; others are absent.

        Where nothing is held, no line is looked at.
        """

    def awaited(self) -> list[str]:
        """Return what held lines wait for, each once, sorted."""

    def waiting(self, names: Collection[str]) -> list[HeldLine]:
        """Return the lines that wait for one of these names, by number."""

    def release(self, number: int) -> None:
        """Take a line out of the quarantine; nothing happens where there is none."""

    def keep_intake(self, intake: Intake) -> None:
        """Say how far a file is; what was said of that name before is forgotten."""

    def drop_intake(self, file: str) -> None:
        """Forget a file, for it is done; nothing happens where it is not known."""

    def seal(self, size: int, verifier_key: str, checkpoint: bytes) -> Seal:
        """Keep a signed checkpoint of the first `size` events, for ever."""

    def register(self, what: str, detail: Mapping[str, object]) -> int:
        """Put an entry into the register, for ever, and return its number."""


class Log(LogReader, Protocol):
    """A log that can be written, too."""

    @property
    def created(self) -> bool:
        """Return whether it was made just now, by `create_log`."""

    def assert_erasable(self) -> None:
        """Raise LedgerReadOnly where what is overwritten could not be taken off the disk."""

    def merge(self) -> None:
        """Keep nothing that was committed since `renew` apart from the file, if that can be."""

    def scrub(self) -> bool:
        """Take off the disk what was overwritten or removed; return whether none of it is left.

        It is False where another process still reads what was before: then again, later.
        """

    def writing(self) -> AbstractContextManager[Writer]:
        """Return a transaction: it commits when the block ends, and undoes all when it raises.

        There is one at a time; another waits up to 30 seconds, then raises LedgerBusy.
        """
