"""Receiving: what a new ledger is filled with, row for row, when it is the copy of another one.

Everything is written in one transaction, or into a file that is put in its place at the end: a copy
is there as a whole, or not at all.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple, Protocol

from ledger.errors import Damaged, NoLedger, UsageError
from ledger.storage.audit import Audit, AuditRow, Entry
from ledger.storage.log import Head, HeldLine, Seal
from ledger.storage.opening import assert_writable_directory, open_reader
from ledger.storage.sqlite.connection import stat_file
from ledger.storage.urls import MemoryUrl, PostgresUrl, SqliteUrl, parse_url, without_password
from ledger.storage.vault.rows import Person, SealedText


class Aside(NamedTuple):
    """What a ledger keeps beside its events; what may be many is read as it is written."""

    homes: Iterable[tuple[str, str]]
    lines: Iterable[HeldLine]
    last_held: int
    seals: Sequence[Seal]
    entries: Sequence[Entry]
    persons: Iterable[Person]
    texts: Iterable[SealedText]


class Receiver(Protocol):
    """A ledger that is being filled; nobody sees it yet."""

    def take_events(self, rows: Sequence[AuditRow], nodes: Sequence[tuple[int, bytes]]) -> None:
        """Write events with all their columns, and their rows of nodes."""

    def take_aside(self, head: Head, aside: Aside) -> None:
        """Write what is kept beside the events, and then the counter: it is the last that comes."""

    def audit(self) -> Audit:
        """Return an audit of what has been written, while nobody else sees it."""


@contextmanager
def receiving(url: str, ledger_id: str) -> Iterator[Receiver]:
    """Give what fills a new ledger at a URL; it is there when the block ends, unless that raises.

    Raises UsageError where there is a ledger already, NotALedger where there is something else.
    """
    where = free_place(url)
    if isinstance(where, PostgresUrl):
        from ledger.storage.postgres.copy_target import receive_on_postgres

        with receive_on_postgres(where, ledger_id) as on_postgres:
            yield on_postgres
    else:
        from ledger.storage.sqlite.copy_target import receive_in_file

        with receive_in_file(where.path, ledger_id) as in_file:
            yield in_file


def free_place(url: str) -> SqliteUrl | PostgresUrl:
    """Return where a new ledger may be made.

    Raises UsageError where there is one already, NotALedger where there is something else, and the
    errors of a place that cannot be reached or written.
    """
    where = parse_url(url)
    if isinstance(where, MemoryUrl):
        raise UsageError("{url} would be gone with this process: name a file or a schema", url=url)
    try:
        open_reader(url).close()
    except NoLedger:
        pass
    else:
        raise occupied(url)
    if isinstance(where, SqliteUrl):
        if stat_file(where.path):
            raise UsageError("{path} is a database already: name another file", path=where.path)
        assert_writable_directory(where.path)
    return where


def occupied(url: str) -> UsageError:
    """Return what is said where a ledger would be overwritten."""
    return UsageError(
        "{url}: there is a ledger already, and a copy overwrites nothing: name another place",
        url=without_password(url),
    )


def columns_of(row: AuditRow) -> tuple[object, ...]:
    """Return the columns of an event with texts as texts. Raises Damaged where one is none."""
    try:
        return (
            *(row.position, row.stream.decode(), row.version, row.topic.decode()),
            *(row.state, row.recorded_at, row.key.decode(), row.is_term),
        )
    except (UnicodeDecodeError, AttributeError) as wrong:
        raise Damaged(
            "a column of position {position} is damaged ({wrong})",
            position=row.position,
            wrong=wrong,
        ) from None


def digest_of_line(line: HeldLine) -> bytes:
    """Return by what a line in the quarantine is found."""
    return sha256(line.raw).digest()
