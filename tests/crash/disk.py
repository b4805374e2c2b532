"""A disk that fails: what stands before the C library, and in which scenes it is tried."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from children import Ended

SOURCE = Path(__file__).with_name("failing_disk.c")
CALLS = ("sync", "write", "truncate")
FOR_EVER = 2**31 - 1


class Fault(NamedTuple):
    """Which calls of one kind fail: from one number to another."""

    kind: int
    """Its place in `CALLS`."""
    first: int
    last: int


def built(folder: Path) -> Path | None:
    """Return the library, None where there is no compiler for it."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "failing_disk.so"
    words = [compiler, "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(words, check=False, capture_output=True)
    return library if done.returncode == 0 else None


def faults(ended: Ended, kind: int, times: int) -> list[Fault]:
    """Return faults all over what a command did undisturbed: each for once, and from then on."""
    calls = ended.points.get(f"disk {kind}", 0)
    firsts = {1 + calls * number // times for number in range(times)} if calls else set()
    return [Fault(kind, first, last) for first in firsts for last in (first, FOR_EVER)]
