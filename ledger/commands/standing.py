"""Where names still stand: what senders and operators wrote themselves, and nobody can take out.

An id that a sender chose, a title, a line in the quarantine, the name of a file: these are the
sender's, and they are searched for the texts that are known of a person.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from pydantic_core import to_json

from ledger.commands.quarantine import held_lines
from ledger.storage.log import CHUNK, LogReader, RegisterRow, Rows

LISTED: Final = 1_000
"""Places that are kept; all are counted."""

_NOBODYS: Final = frozenset({"specversion", "type", "time"})
"""Attributes in which no sender could write a name, though a number may look like one."""


class Place(NamedTuple):
    """A place where a text still stands."""

    where: str
    """`event`, `quarantine` or `register`."""
    number: int
    """The position of the event, or the number of the line or entry."""
    field: str
    """Which part of it, as in `data.title`."""

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        return self._asdict()


class Standing:
    """Searches a log, as far as it goes, for some texts, in capitals or not, as whole words."""

    def __init__(self, texts: Collection[str]) -> None:
        """Take the texts."""
        longest_first = sorted({text for text in texts if text.strip()}, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, longest_first))
        self._names = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
        escaped = "|".join(re.escape(to_json(text)[1:-1].decode()) for text in longest_first)
        self._names_in_json = re.compile(rf"(?:{escaped})", re.IGNORECASE)
        self.places: list[Place] = []
        self.count = 0

    def names(self, text: str) -> bool:
        """Return whether a text holds one of them."""
        return self._names.search(text) is not None

    def state(self, position: int, state: bytes) -> None:
        """Search the stored bytes of one event."""
        text = state.decode()
        if self._names_in_json.search(text):
            for field in self._fields(json.loads(text)):
                if field not in _NOBODYS:
                    self._add("event", position, field)

    def beside(self, log: LogReader) -> None:
        """Search the quarantine and the register."""
        for held in held_lines(log):
            raw = held.raw.decode("utf-8", "replace")
            if self.names(raw) or self._names_in_json.search(raw):
                self._add("quarantine", held.number, "raw")
            for field in ("file", "reason"):
                if self.names(getattr(held, field)):
                    self._add("quarantine", held.number, field)
        for entry in log.register_rows():
            self._entry(entry)

    def _entry(self, entry: RegisterRow) -> None:
        for field in self._fields(entry.detail):
            self._add("register", entry.number, field)

    def _fields(self, value: object, path: str = "") -> Iterator[str]:
        """Yield the path of each text in a value that holds one of them."""
        if isinstance(value, str):
            if self.names(value):
                yield path
        elif isinstance(value, dict):
            for name, item in value.items():
                inside = f"{path}.{name}" if path else name
                if self.names(name):
                    yield inside
                yield from self._fields(item, inside)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._fields(item, f"{path}[{number}]")

    def _add(self, where: str, number: int, field: str) -> None:
        self.count += 1
        if len(self.places) < LISTED:
            self.places.append(Place(where, number, field))


def states(rows: Rows, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """Yield the position and the stored bytes of the events with after < position <= until."""
    while after < until:
        found = rows.read(after, until, CHUNK)
        if not found:
            return
        yield from ((row.position, row.state) for row in found)
        after = found[-1].position
