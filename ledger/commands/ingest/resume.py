"""Places: how far each file of a run is read, and where one that a run was stopped in goes on.

The lines of a file are hashed as they are read. If the ledger keeps that so many lines are done,
and their hash is the same, reading begins behind them, without a look at what they say. So a file
is known by its content: another one of the same name is read from its beginning, and the same one
of another name is not.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.commands.sources.compressed import CutShort
from ledger.commands.sources.lines import Line
from ledger.errors import CpodError
from ledger.storage.log import Intake

if TYPE_CHECKING:
    from hashlib import _Hash

_AT_ONCE: Final = 1_000
"""Lines that are hashed at a time."""


class Mark(NamedTuple):
    """How far one file is with a batch."""

    file: str
    """As its lines name it."""
    name: str
    """As the ledger knows it."""
    taken: int
    """Its lines in the batch."""
    lines: int
    size: int
    head: bytes
    digest: bytes
    ended: bool
    """Whether that was the last of it."""


class Resumed(NamedTuple):
    """A file that is gone on with."""

    file: str
    """As its lines name it."""
    number: int
    """Of the line that was read last before; blank ones are counted."""
    intake: Intake
    """What the ledger keeps of it."""
    waiting: Counter[bytes]
    """How many of the lines that are passed wait in the quarantine, by their digests."""


@dataclass(slots=True)
class _Place:
    """How far one file is read."""

    name: str
    lines: int = 0
    size: int = 0
    number: int = 0
    """Of the last line; blank ones are counted."""
    head: bytes = b""
    hash: "_Hash" = field(default_factory=sha256)
    waiting: Counter[bytes] = field(default_factory=Counter)

    def take(self, lines: Sequence[Line]) -> None:
        """Go on behind these lines."""
        if not self.lines:
            self.head = sha256(lines[0].raw).digest()
        text = b"\n".join([*(line.raw for line in lines), b""])
        self.hash.update(text)
        self.size += len(text)
        self.lines += len(lines)
        self.number = lines[-1].number

    def is_at(self, intake: Intake) -> bool:
        return (self.lines, self.size, self.hash.digest()) == (
            intake.lines,
            intake.size,
            intake.digest,
        )

    def copy(self) -> "_Place":
        facts = (self.name, self.lines, self.size, self.number, self.head, self.hash.copy())
        return _Place(*facts, self.waiting.copy())


class Places:
    """How far the files of a run are read."""

    def __init__(self, known: Iterable[Intake], held: Collection[bytes] = ()) -> None:
        """Take what the ledger keeps of files that are under way, and what is in the quarantine.

        `held` are the SHA-256 of lines; they are of use where lines of such a file were refused.
        """
        self._held = frozenset(held)
        self._stopped = {intake.file: intake for intake in known}
        self._places: dict[str, _Place] = {}
        self._resumed: list[Resumed] = []

    def resumed(self) -> list[Resumed]:
        """Return the files that are gone on with since this was asked last."""
        found, self._resumed = self._resumed, []
        return found

    def following(
        self, file: str, name: str, begin: Callable[[], Iterator[Line]]
    ) -> Iterator[Line]:
        """Return the lines of a file that are still to be read; `begin` reads it from the start.

        `file` is how lines name it, `name` how the ledger knows it.
        """
        lines = begin()
        first = next(lines, None)
        place = self._places[file] = _Place(name)
        if first is None:
            return lines
        head = sha256(first.raw).digest()
        targets = sorted(
            (intake for intake in self._stopped.values() if intake.head == head),
            key=lambda intake: intake.lines,
        )
        lines = chain((first,), lines)
        if not targets:
            return lines
        reached = _Place(name)
        found: tuple[_Place, Intake] | None = None
        try:
            for target in targets:
                if not self._go_to(reached, target.lines, lines):
                    break
                if reached.is_at(target):
                    found = reached.copy(), target
        except (CutShort, CpodError):
            pass  # it is met again where the lines are read for good
        if found is None:
            return begin()
        place, target = found
        if reached.lines != place.lines:
            lines = begin()
            self._go_to(_Place(name), place.lines, lines)
        self._places[file] = place
        stopped = self._stopped.pop(target.file)
        self._resumed.append(Resumed(file, place.number, stopped, place.waiting))
        return lines

    def turn(self, batch: Sequence[Line], following: Line | None, *, ended: bool) -> list[Mark]:
        """Return how far the files of a batch are with it.

        `following` is the line after it; where there is none, `ended` says whether the input is
        whole.
        """
        marks = []
        for file, found in groupby(batch, key=lambda line: line.file):
            place = self._places.get(file)
            if place is not None:
                lines = list(found)
                place.take(lines)
                facts = place.lines, place.size, place.head, place.hash.digest()
                marks.append(Mark(file, place.name, len(lines), *facts, ended=True))
        if marks and marks[-1].file == batch[-1].file:
            goes_on = following is not None and following.file == marks[-1].file
            marks[-1] = marks[-1]._replace(ended=not goes_on if following is not None else ended)
        return marks

    def _go_to(self, place: _Place, lines: int, source: Iterator[Line]) -> bool:
        """Pass by lines until so many are read; return whether there were as many."""
        while place.lines < lines:
            found = list(islice(source, min(_AT_ONCE, lines - place.lines)))
            if not found:
                return False
            place.take(found)
            if self._held:
                digests = (sha256(line.raw).digest() for line in found)
                place.waiting.update(digest for digest in digests if digest in self._held)
        return True
