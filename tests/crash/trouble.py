"""What goes wrong with a process at the moment that was ordered."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _no_writing() -> None:
    """Take from this process the right to write to a write-ahead log that it has open."""
    for number, path in _open_files():
        if path.endswith("-wal"):
            handle = os.open(path, os.O_RDONLY)
            os.dup2(handle, number, inheritable=False)
            os.close(handle)


def _lose_connections() -> None:
    """Cut every connection to a server, as if the network were gone."""
    import socket

    for number, path in _open_files():
        if path.startswith("socket:"):
            with suppress(OSError), socket.socket(fileno=os.dup(number)) as line:
                line.shutdown(socket.SHUT_RDWR)


def _open_files() -> list[tuple[int, str]]:
    """Return what this process has open: each number, and what it stands for (Linux)."""
    found = []
    for place in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):
            found.append((int(place.name), str(place.readlink())))
    return found


def _wait_to_be_told() -> None:
    """Say that the moment has come, and wait for the other side to have done its worst."""
    Path("moment").touch()
    while not Path("go-on").exists():
        time.sleep(0.01)


FAULTS: dict[str, Callable[[], None]] = {
    "kill": _kill,
    "no-writing": _no_writing,
    "lost-connection": _lose_connections,
    "wait": _wait_to_be_told,
}
