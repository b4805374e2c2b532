"""Connections to a ledger's file: for readers, for writers, and the wait for the write lock."""

import os
import random
import sqlite3
import stat
import time
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from ledger.errors import LedgerReadOnly, LedgerUnreachable, NoLedger, NotALedger
from ledger.storage.sqlite.errors import WAIT_SECONDS, is_busy, is_unopened, speaking_of
from ledger.storage.sqlite.schema import assert_ledger

_WAIT_MILLISECONDS: Final = int(WAIT_SECONDS * 1000)
_READER_CACHE_KIB: Final = 32 * 1024
_WRITER_CACHE_KIB: Final = 96 * 1024
_CHECKPOINT_PAGES: Final = 8_000
"""Pages that the write-ahead log takes before they are moved into the file: 32 MB."""

_LONGEST_NAP: Final = 0.008
"""Seconds between two tries to get the write lock, at first; who has waited longer tries more."""


def stat_file(path: str) -> bool:
    """Return whether there is a file with something in it.

    It is not opened: closing it would give up the locks that SQLite holds in this process.
    Raises NotALedger for what is no file, LedgerUnreachable where one cannot look.
    """
    try:
        found = Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise LedgerUnreachable(
            "{where} cannot be reached: {reason}", where=path, reason=error
        ) from error
    if stat.S_ISDIR(found.st_mode):
        raise NotALedger("{where} is a directory: name a file in it", where=path)
    if not stat.S_ISREG(found.st_mode):
        raise NotALedger("{where} is no regular file: name another one", where=path)
    return found.st_size > 0


class FileState(NamedTuple):
    """What tells a file from another one at its path, and from itself with other content."""

    device: int
    number: int
    size: int
    changed: int

    def is_file_of(self, other: "FileState | None") -> bool:
        """Return whether both are of one file, whatever is in it."""
        return other is not None and self[:2] == other[:2]


def state_of(path: str) -> FileState | None:
    """Return the state of the file at a path; None where there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return FileState(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def connect(path: str, mode: str) -> sqlite3.Connection:
    """Return a connection in autocommit; `mode` is what SQLite's URI says after `mode=`."""
    uri = f"file:{quote(os.fsencode(Path(path).absolute()))}?mode={mode}"
    return sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=WAIT_SECONDS
    )


def connect_reader(path: str) -> sqlite3.Connection:
    """Return a connection that only reads, to a file that is a ledger.

    It works in a directory, or on a disk, that cannot be written; there, a file with nothing in its
    write-ahead log is read as it stands. Raises the errors of a ledger that cannot be used.
    """
    if not stat_file(path):
        raise NoLedger("there is no ledger at {where}: make one with `cpod init`", where=path)
    with speaking_of(path):
        try:
            return _checked(connect(path, "rw"), path)
        except sqlite3.Error as error:
            if not is_unopened(error):
                raise
            if _has_unmerged(path):
                raise LedgerReadOnly(
                    "{where}: what was written last lies beside it, in {name}-wal, and cannot be "
                    "merged here: copy both to where you may write, and read that",
                    where=path,
                    name=Path(path).name,
                ) from error
        return _checked(connect(path, "ro&immutable=1"), path)


def _has_unmerged(path: str) -> bool:
    try:
        return Path(f"{os.path.realpath(path)}-wal").stat().st_size > 0
    except OSError:
        return False


def _checked(connection: sqlite3.Connection, path: str) -> sqlite3.Connection:
    """Return a connection made ready for reading; it is closed again where it is no ledger."""
    try:
        assert_ledger(connection, path)
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_writer(path: str, *, create: bool = False) -> sqlite3.Connection:
    """Return a connection that writes safely: in WAL mode, each commit on the disk."""
    connection = connect(path, "rwc" if create else "rw")
    try:
        use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        # What is removed or overwritten is overwritten with zeros: a line that left the quarantine
        # may name somebody who is to be erased.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def use_wal(connection: sqlite3.Connection) -> None:
    """Let a database have a write-ahead log, also while others do the same."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _retried(connection, "PRAGMA journal_mode = WAL")


def begin_immediate(connection: sqlite3.Connection) -> None:
    """Begin a transaction that holds the write lock, within `WAIT_SECONDS`.

    SQLite's own wait grows longer the longer one has waited, so that newcomers win. Here naps are
    of random length, and become shorter. Raises sqlite3.Error (busy) when the time is over.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        _retried(connection, "BEGIN IMMEDIATE")
    finally:
        connection.execute(f"PRAGMA busy_timeout = {_WAIT_MILLISECONDS}")


def _retried(connection: sqlite3.Connection, statement: str) -> None:
    began = time.monotonic()
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if not is_busy(error) or waited > WAIT_SECONDS:
                raise
            time.sleep(random.uniform(0.1, 1.0) * _LONGEST_NAP / (1 + waited))  # noqa: S311
        else:
            return


def size_bytes(path: str) -> int:
    """Return the bytes of the file and of what SQLite keeps beside it."""
    real = os.path.realpath(path)
    files = [Path(real), Path(f"{real}-wal")]
    return sum(file.stat().st_size for file in files if file.exists())
