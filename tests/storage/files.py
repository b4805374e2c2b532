"""Files of ledgers for tests: how they are made, and what they say when something is wrong."""

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from places import fact

from ledger import errors
from ledger.storage.log import Log
from ledger.storage.opening import create_log, open_log, open_reader


def clock() -> int:
    return time.time_ns()


def make(place: Path | str) -> Log:
    """Make a ledger in a file, or at a URL."""
    url = place if isinstance(place, str) else f"sqlite:///{place}"
    return create_log(url, clock, os.urandom)


def filled(url: str) -> str:
    """Make a ledger with three events, a held line and an entry of the register."""
    log = make(url)
    with log.writing() as writer:
        writer.append([fact("a", version) for version in (1, 2, 3)])
        writer.hold("bad-json", "f", 1, "r", b"{")
        writer.register("note", {})
    log.close()
    return url


def raised(kind: type[errors.CpodError], use: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        use()
    assert type(caught.value) is kind
    message = str(caught.value)
    assert "\n" not in message
    return message


def open_both(path: Path, kind: type[errors.CpodError]) -> str:
    """Return what a reader says, once a writer has said the same."""
    written = raised(kind, lambda: open_log(f"sqlite:///{path}", clock))
    assert raised(kind, lambda: open_reader(f"sqlite:///{path}")) == written
    return written


def as_nobody(ask: Callable[[], object]) -> object:
    """Return what a function returns, or raises, for a user with no rights beyond those given."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            answer = ask()
        except BaseException as error:  # noqa: BLE001 - it is handed to the parent
            answer = error
        os.write(writable, pickle.dumps(answer))
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        answer = pickle.load(pipe)
    os.waitpid(child, 0)
    return answer
