"""Files that appear whole or not at all: written beside their place, then moved into it."""

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path


def write_files(contents: Mapping[Path, bytes], before: Callable[[], None]) -> None:
    """Write files: all of them safely on the disk, then `before`, then each into its place.

    What is no ordinary file (a device, a pipe) is written to as it is. A link keeps pointing to
    where it pointed, and a file that is replaced keeps its mode. Raises OSError; then no file has
    changed, but where the last step itself fails.
    """
    waiting: list[tuple[Path, Path]] = []
    streams: list[tuple[Path, bytes]] = []
    try:
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            if target.is_dir():
                raise IsADirectoryError(21, os.strerror(21), str(path))
            if target.exists() and not target.is_file():
                streams.append((path, content))
            else:
                waiting.append((_beside(target, (content,)), target))
        before()
        while waiting:
            written, target = waiting[0]
            written.replace(target)
            waiting.pop(0)
            _settle(target.parent)
        for path, content in streams:
            with path.open("wb") as stream:
                stream.write(content)
    finally:
        for written, _target in waiting:
            with suppress(OSError):
                written.unlink()


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write one file as `write_files` does, piece by piece. What `pieces` raises goes on."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if target.exists() and not target.is_file():
        with path.open("wb") as stream:
            stream.writelines(pieces)
        return
    _beside(target, pieces).replace(target)
    _settle(target.parent)


def _beside(target: Path, pieces: Iterable[bytes]) -> Path:
    """Write pieces to a new file in the directory of its target, and return its name."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fchmod(file.fileno(), _mode(target))
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _mode(target: Path) -> int:
    """Return the mode of a file that is there, else that of a new one."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _settle(directory: Path) -> None:
    """Make sure that the new name itself is on the disk."""
    with suppress(OSError):  # some file systems cannot: the file is there all the same
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
