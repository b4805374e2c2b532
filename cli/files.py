"""Files that commands are given and leave behind: read whole, written whole or not at all."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from cli.wording import _

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


def write_whole(path: str, content: bytes) -> None:
    """Put a file in its place, all of it or nothing; one that is there is replaced."""
    place = Path(path)
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        allowed = os.umask(0)
        os.umask(allowed)
        Path(name).chmod(0o666 & ~allowed)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_secret(path: str, content: bytes) -> None:
    """Write a new file that its owner alone may read. Raises FileExistsError where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
