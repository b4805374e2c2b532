"""The process that commands die in: `cpod` itself, imported once and forked for every command.

    python tests/crash/child.py        # reads one order a line (JSON), answers each with one line

An order names the command line and, if it likes, where the command is to be killed: before or after
its n-th commit, statement or step with a file; or what goes wrong at that moment. Nothing of this
is in the product: what it calls is wrapped here, before it is called.
"""

import ctypes
import json
import os
import resource
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from trouble import FAULTS

ROOT = Path(__file__).resolve().parents[2]
ORPHANS_END_WITHIN = 20.0
"""Seconds after which a process that outlives its parent counts as left behind."""

_PR_SET_CHILD_SUBREAPER = 36
_STEPS_WITH_FILES = ("replace", "rename", "link", "unlink", "fsync")


class Points:
    """Counts the moments of a command, and lets the one that was ordered be its last."""

    def __init__(self, order: dict[str, Any]) -> None:
        stop = order.get("stop") or {}
        self.kind, self.number = stop.get("kind"), stop.get("number")
        self.is_after, self.fault = stop.get("after", False), stop.get("fault", "kill")
        self.counted: Counter[str] = Counter()
        self.disk: Any = None

    def passed(self, kind: str, step: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Take a step, unless it is the one at which the process ends."""
        self.counted[kind] += 1
        if kind == "commit":
            self.counted[f"statement at commit {self.counted[kind]}"] = self.counted["statement"]
        is_last = kind == self.kind and self.counted[kind] == self.number
        if is_last and not self.is_after:
            FAULTS[self.fault]()
        try:
            return step(*given, **named)
        finally:
            if is_last and self.is_after:
                FAULTS[self.fault]()


def _kind_of(statement: object) -> str:
    text = statement if isinstance(statement, str) else ""
    if isinstance(statement, bytes):
        text = statement.decode()
    return "commit" if text.strip().upper().startswith(("COMMIT", "END")) else "statement"


def wrap_sqlite(points: Points, pages: int | None, copies: int | None) -> None:
    """Let every commit and statement of SQLite be a moment; a file may grow by so many pages."""

    class Cursor(sqlite3.Cursor):
        def execute(self, statement, *given):
            return points.passed(_kind_of(statement), super().execute, statement, *given)

        def executemany(self, statement, *given):
            return points.passed("statement", super().executemany, statement, *given)

    class Connection(sqlite3.Connection):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            room = copies if given[0] in {"", ":memory:"} else pages
            if room is not None:
                (size,) = super().execute("PRAGMA page_count").fetchone()
                super().execute(f"PRAGMA max_page_count = {size + room}")

        def cursor(self, factory=Cursor):
            return super().cursor(factory)

        def execute(self, statement, *given):
            return self.cursor().execute(statement, *given)

        def executemany(self, statement, *given):
            return self.cursor().executemany(statement, *given)

        def commit(self):
            return points.passed("commit", super().commit)

    connect = sqlite3.connect
    sqlite3.connect = lambda *given, **named: connect(*given, factory=Connection, **named)


def wrap_postgres(points: Points) -> None:
    """Let every commit and statement of psycopg be a moment."""
    import psycopg

    execute, copy, commit = (
        psycopg.Cursor.execute,
        psycopg.Cursor.copy,
        psycopg.Connection.commit,
    )
    psycopg.Cursor.execute = lambda self, statement, *given, **named: points.passed(
        _kind_of(statement), execute, self, statement, *given, **named
    )
    psycopg.Cursor.copy = lambda self, *given, **named: points.passed(
        "statement", copy, self, *given, **named
    )
    psycopg.Connection.commit = lambda self: points.passed("commit", commit, self)


def wrap_files(points: Points) -> None:
    """Let every step that makes a file, or puts it in its place, be a moment."""

    def wrapped(step: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given, **named: points.passed("file", step, *given, **named)

    for name in _STEPS_WITH_FILES:
        setattr(os, name, wrapped(getattr(os, name)))
    opened, made = os.open, wrapped(os.open)
    os.open = lambda path, flags, *given, **named: (made if flags & os.O_CREAT else opened)(
        path, flags, *given, **named
    )


def wrap_disk(order: dict[str, Any], points: Points) -> None:
    """Let a disk fail as it was ordered, where `failing_disk.c` stands before the C library."""
    disk = ctypes.CDLL(None)
    if hasattr(disk, "disk_fails"):
        disk.disk_fails(*order.get("disk", (-1, 0, 0)))
        points.disk = disk


def run(order: dict[str, Any]) -> int:
    """Carry out one order in this process, which is its own, and return the exit code."""
    os.setpgid(0, 0)
    os.chdir(order["directory"])
    os.environ.update(order.get("environment", {}))
    # Whoever starts the tests may have set what is to be watched here
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, number in (("out", 1), ("err", 2)):
        handle = os.open(f"{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    if "bytes" in order:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["bytes"], order["bytes"]))
    for place, value in order.get("settings", {}).items():
        module, name = place.split(":")
        setattr(import_module(module), name, value)
    points = Points(order)
    wrap_sqlite(points, order.get("pages"), order.get("pages_of_copies"))
    if order.get("postgres"):
        wrap_postgres(points)
    wrap_files(points)
    wrap_disk(order, points)
    code = _called(order)
    if points.disk is not None:
        points.counted |= {f"disk {kind}": points.disk.disk_counted(kind) for kind in range(3)}
    Path("points").write_text(json.dumps(points.counted), "utf-8")
    return code


def _called(order: dict[str, Any]) -> int:
    if "call" in order:
        module, name = order["call"].split(":")
        answer = getattr(import_module(module), name)(*order["given"])
        Path("answer").write_text(json.dumps(answer), "utf-8")
        return 0
    from cli import main

    sys.argv[1:] = order["argv"]
    return main.finished()


def serve() -> None:
    """Fork for every order that comes, until no more come."""
    if sys.platform == "linux":  # so that what a killed process leaves behind becomes ours
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "crash"), str(ROOT / "tests")]
    import_module("everything").import_everything()
    for line in sys.stdin:
        order = json.loads(line)
        answer = {"wait": _wait, "start": _start}[order["do"]](order)
        print(json.dumps(answer), flush=True)


def _start(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        sys.stdin.close()
        code = run(order)
    except BaseException:  # noqa: BLE001 - it is said, and the process ends
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(order: dict[str, Any]) -> dict[str, Any]:
    """Return how a process ended, and how long what it had started went on after it."""
    _, status = os.waitpid(order["child"], 0)
    ended, alive = time.monotonic(), True
    while alive and time.monotonic() - ended < ORPHANS_END_WITHIN:
        alive = _is_anybody_left(order["child"])
        if alive:
            time.sleep(0.005)
    return {
        "exit": os.waitstatus_to_exitcode(status),
        "orphans": alive,
        "orphan_seconds": time.monotonic() - ended,
    }


def _is_anybody_left(group: int) -> bool:
    try:
        while os.waitpid(-group, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    serve()
