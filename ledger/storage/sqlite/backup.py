"""A copy of a ledger in SQLite: whole, of one moment, made beside its place and then put there."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ledger.errors import UsageError
from ledger.storage.atomic_file import Beside, beside, sweep
from ledger.storage.sqlite.connection import connect_reader
from ledger.storage.sqlite.errors import speaking_of

_PAGES: Final = 2_000
"""Pages that are copied between two words on how far it has come."""


def back_up(origin: str, path: str, on_progress: Callable[[int], None] | None = None) -> None:
    """Copy a ledger to a path where nothing is yet. Raises UsageError where something is.

    Writers go on meanwhile. Until the copy is whole and on the disk, the path does not exist.
    """
    target = Path(path)
    sweep(target)  # also what one left who was stopped right after the copy was in its place
    if os.path.lexists(target):
        raise UsageError(
            "{where} is there already, and is not overwritten: name another file", where=path
        )
    if not target.parent.is_dir():
        raise UsageError("there is no directory {parent}: make it first", parent=target.parent)
    with beside(target) as made:
        _copy(origin, str(made.path), on_progress)
        put(made, Path(origin).stat().st_mode & 0o777)


def _copy(origin: str, place: str, on_progress: Callable[[int], None] | None) -> None:
    source = connect_reader(origin)
    try:
        with speaking_of(origin):
            # One snapshot: else every write of another process would begin the copy anew.
            source.execute("BEGIN")
            size = source.execute("PRAGMA page_size").fetchone()[0]
            source.execute("SELECT count(*) FROM counter").fetchone()
        copy = sqlite3.connect(place, isolation_level=None)
        try:
            with speaking_of(place):
                copy.execute("PRAGMA synchronous = FULL")
                source.backup(
                    copy,
                    pages=_PAGES,
                    progress=lambda _, left, total: (
                        None if on_progress is None else on_progress((total - left) * size)
                    ),
                )
        finally:
            copy.close()
    finally:
        source.close()


def put(made: Beside, mode: int) -> None:
    """Give a file its rights, put it on the disk, and then in its place.

    Raises UsageError where something has come there meanwhile.
    """
    os.fchmod(made.handle, mode)
    os.fsync(made.handle)
    try:
        made.put_new()
    except FileExistsError:
        raise UsageError(
            "{where} is there already, and is not overwritten: name another file", where=made.target
        ) from None
