"""Files that appear whole or not at all: written beside their place, then moved into it."""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `--help` of a command that writes files loads nothing of the ledger
    from ledger.storage.atomic_file import Beside


def write_files(contents: Mapping[Path, bytes], before: Callable[[], None]) -> None:
    """Write files: all of them safely on the disk, then `before`, then each into its place.

    What is no ordinary file (a device, a pipe) is written to as it is. A link keeps pointing to
    where it pointed, and a file that is replaced keeps its mode. Raises OSError; then no file has
    changed, but where the last step itself fails.
    """
    from ledger.storage.atomic_file import beside

    streams: list[tuple[Path, bytes]] = []
    with ExitStack() as stack:
        waiting: list[Beside] = []
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            if target.is_dir():
                raise IsADirectoryError(21, os.strerror(21), str(path))
            if target.exists() and not target.is_file():
                streams.append((path, content))
            else:
                waiting.append(stack.enter_context(beside(target)))
                _fill(waiting[-1], (content,))
        before()
        for written in waiting:
            written.put()
        for path, content in streams:
            with path.open("wb") as stream:
                stream.write(content)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write one file as `write_files` does, piece by piece. What `pieces` raises goes on."""
    from ledger.storage.atomic_file import beside

    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if target.exists() and not target.is_file():
        with path.open("wb") as stream:
            stream.writelines(pieces)
        return
    with beside(target) as written:
        _fill(written, pieces)
        written.put()


def assert_writable(path: Path) -> None:
    """Raise OSError where `write_files` could not write; nothing is left there.

    For what is to be written once something has been done that nobody takes back.
    """
    from ledger.storage.atomic_file import beside

    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if target.exists() and not target.is_file():
        if not os.access(target, os.W_OK):
            raise PermissionError(13, os.strerror(13), str(path))
        return
    try:
        with beside(target):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _fill(written: "Beside", pieces: Iterable[bytes]) -> None:
    """Write pieces to a file that is to be put in its place, and make sure it is on the disk."""
    with os.fdopen(written.handle, "wb", closefd=False) as file:
        file.writelines(pieces)
        file.flush()
        os.fchmod(written.handle, _mode(written.target))
        os.fsync(written.handle)


def _mode(target: Path) -> int:
    """Return the mode of a file that is there, else that of a new one."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
