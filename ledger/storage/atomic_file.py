"""A file beside its place: written whole, then put there; what the killed left of it is swept.

Whoever writes such a file holds a lock on it, which ends with the process. So a file that nobody
holds is nobody's, and the next one who writes to the same place removes it.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_ENDING: Final = ".part"
_NAME_LENGTH: Final = 100
"""Bytes of the target's name that stand in the name of the file beside it."""

_HAS_LOCKS: Final = sys.platform == "linux"
"""Elsewhere this lock and those of SQLite are in each other's way: there nothing is swept."""

_KEPT_BY_SQLITE: Final = ("-wal", "-shm", "-journal")


class Beside:
    """A new file in the directory of its target, and the lock on it."""

    def __init__(self, path: Path, handle: int, target: Path) -> None:
        """Take a file that `beside` has made; the handle may be written to, and is not closed."""
        self.path = path
        self.handle = handle
        self.target = target

    def put(self) -> None:
        """Put the file in the place of what is there. Raises OSError; then nothing has changed."""
        self.path.replace(self.target)
        settle(self.target.parent)

    def put_new(self) -> None:
        """Put the file where nothing is. Raises FileExistsError where something has come to be."""
        try:
            os.link(self.path, self.target)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            self.path.rename(self.target)
        settle(self.target.parent)


@contextmanager
def beside(target: Path) -> Iterator[Beside]:
    """Give a new, empty file beside a target, which is removed at the end unless it was put there.

    What those have left who were killed while they wrote to the same target is removed first.
    Raises OSError where no file can be made there.
    """
    sweep(target)
    path, handle = _made(target)
    try:
        yield Beside(path, handle, target)
    finally:
        for suffix in ("", *_KEPT_BY_SQLITE):
            with suppress(OSError):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
        os.close(handle)


def settle(directory: Path) -> None:
    """Make sure that a new name in a directory is on the disk."""
    with suppress(OSError):  # some file systems cannot: the file is there all the same
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _prefix(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:_NAME_LENGTH])}."


def _made(target: Path) -> tuple[Path, int]:
    """Return a new file and a handle that holds its lock."""
    while True:
        handle, name = tempfile.mkstemp(_ENDING, _prefix(target), target.parent)
        if _HAS_LOCKS:
            with suppress(OSError):  # a disk that knows none
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(handle, name):
            return Path(name), handle
        os.close(handle)  # it was swept before it was locked


def sweep(target: Path) -> None:
    """Remove the files that were to be put in the place of a target, and that nobody holds."""
    if not _HAS_LOCKS:
        return
    with suppress(OSError):
        for file in list(target.parent.iterdir()):
            if file.name.startswith(_prefix(target)) and file.name.endswith(_ENDING):
                with suppress(OSError):
                    _remove_unheld(file)


def _remove_unheld(path: Path) -> None:
    """Remove a file, unless somebody holds it. Raises OSError then."""
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(handle, path):
            for suffix in (*_KEPT_BY_SQLITE, ""):
                Path(f"{path}{suffix}").unlink(missing_ok=True)
    finally:
        os.close(handle)


def _is_at(handle: int, path: Path | str) -> bool:
    """Return whether an open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))  # noqa: PTH116 - a text or a path
    except FileNotFoundError:
        return False
