"""Spread events: one that is printed over several lines is one event, or one refusal.

A line that leaves brackets open goes on in the next ones, as long as these can be what follows: a
line that was torn off must not swallow the events behind it. What ends with a brace is a line.
"""

import re
from collections.abc import Iterator
from typing import Final

_LONG: Final = 2**20
"""Bytes of a line that is too long for an event by itself, and is not searched for brackets."""

_MARKS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""A text, be it without its end; or a bracket."""

Found = tuple[int, bytes]
"""The number of a line, or of the first of several, and what stands there."""


class Spread:
    """The lines of a spread event that have come so far."""

    def __init__(self) -> None:
        """Begin without any."""
        self._clear()

    def _clear(self) -> None:
        self.number = 0
        """Of the first line; 0 where there is none."""
        self.size = 0
        self._lines: list[bytes] = []
        self._open = bytearray()
        """The brackets that are open."""
        self._last = b""
        """The last byte that is not blank."""

    def take(self, number: int, raw: bytes) -> Iterator[Found]:
        """Take one more line, and yield what is whole with it."""
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
        """Yield what has come, for it does not go on: events that stand among it by themselves."""
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
        """Return where the last open bracket is closed, None where one stays open.

        A text does not go on in the next line: a line that begins with one without its end is torn.
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
        """Return whether a line can be what follows those that have come."""
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
    """Return whether a line looks like an event that is whole by itself."""
    return (
        raw.startswith(b"{") and raw.rstrip().endswith(b"}") and raw.count(b"{") == raw.count(b"}")
    )


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join(lines).removesuffix(b"\r")
