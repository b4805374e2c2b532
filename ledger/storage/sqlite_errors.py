"""What SQLite complains about, as an error that says what to do."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.errors import (
    CpodError,
    Damaged,
    LedgerBusy,
    LedgerFull,
    LedgerReadOnly,
    LedgerUnreachable,
    NotALedger,
)

WAIT_SECONDS: Final = 30.0
"""How long a writer waits for another one."""

_PRIMARY: Final = 0xFF
"""The part of an extended error code that names the kind."""

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_UNOPENED: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_READONLY}
)


def kind_of(error: sqlite3.Error) -> int:
    """Return the primary result code of an error, 0 where the module raised it by itself."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & _PRIMARY if isinstance(code, int) else 0


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another connection was in the way."""
    return kind_of(error) in _BUSY


def is_unopened(error: sqlite3.Error) -> bool:
    """Return whether the file, or what SQLite keeps beside it, could not be opened or written."""
    return kind_of(error) in _UNOPENED


def translated(error: sqlite3.Error, path: str) -> CpodError:
    """Return our error for one of SQLite on the file at that path."""
    kind = kind_of(error)
    if kind in _BUSY:
        return LedgerBusy(
            f"{path}: another process has been writing for {WAIT_SECONDS:.0f} seconds: "
            "try again when it is done"
        )
    if kind == sqlite3.SQLITE_FULL:
        return LedgerFull(f"{path}: the disk is full: make room and try again; nothing was written")
    if kind == sqlite3.SQLITE_NOTADB:
        return NotALedger(f"{path} is no ledger: name another file, or none to make a new one")
    if kind in _UNOPENED:
        return _unopened(kind, path)
    if kind == sqlite3.SQLITE_IOERR:
        return LedgerUnreachable(f"{path}: the disk does not answer ({error}): check it, try again")
    return Damaged(f"{path} is damaged ({error}): restore it from a copy")


def _unopened(kind: int, path: str) -> CpodError:
    directory = Path(path).resolve().parent
    unwritable = not os.access(path, os.W_OK) or not os.access(directory, os.W_OK)
    if os.access(path, os.R_OK) and (unwritable or kind == sqlite3.SQLITE_READONLY):
        return LedgerReadOnly(
            f"{path} cannot be written: ask for the right to write the file and its directory"
        )
    return LedgerUnreachable(f"{path} cannot be opened: check that it exists and may be read")


@contextmanager
def speaking_of(path: str) -> Iterator[None]:
    """Turn what SQLite raises in the block into our error.

    A broken constraint, or the use of what is closed, is a bug of the caller: it passes.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except UnicodeDecodeError as error:  # SQLite says what is malformed in its own, damaged words
        raise Damaged(
            f"{path} is damaged (its schema cannot be read): restore it from a copy"
        ) from error
