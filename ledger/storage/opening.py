"""Opening a ledger by its URL: to read it, to write it, or to make one.

Whoever only reads imports neither the eventsourcing library nor pydantic by this.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from ledger.errors import LedgerReadOnly, LedgerUnreachable, NoLedger, UsageError
from ledger.storage.log import Clock, Log, LogReader, Randomness
from ledger.storage.sqlite.connection import stat_file
from ledger.storage.sqlite.reader import SqliteReader
from ledger.storage.urls import MemoryUrl, PostgresUrl, SqliteUrl, parse_url

if TYPE_CHECKING:
    from ledger.storage.codec import Codec
    from ledger.storage.memory.rows import MemoryStore
    from ledger.storage.writer import Means

_IN_MEMORY: Final[WeakValueDictionary[str, "MemoryStore"]] = WeakValueDictionary()
"""The named ledgers in memory that somebody has open."""


def open_reader(url: str) -> LogReader:
    """Return a reader of the ledger at a URL. Raises the errors of one that cannot be used."""
    where = parse_url(url)
    if isinstance(where, MemoryUrl):
        return open_log(url, _no_clock)
    if isinstance(where, PostgresUrl):
        _assert_driver()
        from ledger.storage.postgres.reader import PostgresReader

        return PostgresReader(where)
    return SqliteReader(where.path)


def open_log(
    url: str,
    clock: Clock,
    codec: "Codec | None" = None,
    randomness: Randomness = os.urandom,
) -> Log:
    """Return the ledger at a URL, to be written. Raises the errors of one that cannot be used.

    `randomness` makes the salts and keys of persons.
    """
    where = parse_url(url)
    means = _means(clock, codec, randomness)
    if isinstance(where, MemoryUrl):
        from ledger.storage.memory.log import MemoryLog

        store = _IN_MEMORY.get(where.name)
        if store is None:
            raise NoLedger(
                "there is no ledger in memory by the name {name!r}: make one", name=where.name
            )
        return MemoryLog(store, means)
    if isinstance(where, PostgresUrl):
        _assert_driver()
        from ledger.storage.postgres.log import PostgresLog

        return PostgresLog(where, means)
    from ledger.storage.sqlite.log import SqliteLog

    return SqliteLog(where.path, means)


def create_log(url: str, clock: Clock, randomness: Randomness, codec: "Codec | None" = None) -> Log:
    """Return the ledger at a URL, made new where there is none; `created` says which.

    Raises NotALedger where there is something else, and the errors of a place that cannot be
    written.
    """
    where = parse_url(url)
    means = _means(clock, codec, randomness)
    if isinstance(where, MemoryUrl):
        return _create_in_memory(where.name, means)
    if isinstance(where, PostgresUrl):
        _assert_driver()
        from ledger.storage.postgres.log import PostgresLog, create_postgres

        made = create_postgres(where, randomness)
        return PostgresLog(where, means, created=made)
    from ledger.storage.sqlite.log import SqliteLog, create_sqlite

    if stat_file(where.path):
        try:
            return SqliteLog(where.path, means)
        except NoLedger:
            pass  # an empty database, as a creation that was cut off leaves it
    assert_writable_directory(where.path)
    created = create_sqlite(where.path, randomness)
    return SqliteLog(where.path, means, created=created)


def _create_in_memory(name: str, means: "Means") -> Log:
    from ledger.storage.memory.log import MemoryLog
    from ledger.storage.memory.rows import MemoryStore

    store = _IN_MEMORY.get(name)
    if store is not None:
        return MemoryLog(store, means)
    store = MemoryStore(name, means.randomness(16).hex(), means.clock, means.codec)
    if name:
        _IN_MEMORY[name] = store
    return MemoryLog(store, means, created=True)


def assert_creatable(url: str) -> None:
    """Raise the errors of a place where no ledger can be made, and make none."""
    where = parse_url(url)
    if isinstance(where, SqliteUrl):
        assert_writable_directory(where.path)
    elif isinstance(where, PostgresUrl):
        from ledger.storage.postgres.log import rehearse_creation

        rehearse_creation(where)


def assert_writable_directory(path: str) -> None:
    """Raise LedgerUnreachable or LedgerReadOnly where no file can be made at a path."""
    directory = Path(path).absolute().parent
    if not directory.is_dir():
        raise LedgerUnreachable(
            "there is no directory {directory}: make it, then the ledger", directory=directory
        )
    if not os.access(directory, os.W_OK):
        raise LedgerReadOnly(
            "nothing can be written in {directory}: name another place", directory=directory
        )


def _assert_driver() -> None:
    """Raise UsageError where what speaks to PostgreSQL is not installed."""
    if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
        raise UsageError("a ledger on PostgreSQL needs psycopg: pip install 'cpod[postgres]'")


def _means(clock: Clock, codec: "Codec | None", randomness: Randomness) -> "Means":
    from ledger.storage.codec import Codec
    from ledger.storage.writer import Means

    return Means(clock, codec or Codec(), randomness)


def _no_clock() -> int:
    raise RuntimeError("a reader does not write")
