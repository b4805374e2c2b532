"""The inbox: which files of a followed directory are complete, and where they are moved.

A file is complete once it has not changed for a while, and no process has it open for writing, as
far as the system can tell. It is then moved to `done` or `failed`; one that still changes there is
moved back.
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

from ledger.commands.ingest.receipt import Receipt
from ledger.commands.sources.writers import is_open_for_writing
from ledger.errors import UsageError
from ledger.messages import Tell, Words

DONE: Final = "done"
FAILED: Final = "failed"
RECEIPT: Final = ".receipt.json"
"""Suffix of the receipt of a file in `failed`."""

UNFINISHED: Final = (
    *(".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download"),
    *(".opdownload", ".swp", "~"),
)
"""Suffixes of files that are still being written, in upper or lower case."""

_NAME_BYTES: Final = 255
"""Bytes that the name of a file may have."""

QUIET_SECONDS: Final = 2.0
"""How long a complete file has not changed."""

_WATCHED: Final = 1_000
"""How many of the files moved last are checked for further changes."""

KeepReceipt = Callable[[Path, Receipt], None]
"""Writes the receipt of a file in `failed`. Raises OSError."""


class Looks(NamedTuple):
    """Tells whether a file was changed or replaced."""

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
    """When it was first seen."""
    since: float
    """When it was first seen unchanged."""
    is_quiet: bool = False
    """Whether it has not changed for a while."""
    is_open: bool = False
    """Whether it is quiet, but a process has it open for writing."""
    read: Looks | None = None
    """Its looks when it was last read."""
    is_stuck: bool = False
    """Whether it could not be moved, and has not changed since."""

    @property
    def is_whole(self) -> bool:
        """Return whether it is complete."""
        return self.is_quiet and not self.is_open


class Moved(NamedTuple):
    """A file that was moved."""

    name: str
    target: Path
    looks: Looks


class Inbox:
    """The files of a directory."""

    def __init__(
        self, directory: str, keep_receipt: KeepReceipt, tell: Tell, clock: Callable[[], float]
    ) -> None:
        """Make `done` and `failed`. Raises UsageError."""
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
        """Return the files to take in, sorted by name. Raises UsageError."""
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
        """Return whether it is a file to take in; report once what is not a regular file."""
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
            else Words("{path} is not a regular file, and is left where it is", path=found.path)
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
        """Move a file, and return its new path; None if it was changed meanwhile, and so stays.

        Raises OSError if it cannot be moved.
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
            except OSError:  # removed
                self._moved.remove(moved)
                continue
            if looks != moved.looks:
                self._moved.remove(moved)
                if looks[:2] == moved.looks[:2]:  # otherwise it was replaced
                    self._bring_back(moved)

    def _bring_back(self, moved: Moved) -> None:
        """Move a file back that changed after it was moved."""
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
    """Return the looks of a file. Raises OSError."""
    found = path.lstat()
    return Looks(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _receipt_of(target: Path) -> Path:
    return target.with_name(target.name + RECEIPT)


def _free(folder: Path, name: str) -> Path:
    """Return an unused name for a file and its receipt, short enough for both."""
    stem, dot, ending = name.partition(".")
    room = _NAME_BYTES - (len(RECEIPT) if folder.name == FAILED else 0)
    for number in count(1):
        mark = "" if number == 1 else f".{number}"
        target = folder / _fitting(stem, f"{dot}{ending}", mark, room)
        if not os.path.lexists(target) and not os.path.lexists(_receipt_of(target)):
            return target
    raise AssertionError("there is always a further number")


def _fitting(stem: str, ending: str, mark: str, room: int) -> str:
    """Return a name with a mark in it; what is too long loses the end of its stem first."""
    while len(os.fsencode(stem + mark + ending)) > room:
        if len(stem) > 1:
            stem = stem[:-1]
        else:
            ending = ending[1:]
    return stem + mark + ending
