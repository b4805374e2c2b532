"""Bookmarks: how far each file of a run is done, so that a run that is stopped can be gone on with.

With each batch, in its transaction, the ledger keeps how many lines of a file are recorded, a hash
of them, and which events there were then. `ledger.commands.ingest.resume` says how a later run
finds them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ledger.commands.ingest.receipt import AllAppended
from ledger.commands.ingest.resume import Mark, Places, Resumed
from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.quarantine import held_digests
from ledger.storage.log import Intake, Rows, Writer

if TYPE_CHECKING:
    from ledger.commands.ingest.receipt import Outcome

OnResume = Callable[[str, int, int], None]
"""Is told the file, the number of the first line that is read of it, and how many are taken over.

Blank lines have numbers, and are not counted."""


class Bookmarks:
    """What the ledger keeps of files that are under way."""

    def __init__(self, rows: Rows, on_resume: OnResume | None = None) -> None:
        """Read what the ledger keeps; `on_resume` is told where the ingest of a file is resumed."""
        kept = rows.intakes()
        known = [intake for intake in kept if _is_of(intake, rows)]
        held = held_digests(rows) if any(each.refused for each in known) else ()
        self.places = Places(known, held)
        self._rows = {intake.file for intake in kept}
        self._on_resume = on_resume
        self._waiting: Counter[bytes] = Counter()
        self._resumed: dict[str, Intake] = {}
        self._counts: dict[str, Counter[str]] = {}
        self._judged: dict[str, Counter[str]] = {}
        self.taken_over = 0
        """Lines that a stopped run had recorded."""

    @property
    def refused_before(self) -> int:
        """Return how many of them waited in the quarantine when it was looked at last."""
        return self._waiting.total()

    def end(self, engine: Engine, *, whole: bool) -> None:
        """See what has become of the lines taken over: others may have been let in, or dropped.

        Where the `whole` of all files is read, forget those that had nothing left to be gone on
        with; the others are forgotten in the transaction of their last lines.
        """
        if self._waiting:
            held = held_digests(engine.rows)
            self._waiting = Counter(
                {key: self._waiting[key] for key in self._waiting if key in held}
            )
        if self._resumed and whole:
            with engine.writing() as writer:
                for intake in self._resumed.values():
                    writer.drop_intake(intake.file)
            self._resumed = {}

    def go_on(self, resumed: Iterable[Resumed]) -> None:
        """Take over what a stopped run had done of files."""
        for file, number, intake, waiting in resumed:
            self._resumed[file] = intake
            self._counts[file] = Counter(
                appended=intake.appended, duplicate=intake.duplicates, refused=intake.refused
            )
            self.taken_over += intake.lines
            self._waiting += waiting
            if self._on_resume is not None:
                self._on_resume(file, number + 1, intake.lines)

    def write(self, writer: Writer, marks: Sequence[Mark], outcomes: Sequence["Outcome"]) -> None:
        """Keep how far files are, in the transaction of their lines."""
        self._judged = {}
        for mark in marks:
            resumed = self._resumed.get(mark.file)
            if resumed is not None and resumed.file != mark.name:
                writer.drop_intake(resumed.file)
            if not mark.ended:
                counts = self._counts.get(mark.file, Counter()) + _counted(mark, outcomes)
                self._judged[mark.file] = counts
                facts = (mark.name, mark.lines, mark.size, mark.head, mark.digest)
                verdicts = counts["appended"], counts["duplicate"], counts["refused"]
                last = writer.tail.position
                root = writer.root_at(last) or b""
                writer.keep_intake(Intake(*facts, *verdicts, last, root))
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


def _is_of(intake: Intake, rows: Rows) -> bool:
    """Return whether the events that were there when a file was read so far are there now.

    Else its lines may not be, as where a part of another copy of the ledger was put back: the file
    is read from its beginning.
    """
    if intake.position is None:
        return not intake.appended or rows.root_at(intake.appended) is not None
    return not intake.position or rows.root_at(intake.position) == intake.root


def _counted(mark: Mark, outcomes: Sequence["Outcome"]) -> Counter[str]:
    """Return how many lines of a file have each verdict."""
    if isinstance(outcomes, AllAppended):
        return Counter(appended=mark.taken)
    return Counter(outcome.decision for outcome in outcomes if outcome.line.file == mark.file)
