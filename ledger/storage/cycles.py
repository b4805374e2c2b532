"""Cycles: bulk work makes none, and looking for them would take a fifth of its time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """Look for no garbage in cycles while the block runs: it makes none that would add up."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
