"""Where names still are: what senders and operators wrote themselves, and nobody can take out.

An id that a sender chose, a title, a line in the quarantine, the name of a file: these are the
sender's. Every table that keeps a text outside the vault is searched for what is known of a person.
"""

import json
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from ledger.commands.quarantine import held_lines
from ledger.commands.spellings import Spellings
from ledger.storage.log import CHUNK, LogReader, Rows

LISTED: Final = 1_000
"""Places that are kept; all are counted."""

_NOBODYS: Final = frozenset({"specversion", "type", "time"})
"""Attributes in which no sender could write a name, though a number may look like one."""


class Leftover(NamedTuple):
    """A place where a text still is."""

    where: str
    """`event`, `quarantine`, `bookmark`, `register` or `seal`."""
    number: int
    """The position of the event, or the number of the line, bookmark, entry or seal."""
    field: str
    """Which part of it, as in `data.title`; of a bookmark, its file."""

    def answer(self) -> dict[str, object]:
        """Return what is printed, in its order."""
        return self._asdict()


class Standing:
    """Searches a log, as far as it goes, for some texts, however they are spelled."""

    def __init__(self, texts: Collection[str]) -> None:
        """Take the texts."""
        self._texts = Spellings(texts)
        self.places: list[Leftover] = []
        self.count = 0

    def names(self, text: str) -> bool:
        """Return whether a text holds one of them."""
        return self._texts.are_in(text)

    def state(self, position: int, state: bytes) -> None:
        """Search the stored bytes of one event."""
        text = state.decode()
        if self.names(text):
            for field in self._fields(json.loads(text)):
                if field not in _NOBODYS:
                    self._add("event", position, field)

    def beside(self, log: LogReader) -> None:
        """Search what is kept beside the events."""
        for held in held_lines(log):
            if self._texts.are_in_bytes(held.raw):
                self._add("quarantine", held.number, "raw")
            texts = {"file": held.file, "reason": held.reason, "waits_for": held.waits_for or ""}
            self._look("quarantine", held.number, texts)
        for number, intake in enumerate(log.intakes(), start=1):
            if self.names(intake.file):
                self._add("bookmark", number, intake.file)
        for entry in log.register_rows():
            self._look("register", entry.number, entry.detail)
        for seal in log.seals():
            signed = seal.checkpoint.decode("utf-8", "replace")
            self._look("seal", seal.number, {"key": seal.verifier_key, "checkpoint": signed})

    def _look(self, where: str, number: int, value: object) -> None:
        for field in self._fields(value):
            self._add(where, number, field)

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
            self.places.append(Leftover(where, number, field))


def states(rows: Rows, after: int, until: int) -> Iterator[tuple[int, bytes]]:
    """Yield the position and the stored bytes of the events with after < position <= until."""
    while after < until:
        found = rows.read(after, until, CHUNK)
        if not found:
            return
        yield from ((row.position, row.state) for row in found)
        after = found[-1].position
