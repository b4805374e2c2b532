"""Bookmarks: how far each file of a run is done, so that a run that is stopped can be gone on with.

With each batch, in its transaction, the ledger keeps how many lines of a file are recorded, and a
hash of them. A later run reads a file up to there, and hashes it, without looking at what the lines
say; if the hash is the same, it goes on from there. So a file is known by its content: another one
of the same name is taken in from its beginning, and the same one of another name is not.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.commands.compressed import CutShort
from ledger.commands.receipt import AllAppended
from ledger.commands.sources import Line
from ledger.errors import CpodError
from ledger.storage.log import Intake, Log, Writer

if TYPE_CHECKING:
    from hashlib import _Hash

    from ledger.commands.receipt import Outcome

OnResume = Callable[[str, int, int], None]
"""Is told the file, the number of the first line that is read of it, and how many are taken over.

Blank lines have numbers, and are not counted."""

Held = Callable[[], Collection[bytes]]
"""Returns the SHA-256 of each line that waits in the quarantine now."""

_AT_ONCE: Final = 1_000
"""Lines that are hashed at a time."""


class Mark(NamedTuple):
    """How far one file is with a batch."""

    file: str
    """As its lines name it."""
    name: str
    """As the ledger knows it."""
    lines: int
    size: int
    head: bytes
    digest: bytes
    ended: bool
    """Whether that was the last of it."""


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
    held: Collection[bytes] = ()
    waiting: Counter[bytes] = field(default_factory=Counter)
    """How many of the lines that are passed wait in the quarantine, by their digests."""

    def pass_by(self, lines: Sequence[Line]) -> None:
        """Go on behind lines that a stopped run had recorded."""
        self.take(lines)
        if self.held:
            digests = (sha256(line.raw).digest() for line in lines)
            self.waiting.update(digest for digest in digests if digest in self.held)

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
        return _Place(*facts, self.held, self.waiting.copy())


class Bookmarks:
    """What the ledger knows of files that are under way, and how far those of this run are."""

    def __init__(
        self,
        known: Iterable[Intake],
        on_resume: OnResume | None = None,
        held: Held = tuple,
    ) -> None:
        """Take what the ledger keeps; `on_resume` is told where a file is gone on with."""
        self._stopped = {intake.file: intake for intake in known}
        self._rows = set(self._stopped)
        self._on_resume = on_resume
        self._held = held
        self._waiting: Counter[bytes] = Counter()
        self._places: dict[str, _Place] = {}
        self._resumed: dict[str, Intake] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._judged: dict[str, Counter[str]] = {}
        self.taken_over = 0
        """Lines that a stopped run had recorded."""

    @property
    def refused_before(self) -> int:
        """Return how many of them waited in the quarantine when it was looked at last."""
        return self._waiting.total()

    def end(self, log: Log, *, whole: bool) -> None:
        """See what has become of the lines taken over: others may have been let in, or dropped.

        Where the `whole` of all files is read, forget those that had nothing left to be gone on
        with; the others are forgotten in the transaction of their last lines.
        """
        if self._waiting:
            held = self._held()
            self._waiting = Counter(
                {key: self._waiting[key] for key in self._waiting if key in held}
            )
        if self._resumed and whole:
            with log.writing() as writer:
                for intake in self._resumed.values():
                    writer.drop_intake(intake.file)
            self._resumed = {}

    def following(
        self, file: str, name: str, begin: Callable[[], Iterator[Line]]
    ) -> Iterator[Line]:
        """Return the lines of a file that are still to be read; `begin` reads it from the start.

        `file` is how lines name it, `name` how the ledger knows it.
        """
        lines = begin()
        first = next(lines, None)
        place = self._places[file] = _Place(name)
        self._counts[file] = Counter()
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
        reached = _Place(name, held=self._held() if any(each.refused for each in targets) else ())
        found: tuple[_Place, Intake] | None = None
        try:
            for target in targets:
                if not _go_to(reached, target.lines, lines):
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
            _go_to(_Place(name), place.lines, lines)
        self._go_on(file, place, target)
        return lines

    def _go_on(self, file: str, place: _Place, target: Intake) -> None:
        self._places[file] = place
        self._resumed[file] = self._stopped.pop(target.file)
        self._counts[file] = Counter(
            appended=target.appended, duplicate=target.duplicates, refused=target.refused
        )
        self.taken_over += target.lines
        self._waiting += place.waiting
        if self._on_resume is not None:
            self._on_resume(file, place.number + 1, target.lines)

    def turn(self, batch: Sequence[Line], following: Line | None, *, ended: bool) -> list[Mark]:
        """Return how far the files of a batch are with it.

        `following` is the line after it; where there is none, `ended` says whether the input is
        whole.
        """
        marks = []
        for file, found in groupby(batch, key=lambda line: line.file):
            place = self._places.get(file)
            if place is not None:
                place.take(list(found))
                facts = place.lines, place.size, place.head, place.hash.digest()
                marks.append(Mark(file, place.name, *facts, ended=True))
        if marks and marks[-1].file == batch[-1].file:
            goes_on = following is not None and following.file == marks[-1].file
            marks[-1] = marks[-1]._replace(ended=not goes_on if following is not None else ended)
        return marks

    def write(self, writer: Writer, marks: Sequence[Mark], outcomes: Sequence["Outcome"]) -> None:
        """Keep how far files are, in the transaction of their lines."""
        self._judged = {}
        for mark in marks:
            resumed = self._resumed.get(mark.file)
            if resumed is not None and resumed.file != mark.name:
                writer.drop_intake(resumed.file)
            if not mark.ended:
                counts = self._counts[mark.file] + _counted(mark, outcomes)
                self._judged[mark.file] = counts
                facts = (mark.name, mark.lines, mark.size, mark.head, mark.digest)
                writer.keep_intake(
                    Intake(*facts, counts["appended"], counts["duplicate"], counts["refused"])
                )
            elif mark.name in self._rows:
                writer.drop_intake(mark.name)

    def written(self, marks: Sequence[Mark]) -> None:
        """Remember what `write` has kept, once its transaction is committed."""
        self._counts |= self._judged
        for mark in marks:
            self._resumed.pop(mark.file, None)
            if mark.ended:
                self._rows.discard(mark.name)
            else:
                self._rows.add(mark.name)


def _counted(mark: Mark, outcomes: Sequence["Outcome"]) -> Counter[str]:
    """Return how many lines of a file have each verdict."""
    if isinstance(outcomes, AllAppended):
        return Counter(appended=sum(line.file == mark.file for line in outcomes.lines))
    return Counter(outcome.decision for outcome in outcomes if outcome.line.file == mark.file)


def _go_to(place: _Place, lines: int, source: Iterator[Line]) -> bool:
    """Read on until so many lines are read; return whether there were as many."""
    while place.lines < lines:
        found = list(islice(source, min(_AT_ONCE, lines - place.lines)))
        if not found:
            return False
        place.pass_by(found)
    return True
