"""Cycles: bulk work makes hardly any, and looking for them would take a fifth of its time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_OBJECTS_BETWEEN_LOOKS: Final = 100_000


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


@contextmanager
def few_cycles() -> Iterator[None]:
    """Look for garbage in cycles seldom while the block runs, and among new objects only."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_LOOKS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
