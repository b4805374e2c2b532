"""Children: commands run in processes of their own, which can be killed at a chosen moment."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

CHILD = Path(__file__).with_name("child.py")
KILLED = -9


class Stop(NamedTuple):
    """The moment at which a command is killed, or something else goes wrong with it."""

    kind: str
    """commit, statement or file."""
    number: int
    after: bool = False
    fault: str = "kill"

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.kind} {self.number}"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit: int
    """Its exit code; -9 of one that was killed."""
    out: str
    err: str
    orphans: bool
    """Whether a process that it had started was still there long after."""
    orphan_seconds: float
    points: dict[str, int] = field(default_factory=dict)
    """How many commits, statements and steps with files it came to; of one that was not killed.

    `statement at commit N` is how many statements there were before that commit.
    """
    answer: Any = None


class Running:
    """A command that was started."""

    def __init__(self, children: "Children", child: int, place: Path) -> None:
        self._children = children
        self.child = child
        self.place = place

    def kill(self, number: int = 9) -> None:
        """Send a signal to the process; it is there until it has been waited for."""
        os.kill(self.child, number)

    def wait(self) -> Ended:
        """Return how it ended, once it has and all that it had started."""
        found = self._children.ask({"do": "wait", "child": self.child})
        files = {name: _text(self.place / name) for name in ("out", "err", "points", "answer")}
        for name in files:
            (self.place / name).unlink(missing_ok=True)
        return Ended(
            out=files["out"],
            err=files["err"],
            points=json.loads(files["points"] or "{}"),
            answer=json.loads(files["answer"] or "null"),
            **found,
        )


class Children:
    """Starts commands, each in a process of its own that has imported everything already."""

    def __init__(self, library: Path | None = None) -> None:
        """Take a library that stands before the C library."""
        more = {} if library is None else {"LD_PRELOAD": str(library)}
        self._process = subprocess.Popen(
            [sys.executable, str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **more},
        )

    def ask(self, order: dict[str, Any]) -> Any:
        """Send one order, and return its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, place: Path, argv: Sequence[str] = (), **order: Any) -> Running:
        """Start a command; what it says is kept in a folder of `place`'s own."""
        run = Path(tempfile.mkdtemp(prefix="run-", dir=place))
        if "stop" in order:
            order["stop"] = order["stop"]._asdict()
        given = {"do": "start", "directory": str(run), "argv": list(argv), **order}
        return Running(self, int(self.ask(given)), run)

    def run(self, place: Path, argv: Sequence[str] = (), **order: Any) -> Ended:
        """Run a command until it ends."""
        running = self.start(place, argv, **order)
        ended = running.wait()
        for left in running.place.iterdir():
            left.unlink()
        running.place.rmdir()
        return ended

    def close(self) -> None:
        """End the process that starts them."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def children(library: Path | None = None) -> Iterator[Children]:
    """Give what starts commands, until the block ends."""
    made = Children(library)
    try:
        yield made
    finally:
        made.close()


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
