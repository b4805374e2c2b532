"""Files that commands are given and leave behind: read whole, written whole or not at all."""

import os
import sys
from pathlib import Path
from typing import Final

from cli.atomic import write_files
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


def write_whole(*files: tuple[str | None, bytes]) -> None:
    """Put files in their places, all of them or none; where no path is given nothing is written."""
    write_files({Path(path): content for path, content in files if path is not None}, _nothing)


def _nothing() -> None:
    """Do nothing before the files are put in their places."""


def write_secret(path: str, content: bytes) -> None:
    """Write a new file that its owner alone may read. Raises FileExistsError where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
