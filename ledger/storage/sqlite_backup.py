"""A copy of a ledger in SQLite: whole, of one moment, made beside its place and then put there."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.errors import UsageError
from ledger.storage.sqlite_connection import connect_reader
from ledger.storage.sqlite_errors import speaking_of

_PAGES: Final = 2_000
"""Pages that are copied between two words on how far it has come."""


def back_up(origin: str, path: str, on_progress: Callable[[int], None] | None = None) -> None:
    """Copy a ledger to a path where nothing is yet. Raises UsageError where something is.

    Writers go on meanwhile. Until the copy is whole and on the disk, the path does not exist.
    """
    target = Path(path)
    if os.path.lexists(target):
        raise UsageError(f"{path} is there already, and is not overwritten: name another file")
    if not target.parent.is_dir():
        raise UsageError(f"there is no directory {target.parent}: make it first")
    with beside(target) as place:
        _copy(origin, str(place), on_progress)
        put(place, target, Path(origin).stat().st_mode & 0o777)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give an empty file in the same directory; what is left of it goes when the block ends."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)


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


def put(place: Path, target: Path, mode: int) -> None:
    """Give a file its rights, put it on the disk, and then in its place.

    Raises UsageError where something has come there meanwhile.
    """
    place.chmod(mode)
    with place.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        os.link(place, target)
    except FileExistsError:
        raise UsageError(
            f"{target} is there already, and is not overwritten: name another file"
        ) from None
    except OSError:  # a disk that knows no links
        place.rename(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
