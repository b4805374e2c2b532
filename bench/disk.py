"""The disk: how long it takes until a page that was written is safe."""

import os
import statistics
import time
from pathlib import Path

_PAGE = bytes(4096)
_TIMES = 300


def fdatasync_seconds(place: Path) -> float:
    """Return the median of writing a page at the end of a file and waiting for the disk."""
    sync = getattr(os, "fdatasync", os.fsync)  # not every system has the lighter one
    path = place / "page"
    taken = []
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for _ in range(_TIMES):
            os.write(handle, _PAGE)
            begun = time.perf_counter()
            sync(handle)
            taken.append(time.perf_counter() - begun)
    finally:
        os.close(handle)
        path.unlink()
    return statistics.median(taken)
