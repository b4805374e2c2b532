"""Pretty-printed events: an event spread over several lines is one event, or one refusal.

A line that leaves brackets open continues on the next lines, as long as these can follow it: a
truncated line must not swallow the events after it. A line that ends with `}` is complete.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

_LONG: Final = 2**20
"""Longer lines exceed the limit of an event by themselves, and are not searched for brackets.

So do blank lines of more bytes: no event continues after them.
"""

_MARKS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""A string, terminated or not, or a bracket."""

Found = tuple[int, bytes]
"""The number of a line, or of the first of several, and their bytes."""


class Spread:
    """Assembles an event from its lines."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.number = 0
        """Number of the first line; 0 if there is none."""
        self._raw = bytearray()
        """The lines, which may be millions: none of them is kept as an object."""
        self._filled = 0
        """Bytes up to the last line that is not blank."""
        self._open = bytearray()
        """The open brackets, outermost first."""
        self._last = b""
        """The last non-blank byte."""

    @property
    def size(self) -> int:
        """Return how many bytes the lines so far have."""
        return len(self._raw)

    def take(self, number: int, raw: bytes) -> Iterator[Found]:
        """Add a line, and yield whatever it completes."""
        text = raw.strip()
        if self.number and text and not self._goes_on(raw, text):
            yield from self.end()
        goes_on = bool(self.number)
        while text:
            if not self.number and (not text.startswith((b"{", b"[")) or len(text) > _LONG):
                yield number, raw.removesuffix(b"\r")
                return
            end = self._end(text)
            if end is None:
                break
            rest = text[end:].lstrip()
            if not (goes_on and rest.startswith(b"{")):
                rest = b""
            self._add(number, raw.rstrip().removesuffix(rest) if rest else raw)
            yield self._whole()
            raw = text = rest
        if text or self.number:
            self._add(number, raw)
        if text:
            self._last = text[-1:]
            self._filled = self.size
        elif self.size - self._filled > _LONG:
            yield from self.end()

    def end(self) -> Iterator[Found]:
        """Yield the lines so far, which nothing continues; complete events among them apart."""
        raw, number = bytes(self._raw), self.number
        self._clear()
        start = place = 0
        is_torn = False
        for at, line in enumerate(BytesIO(raw), number):
            if is_torn and _is_event(line):
                yield number, raw[start : place - 1].removesuffix(b"\r")
                yield at, line.removesuffix(b"\n").removesuffix(b"\r")
                is_torn = False
            elif not is_torn and line.strip():
                number, start, is_torn = at, place, True
            place += len(line)
        if is_torn:
            yield number, raw[start:].removesuffix(b"\r")

    def _add(self, number: int, raw: bytes) -> None:
        if self.number:
            self._raw += b"\n"
        self.number = self.number or number
        self._raw += raw

    def _whole(self) -> Found:
        found = self.number, bytes(self._raw).removesuffix(b"\r")
        self._clear()
        return found

    def _end(self, text: bytes) -> int | None:
        """Return the offset at which the last open bracket is closed, None if one stays open.

        A string cannot continue on the next line: a first line that leaves one open is truncated.
        """
        for mark in _MARKS.finditer(text):
            byte = mark[0]
            if byte in b"[{":
                self._open += byte
            elif byte in b"]}":
                self._open.pop()
                if not self._open:
                    return mark.end()
            elif not mark[1].endswith(b'"') and not self.number:
                return len(text)
        return None

    def _goes_on(self, raw: bytes, text: bytes) -> bool:
        """Return whether a line can continue the lines so far."""
        first = text[:1]
        if first in b",:]}":
            return True
        if self._last in b"{[,:" and (
            first != b"{" or self._last in b":[" or self._open.endswith(b"[")
        ):
            return True
        if raw.startswith(b"{"):
            return False
        return b"\n" in self._raw or bytes(self._raw).strip() in (b"{", b"[")


def _is_event(raw: bytes) -> bool:
    """Return whether a line looks like a complete event."""
    return (
        raw.startswith(b"{") and raw.rstrip().endswith(b"}") and raw.count(b"{") == raw.count(b"}")
    )
