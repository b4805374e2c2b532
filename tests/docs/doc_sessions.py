"""Sessions in the documentation: blocks that show a real terminal, played again and compared.

A block is marked in a comment that no reader sees, and says from which ledger it starts:

    <!-- session: demo -->
    ```console
    $ cpod summary --as-of 2025-12-15
    ...
    ```

`empty` is a directory without a ledger, `demo` one whose ledger has taken in the months of the demo
one after the other, and a path is a file of events that an empty ledger has taken in. In each there
is `demo/`. The blocks of a page that start from the same ledger continue each other.
"""

import contextlib
import fcntl
import os
import pty
import re
import shlex
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from ledger import Ledger

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
MONTHS: Final = sorted((ROOT / "demo" / "months").glob("*.jsonl"))
WRITTEN: Final = "<!-- Written from the code by `make docs`. -->"
COLUMNS: Final = 120
SECONDS: Final = 60

_BLOCK: Final = re.compile(
    r"(?P<head><!-- session: (?P<start>\S+) -->\n```console\n)(?P<body>.*?)(?P<tail>^```$)",
    re.DOTALL | re.MULTILINE,
)
_STAMP: Final = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z")
_SECONDS: Final = re.compile(r"\b\d+\.\d\d s\b")
_LEDGER_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")


_SERVERS: Final[list[subprocess.Popen[bytes]]] = []
"""What starts `cpod`: each ends with this process."""


def comparable(text: str) -> str:
    """Return what a session says, without what differs in every run, and where lines break."""
    text = _LEDGER_ID.sub("ID", _SECONDS.sub("SECONDS", _STAMP.sub("STAMP", text)))
    return " ".join(text.replace("·", " ").split())


class Terminal:
    """A directory with a ledger, a terminal of so many columns, and a shell that knows `cpod`."""

    def __init__(self, place: Path, start: str) -> None:
        self.place = place
        (place / "demo").symlink_to(ROOT / "demo")
        if start != "empty":
            for file in _ledger(start).glob("cpod.db*"):
                shutil.copy(file, place)

    def run(self, command: str) -> str:
        """Return what a command line shows; the terminal has no colours, and nothing moves."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        with subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=self.place,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            shown = b"".join(_pieces(ours))
            process.wait(SECONDS)
        return shown.decode().replace("\r\n", "\n")


def _pieces(handle: int) -> Iterator[bytes]:
    """Yield what a terminal shows until the last program has let go of it."""
    with os.fdopen(handle, "rb", buffering=0) as terminal, contextlib.suppress(OSError):
        while piece := terminal.read(65_536):
            yield piece


@cache
def commands() -> Path:
    """Return a directory with the `cpod` of this checkout, and this Python."""
    place = Path(tempfile.mkdtemp(prefix="cpod-commands-"))
    warm = [sys.executable, str(Path(__file__).with_name("warm.py")), str(place / "socket")]
    server = subprocess.Popen(
        warm, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    _SERVERS.append(server)
    asks = (warm[0], "-I", "-S", *warm[1:], "ask")
    for name, words in (("cpod", asks), ("python3", (sys.executable,))):
        command = place / name
        command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return place


def _environment() -> dict[str, str]:
    return {
        "PATH": f"{commands()}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(commands()),
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
    }


@cache
def _ledger(start: str) -> Path:
    """Return a directory with a ledger that has taken in what a session starts from."""
    place = Path(tempfile.mkdtemp(prefix="cpod-ledger-"))
    files = MONTHS if start == "demo" else [ROOT / start]
    with contextlib.chdir(ROOT), Ledger.create(f"sqlite:///{place / 'cpod.db'}") as ledger:
        for file in files:
            ledger.ingest([str(file.relative_to(ROOT))])
    return place


def played(text: str) -> str:
    """Return the text of a page with every session played anew."""
    with contextlib.ExitStack() as stack:
        terminals: dict[str, Terminal] = {}

        def play(block: re.Match[str]) -> str:
            start = block["start"]
            if start not in terminals:
                place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                terminals[start] = Terminal(place, start)
            shown = _shown(terminals[start], block["body"])
            same = comparable(shown) == comparable(block["body"])
            return block["head"] + (block["body"] if same else shown) + block["tail"]

        return _BLOCK.sub(play, text)


def _shown(terminal: Terminal, body: str) -> str:
    """Return what a block shows once its commands are run again, a blank line between them."""
    commands = [line for line in body.splitlines() if line.startswith("$ ")]
    parts = (f"{command}\n{terminal.run(command[2:])}" for command in commands)
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def sessions(text: str) -> list[str]:
    """Return the bodies of the sessions of a page."""
    return [block["body"] for block in _BLOCK.finditer(text)]
