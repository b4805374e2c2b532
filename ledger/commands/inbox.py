"""An inbox: the files of a directory, which of them are whole, and where they go at the end.

A file is whole when nobody writes it any more: it has been left alone for a while, and no process
has it open for writing, as far as the system says. What is done is moved to `done` or `failed`; a
file that is written to even there comes back.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from ledger.commands.receipt import Receipt
from ledger.commands.writers import is_open_for_writing
from ledger.errors import UsageError
from ledger.words import Tell, Words

DONE: Final = "done"
FAILED: Final = "failed"
RECEIPT: Final = ".receipt.json"
"""What the name of the receipt of a file that failed ends in."""

UNFINISHED: Final = (
    *(".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download"),
    *(".opdownload", ".swp", "~"),
)
"""What the names of files end in that are still being written, in capitals or not."""

QUIET_SECONDS: Final = 2.0
"""How long a file has been left alone when it is whole."""

_WATCHED: Final = 1_000
"""Files that are looked at after they were moved: the last ones."""

KeepReceipt = Callable[[Path, Receipt], None]
"""Writes the receipt of a file that failed. Raises OSError."""


class Looks(NamedTuple):
    """What tells a file from another one of its name, and from itself before it was written to."""

    device: int
    inode: int
    size: int
    modified: int
    """In nanoseconds."""


@dataclass(slots=True)
class Entry:
    """A file of the inbox."""

    path: Path
    looks: Looks
    begun: float
    """When it was seen first."""
    since: float
    """When it was first seen as it looks now."""
    is_quiet: bool = False
    """Whether it has been left alone."""
    is_open: bool = False
    """Whether a process could still write to it, though none did lately."""
    read: Looks | None = None
    """How it looked when it was last read."""
    is_stuck: bool = False
    """Whether it is done, and cannot be moved as it is."""

    @property
    def is_whole(self) -> bool:
        """Return whether nobody writes it any more."""
        return self.is_quiet and not self.is_open


class Moved(NamedTuple):
    """A file that was moved away."""

    name: str
    target: Path
    looks: Looks


class Inbox:
    """The files of a directory."""

    def __init__(
        self, directory: str, keep_receipt: KeepReceipt, tell: Tell, clock: Callable[[], float]
    ) -> None:
        """Make the directories that files are moved to. Raises UsageError."""
        self._directory = Path(directory)
        self._keep_receipt = keep_receipt
        self._tell = tell
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._moved: deque[Moved] = deque(maxlen=_WATCHED)
        self._passed: set[str] = set()
        for name in (DONE, FAILED):
            try:
                (self._directory / name).mkdir(exist_ok=True)
            except OSError as error:
                raise UsageError(
                    "{directory} is no directory to follow: {name} cannot be made in it ({reason})",
                    directory=directory,
                    name=name,
                    reason=error.strerror or error,
                ) from None

    def look(self) -> list[Entry]:
        """Return the files that are there, in the order of their names. Raises UsageError."""
        self._bring_back_what_changed()
        try:
            with os.scandir(self._directory) as found:
                names = sorted(entry.name for entry in found if self._is_taken(entry))
        except OSError as error:
            raise UsageError(
                "{directory} cannot be read ({reason}): check the path",
                directory=self._directory,
                reason=error.strerror or error,
            ) from None
        entries = {}
        for name in names:
            with suppress(FileNotFoundError):
                entries[name] = self._looked_at(name)
        self._entries = entries
        return [entry for entry in entries.values() if not entry.is_stuck]

    def _is_taken(self, found: "os.DirEntry[str]") -> bool:
        """Return whether it is a file that is taken in; what is none is said once."""
        name = found.name
        if name.startswith(".") or name.lower().endswith(UNFINISHED):
            return False
        try:
            if found.is_file(follow_symlinks=False):
                return True
            is_link = found.is_symlink()
            if name in self._passed or (not is_link and found.is_dir()):
                return False
        except OSError:
            return False
        self._passed.add(name)
        self._tell(
            Words("{path} is a link, and is not followed", path=found.path)
            if is_link
            else Words("{path} is no file, and stays where it is", path=found.path)
        )
        return False

    def _looked_at(self, name: str) -> Entry:
        path, now = self._directory / name, self._clock()
        looks = looks_of(path)
        entry = self._entries.get(name)
        if entry is None:
            entry = Entry(path, looks, now, now)
        elif entry.looks != looks:
            entry = replace(entry, looks=looks, since=now, is_stuck=False)
        alone = max(now - entry.since, time.time() - looks.modified / 1e9)
        entry.is_quiet = alone >= QUIET_SECONDS
        entry.is_open = entry.is_quiet and is_open_for_writing(path)
        return entry

    def move(self, entry: Entry, receipt: Receipt) -> Path | None:
        """Move a file to where it belongs; return where it is, None if it was written to meanwhile.

        Raises OSError where it cannot be moved.
        """
        if looks_of(entry.path) != entry.looks:
            return None
        target = _free(self._directory / (DONE if receipt.is_clean else FAILED), entry.path.name)
        try:
            if not receipt.is_clean:
                self._keep_receipt(_receipt_of(target), receipt)
            entry.path.rename(target)
        except OSError:
            entry.is_stuck = True
            raise
        self._entries.pop(entry.path.name, None)
        moved = Moved(entry.path.name, target, entry.looks)
        if looks_of(target) != entry.looks:
            self._bring_back(moved)
            return None
        self._moved.append(moved)
        return target

    def _bring_back_what_changed(self) -> None:
        for moved in list(self._moved):
            try:
                looks = looks_of(moved.target)
            except OSError:  # somebody has taken it away
                self._moved.remove(moved)
                continue
            if looks != moved.looks:
                self._moved.remove(moved)
                if looks[:2] == moved.looks[:2]:  # else it is another file
                    self._bring_back(moved)

    def _bring_back(self, moved: Moved) -> None:
        """Move a file back that was written to when it had been moved."""
        try:
            back = _free(self._directory, moved.name)
            moved.target.rename(back)
            _receipt_of(moved.target).unlink(missing_ok=True)
        except OSError as error:
            self._tell(
                Words(
                    "{file} was written to after it was moved, and cannot be taken in again "
                    "({reason}): move it back",
                    file=moved.target,
                    reason=error.strerror or error,
                )
            )
            return
        self._tell(
            Words(
                "{file} was written to after it was moved: it is taken in again as {back}",
                file=moved.target,
                back=back,
            )
        )


def looks_of(path: Path) -> Looks:
    """Return how a file looks. Raises OSError."""
    found = path.lstat()
    return Looks(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _receipt_of(target: Path) -> Path:
    return target.with_name(target.name + RECEIPT)


def _free(folder: Path, name: str) -> Path:
    """Return the first name in a folder that neither a file nor its receipt has."""
    stem, dot, ending = name.partition(".")
    for number in count(1):
        target = folder / (name if number == 1 else f"{stem}.{number}{dot}{ending}")
        if not os.path.lexists(target) and not os.path.lexists(_receipt_of(target)):
            return target
    raise AssertionError("there is always a further number")
