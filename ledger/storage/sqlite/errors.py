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
            "{where}: another process has been writing for {seconds:.0f} seconds: try again when "
            "it is done",
            where=path,
            seconds=WAIT_SECONDS,
        )
    if kind == sqlite3.SQLITE_FULL:
        return LedgerFull(
            "{where}: the disk is full: make room and try again; nothing was written", where=path
        )
    if kind == sqlite3.SQLITE_NOTADB:
        return NotALedger(
            "{where} is no ledger: name another file, or none to make a new one", where=path
        )
    if kind in _UNOPENED:
        return _unopened(kind, path)
    if kind == sqlite3.SQLITE_IOERR:
        return LedgerUnreachable(
            "{where}: the disk does not answer ({reason}): check it, try again",
            where=path,
            reason=error,
        )
    return Damaged(
        "{where} is damaged ({reason}): restore it from a copy", where=path, reason=error
    )


def _unopened(kind: int, path: str) -> CpodError:
    directory = Path(path).resolve().parent
    unwritable = not os.access(path, os.W_OK) or not os.access(directory, os.W_OK)
    if os.access(path, os.R_OK) and (unwritable or kind == sqlite3.SQLITE_READONLY):
        return LedgerReadOnly(
            "{where} cannot be written: ask for the right to write the file and its directory",
            where=path,
        )
    return LedgerUnreachable(
        "{where} cannot be opened: check that it exists and may be read", where=path
    )


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
            "{where} is damaged (its schema cannot be read): restore it from a copy", where=path
        ) from error
