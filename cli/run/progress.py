"""A line on the terminal that says how far long work has come; nothing where there is none."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.language.wording import N_, _
from cli.output import line_width, moves

LINES: Final = N_("{count} lines, {rate} a second")
EVENTS: Final = N_("bringing the books up to date: event {count}")
HASHES: Final = N_("hashing again: event {count}, {rate} a second")
CHECKED: Final = N_("checking: event {count}, {rate} a second")
SEARCHED: Final = N_("searching: event {count}, {rate} a second")
COPIED: Final = N_("copying: event {count}, {rate} a second")
BYTES: Final = N_("copying: {count} bytes, {rate} a second")

_BAR: Final = 24
"""Columns of the bar."""

_EVERY: Final = 0.1
"""Seconds between two drawings."""

_PATIENCE: Final = 0.5
"""Seconds that work may take before anything is drawn."""


class Bar:
    """A line on standard error that is drawn again and again, and wiped at the end."""

    def __init__(self, text: str, total: int | None = None, *, quiet: bool = False) -> None:
        """Begin; `text` says what `{count}` and `{rate}` count, `total` is what `done` runs to.

        A quiet one draws nothing: programs read the stream, whatever it is.
        """
        self._text = text
        self._total = total
        self._begun = self._drawn = time.monotonic()
        self._visible = False
        self._moves = not quiet and moves(sys.stderr)

    def __call__(self, count: int, done: int = 0) -> None:
        """Say how many there are by now, and how much of the total is done."""
        now = time.monotonic()
        if not self._moves or now - self._begun < _PATIENCE or now - self._drawn < _EVERY:
            return
        self._drawn, self._visible = now, True
        text = _(self._text).format(count=count, rate=int(count / (now - self._begun)))
        if self._total:
            part = min(1.0, done / self._total)
            full = int(part * _BAR)
            text = f"[{'#' * full}{'.' * (_BAR - full)}] {int(part * 100):3d}%  {text}"
        width = line_width(sys.stderr) or len(text) + 1
        sys.stderr.write(f"\r\x1b[K{text[: width - 1]}")
        sys.stderr.flush()

    def wipe(self) -> None:
        """Take the line away."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def bar(
    text: str,
    paths: Sequence[str] | None = None,
    total: int | None = None,
    *,
    quiet: bool = False,
) -> Iterator[Bar]:
    """Show a bar while something is done, and wipe it whatever happens.

    `text` is one of those above; `paths` are the files whose bytes are the total, where none is
    given.
    """
    drawn = Bar(text, total if paths is None else _bytes_of(paths), quiet=quiet)
    try:
        yield drawn
    finally:
        drawn.wipe()


def _bytes_of(paths: Sequence[str]) -> int | None:
    """Return how many bytes files have in all, None where one of them does not say."""
    total = 0
    for path in paths:
        place = Path(path)
        if path == "-" or not place.is_file():
            return None
        total += place.stat().st_size
    return total
