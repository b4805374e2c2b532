"""The library leaves the process that it is used in as it is: `make check` forbids it the means."""

import _thread
import csv
import decimal
import gc
import json
import locale
import logging
import os
import signal
import socket
import sys
import threading
import warnings
import weakref
from pathlib import Path

import pytest
from sending import FOUNDATION, grant, opening

from ledger import Ledger
from ledger import worker as second_process


class Own:
    """Something of the program's own, in a cycle."""

    def __init__(self):
        self.me = self


@pytest.fixture
def inputs(tmp_path):
    """A short input, and one for which a second process is made."""
    short, long = tmp_path / "short.jsonl", tmp_path / "long.jsonl"
    short.write_bytes(b"\n".join((*FOUNDATION, grant(), opening())))
    long.write_bytes(b"\n".join(opening(f"L{number}") for number in range(9)))
    return str(short), str(long)


def state():
    """All that a process has once, and that a library could change."""
    mask = os.umask(0o022)
    os.umask(mask)
    return {
        "collector": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.get_debug()),
        "signals": [signal.getsignal(number) for number in sorted(signal.valid_signals())],
        "masked": signal.pthread_sigmask(signal.SIG_BLOCK, []),
        "timers": [signal.getitimer(which) for which in (signal.ITIMER_REAL, signal.ITIMER_PROF)],
        "environment": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL),
        "directory": Path.cwd(),
        "rights": mask,
        "numbers": repr(decimal.getcontext()),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), csv.field_size_limit()),
        "waits": socket.getdefaulttimeout(),
        "logging": (logging.root.level, list(logging.root.handlers)),
        "warnings": list(warnings.filters),
        "hooks": (sys.excepthook, sys.unraisablehook, threading.excepthook, sys.stdout),
        "threads": threading.active_count(),
    }


def test_nothing_of_the_process_changes_neither_meanwhile_nor_afterwards(
    inputs, tmp_path, monkeypatch
):
    """Whatever a ledger is asked, also where it makes a process of its own."""
    monkeypatch.setattr(second_process, "_may_fork", lambda: True)
    monkeypatch.setattr("ledger.projections.books.catch_up._LONG", 2)
    before, seen = state(), []

    def look(*_given, **_named):
        seen.append(state())

    with Ledger.create(f"sqlite:///{tmp_path}/l.db") as ledger:
        for path in inputs:
            ledger.ingest([path], batch_size=2, on_batch=look, on_progress=look)
        ledger.ask("packages", kind="all", on_progress=look)
        ledger.rehearse(list(inputs), on_progress=look)
        ledger.copy_to(f"sqlite:///{tmp_path}/copy.db", on_progress=look)
        ledger.check(books=True, on_progress=look)
        ledger.rebuild(on_progress=look)
        look()
    seen.append(state())
    assert len(seen) > 10
    assert [each for each in seen if each != before] == []


@pytest.mark.parametrize("work", ["ingest", "ask"])
def test_garbage_of_the_program_is_collected_as_if_the_library_were_not_there(
    inputs, tmp_path, work
):
    """What the program has just left behind stays among what is young, however often it asks."""
    with Ledger.create(f"sqlite:///{tmp_path}/l.db") as ledger:
        left = []
        for number in range(5):
            left.append(weakref.ref(Own()))
            if work == "ingest":
                Path(inputs[0]).write_bytes(opening(f"{number}"))
                ledger.ingest([inputs[0]])
            else:
                ledger.ask("cases")
        gc.collect(1)
    assert [own() for own in left] == [None] * 5


def test_a_copy_has_the_rights_that_any_new_file_gets(tmp_path):
    """The mask of the process is neither changed nor unknown."""
    Path(tmp_path / "any").touch()
    with Ledger.create(f"sqlite:///{tmp_path}/l.db") as ledger:
        ledger.copy_to(f"sqlite:///{tmp_path}/copy.db")
    assert (tmp_path / "copy.db").stat().st_mode == (tmp_path / "any").stat().st_mode
    assert sorted(file.name for file in tmp_path.glob(".copy.db*")) == []


def test_a_process_with_threads_is_not_copied():
    """A copy would lack them; one of which `threading` does not know counts as well."""
    go_on, over = threading.Lock(), threading.Lock()
    go_on.acquire()
    over.acquire()

    def work():
        go_on.acquire()
        over.release()

    before = second_process._threads()
    _thread.start_new_thread(work, ())
    try:
        assert second_process._threads() == before + 1
        assert second_process.SecondProcess.begun(lambda told: told.say(b"")) is None
    finally:
        go_on.release()
        over.acquire()


def test_a_handler_of_the_program_that_raises_in_the_copy_ends_the_copy(monkeypatch):
    """It never goes on with what the program was at."""
    fork = os.fork

    def interrupted():
        pid = fork()
        if pid == 0:
            raise KeyboardInterrupt
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    monkeypatch.setattr(second_process, "_may_fork", lambda: True)
    process = second_process.SecondProcess.begun(lambda told: told.say(b""))
    assert process is not None
    with pytest.raises(second_process.ProcessEnded):
        process.hear()
    process.close()


def test_a_program_that_waits_for_every_child_has_no_trouble(monkeypatch):
    """It may have taken the end of the copy before the ledger asks for it."""
    monkeypatch.setattr(second_process, "_may_fork", lambda: True)
    process = second_process.SecondProcess.begun(lambda told: told.say(json.dumps(1).encode()))
    assert process is not None
    assert process.hear() == b"1"
    os.waitpid(process.pid, 0)
    process.close()
