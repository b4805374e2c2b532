"""Pretty-printed events: an event spread over several lines is one event, or one refusal.

A line that leaves brackets open continues on the next lines, as long as these can follow it: a
truncated line must not swallow the events after it. A line that ends with `}` is complete.
"""

import re
from collections.abc import Iterator
from typing import Final

_LONG: Final = 2**20
"""Longer lines exceed the limit of an event by themselves, and are not searched for brackets."""

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
        self.size = 0
        self._lines: list[bytes] = []
        self._open = bytearray()
        """The open brackets, outermost first."""
        self._last = b""
        """The last non-blank byte."""

    def take(self, number: int, raw: bytes) -> Iterator[Found]:
        """Add a line, and yield whatever it completes."""
        text = raw.strip()
        if self._lines and text and not self._goes_on(raw, text):
            yield from self.end()
        goes_on = bool(self._lines)
        while text:
            if not self._lines and (not text.startswith((b"{", b"[")) or len(text) > _LONG):
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
        if text or self._lines:
            self._add(number, raw)
            self._last = text[-1:] or self._last

    def end(self) -> Iterator[Found]:
        """Yield the lines so far, which nothing continues; complete events among them apart."""
        lines, number = self._lines, self.number
        self._clear()
        torn: list[bytes] = []
        for at, raw in enumerate(lines, number):
            if torn and _is_event(raw):
                yield number, _joined(torn)
                yield at, _joined([raw])
                torn = []
            elif torn or raw.strip():
                number = number if torn else at
                torn.append(raw)
        if torn:
            yield number, _joined(torn)

    def _add(self, number: int, raw: bytes) -> None:
        self.number = self.number or number
        self.size += len(raw)
        self._lines.append(raw)

    def _whole(self) -> Found:
        found = self.number, _joined(self._lines)
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
            elif not mark[1].endswith(b'"') and not self._lines:
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
        return len(self._lines) > 1 or self._lines[0].strip() in (b"{", b"[")


def _is_event(raw: bytes) -> bool:
    """Return whether a line looks like a complete event."""
    return (
        raw.startswith(b"{") and raw.rstrip().endswith(b"}") and raw.count(b"{") == raw.count(b"}")
    )


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join(lines).removesuffix(b"\r")
