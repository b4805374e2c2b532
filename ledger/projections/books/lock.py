"""Holding a file of books: whoever uses it holds it, and only a file that nobody holds is removed.

SQLite finds a database and its write-ahead log by name. Were a file removed while others use it,
one process could write to what another has already replaced, and pages of two histories would meet
in one file. So there is a lock file beside the books, which is never removed itself.
"""

import fcntl
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from ledger.projections.books.books import BooksRefused

_HAS_LOCKS: Final = sys.platform == "linux"
"""Elsewhere this lock may be in the way of those of SQLite: there nothing is ever removed."""

_BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""The file, which goes first, and what SQLite keeps beside it."""


class Hold:
    """One user's hold on a file of books, from before it is opened until after it is closed."""

    def __init__(self, path: Path) -> None:
        """Hold a file, be it there or not. Raises BooksRefused where it cannot be held."""
        self._path = path
        self._handle = _opened(f"{path}-lock") if _HAS_LOCKS else None
        self._share()

    def _share(self) -> None:
        if self._handle is not None:
            with suppress(OSError):  # a disk that knows no locks: there nobody is ever alone
                fcntl.flock(self._handle, fcntl.LOCK_SH)

    def remove(self) -> bool:
        """Remove the file and what is beside it; False where anybody else holds it.

        It may be called only while one has nothing open of it.
        """
        if self._handle is None:
            return False
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            for suffix in _BESIDE:
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            return True
        finally:
            self._share()

    def close(self) -> None:
        """Let go of it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _opened(path: str) -> int:
    """Return a handle of the lock file, which is made where it is not there."""
    try:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except PermissionError:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise BooksRefused(f"{path} cannot be used: {error.strerror}") from error
