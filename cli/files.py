"""Files that commands are given and leave behind: read whole, written whole or not at all."""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from cli.atomic import write_files
from cli.language.wording import _

LARGEST: Final = 256 * 2**20
"""Bytes of a file that is read whole."""


def read_whole(path: str) -> bytes:
    """Return the bytes of a file; `-` is standard input. Raises UsageError."""
    from ledger.errors import UsageError

    try:
        if path == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(
            _("{file} cannot be read: {reason}").format(file=path, reason=error.strerror)
        ) from error
    if len(content) > LARGEST:
        raise UsageError(_("{file} is too large to be read").format(file=path))
    return content


def write_whole(*files: tuple[str | None, bytes]) -> None:
    """Put files in their places, all of them or none; where no path is given nothing is written."""
    write_files({Path(path): content for path, content in files if path is not None}, _nothing)


def _nothing() -> None:
    """Do nothing before the files are put in their places."""


def write_like(path: Path, content: bytes, like: os.stat_result) -> None:
    """Write a file, whole or not at all, that has the mode, and if possible the owner, of another.

    Raises OSError; then what was there is there still.
    """
    from ledger.storage.atomic_file import beside

    with beside(path) as written:
        with os.fdopen(written.handle, "wb", closefd=False) as file:
            file.write(content)
            file.flush()
            with suppress(OSError):  # only root gives files away
                os.fchown(written.handle, like.st_uid, like.st_gid)
            os.fchmod(written.handle, stat.S_IMODE(like.st_mode))
            os.fsync(written.handle)
        written.put()


def write_secret(path: str, content: bytes) -> None:
    """Write a new file that its owner alone may read, whole or not at all.

    Raises FileExistsError where there is one, and other kinds of OSError where none can be made.
    """
    from ledger.storage.atomic_file import beside

    if path.endswith("/") or not path:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    with beside(Path(path)) as written:  # which makes files for their owner alone
        with os.fdopen(written.handle, "wb", closefd=False) as file:
            file.write(content)
            file.flush()
            os.fsync(written.handle)
        if os.path.lexists(path):  # a disk that knows no links would replace it
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        written.put_new()
