"""What PostgreSQL complains about, as an error that says what to do, and never a password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from psycopg import Error, InterfaceError, OperationalError

from ledger.errors import (
    CpodError,
    Damaged,
    LedgerBusy,
    LedgerFull,
    LedgerReadOnly,
    LedgerUnreachable,
)

WAIT_SECONDS: Final = 30.0
"""How long a writer waits for another one."""

_BUSY: Final = frozenset({"55P03", "40P01", "40001"})
"""A lock that was not to be had in time; a deadlock; what must be done again."""

_CROWDED: Final = "53300"
_FULL: Final = frozenset({"53100", "53400"})
_FORBIDDEN: Final = "42501"
_READ_ONLY: Final = frozenset({"25006", "25P02"})
_DAMAGED: Final = frozenset({"42P01", "42703", "42883", "XX001", "XX002"})
"""No such table, column or function; corrupted data; a corrupted index."""

_POOLER: Final = "08P01"
"""A protocol violation: only a pooler reports one, for a message that it does not pass on."""

_UNSUPPORTED: Final = "unsupported startup parameter"
_NONE_FREE: Final = "query_wait_timeout"
"""What PgBouncer says of a setting that it does not pass on, and if no connection is free."""

_SETTING: Final = "22023"
"""A value that a setting of the server cannot have in this place."""

_BUGS: Final = frozenset({"21", "22", "23", "26", "42"})
"""Classes: cardinality, data, integrity, statements that were prepared, syntax and names."""

_NO_BUGS: Final = _DAMAGED | {_FORBIDDEN, _SETTING}


def translated(error: Error, shown: str) -> CpodError:
    """Return our error for one of PostgreSQL; `shown` is the ledger's address."""
    state, said = error.sqlstate or "", _said(error)
    if state in _BUSY:
        return LedgerBusy(
            "{where}: another process has been writing for {seconds:.0f} seconds: try again when "
            "it is done",
            where=shown,
            seconds=WAIT_SECONDS,
        )
    if state == _CROWDED or said == _NONE_FREE:
        return LedgerBusy(
            "{where}: the server has no connection left: try again later ({reason})",
            where=shown,
            reason=said,
        )
    if state in _FULL:
        return LedgerFull(
            "{where}: the disk of the server is full: make room and try again; nothing was written",
            where=shown,
        )
    if state == _FORBIDDEN:
        return LedgerReadOnly(
            "{where}: this user may not do that ({reason}): ask for the right",
            where=shown,
            reason=said,
        )
    if state in _READ_ONLY:
        return LedgerReadOnly(
            "{where} can only be read here ({reason}): write where it is writable",
            where=shown,
            reason=said,
        )
    if state in _DAMAGED:
        return Damaged(
            "{where} is damaged ({reason}): restore it from a copy", where=shown, reason=said
        )
    if state == _POOLER:
        return LedgerUnreachable(
            "{where}: the pooler refuses a transaction ({reason}): use its session mode, or "
            "connect to the server itself",
            where=shown,
            reason=said,
        )
    if isinstance(error, OperationalError | InterfaceError) or not state:
        return LedgerUnreachable(
            "{where}: the connection was lost ({reason}): try again", where=shown, reason=said
        )
    return LedgerUnreachable(
        "{where}: the server refuses it ({reason}): see its log", where=shown, reason=said
    )


def unconnected(error: Error, shown: str, secret: str | None) -> CpodError:
    """Return our error for a connection that could not be made."""
    said = _said(error)
    if secret:
        said = said.replace(secret, "***")
    if _UNSUPPORTED in said:
        return LedgerUnreachable(
            "{where}: the pooler refuses a setting ({reason}): remove it from the URL and the "
            "environment (PGOPTIONS...), or add it to the pooler's ignore_startup_parameters",
            where=shown,
            reason=said,
        )
    return LedgerUnreachable(
        "{where} cannot be reached ({reason}): check that the server runs, the name of the "
        "database, the user and the password",
        where=shown,
        reason=said,
    )


def is_bug(error: Error) -> bool:
    """Return whether it is no trouble with the database, but a mistake of whoever asked it."""
    state = error.sqlstate or ""
    return state[:2] in _BUGS and state not in _NO_BUGS


def _said(error: Error) -> str:
    """Return the first line of what the server, or the library, says."""
    primary = error.diag.message_primary
    lines = [line.strip() for line in (primary or str(error)).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


@contextmanager
def speaking_of(shown: str) -> Iterator[None]:
    """Turn what PostgreSQL raises in the block into our error.

    A broken constraint, or a statement that makes no sense, is a bug of the caller: it passes.
    """
    try:
        yield
    except Error as error:
        if is_bug(error):
            raise
        raise translated(error, shown) from error
