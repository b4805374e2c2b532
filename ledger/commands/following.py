"""Following a directory: its files are taken in as they come, and moved away once they are done.

Whoever sends files writes them under another name, one that begins with `.` or ends in `.tmp` or
`.part`, and renames them when they are whole: what bears such a name is not touched. Files are
taken in the order of their names. One of which every line is recorded goes to `done`; one of which
lines were refused, or that could not be read to its end, to `failed`, with its receipt beside it.
Nothing there is ever overwritten. Killed at any moment, the same command goes on.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple

from ledger.commands.limits import stopped_after
from ledger.commands.receipt import NOTHING, Receipt, combined
from ledger.errors import LedgerBusy, UsageError
from ledger.stops import held
from ledger.words import Words, words_of

DONE: Final = "done"
FAILED: Final = "failed"
RECEIPT: Final = ".receipt.json"
"""What the name of the receipt of a file that failed ends in."""

UNFINISHED: Final = (".tmp", ".part")
"""What the names of files end in that are still being written."""

POLL_SECONDS: Final = 2.0
"""Between two looks at a directory in which nothing was found, where nothing else is said."""

KeepReceipt = Callable[[Path, Receipt], None]
"""Writes the receipt of a file that failed. Raises OSError."""

Take = Callable[[str, int | None, Callable[[Receipt], None]], Receipt]
"""Ingests a file: its path, how many lines may be refused, and what is told where it ends early."""


class Followed(NamedTuple):
    """What became of one file."""

    path: str
    receipt: Receipt | None
    """None where it vanished before it was read."""
    moved_to: str | None = None
    """None where it stays, for it is not done, or cannot be moved."""
    wrong: str | None = None
    """Why it cannot be moved."""


class _Follower:
    """Follows one directory."""

    def __init__(self, directory: str, take: Take, keep_receipt: KeepReceipt) -> None:
        self._directory = Path(directory)
        self._take = take
        self._keep_receipt = keep_receipt
        self._stuck: dict[str, tuple[int, int, int]] = {}
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

    def waiting(self) -> list[str]:
        """Return the names of the files that are whole, in their order."""
        try:
            with os.scandir(self._directory) as entries:
                return sorted(entry.name for entry in entries if self._is_whole(entry))
        except OSError as error:
            raise UsageError(
                "{directory} cannot be read ({reason}): check the path",
                directory=self._directory,
                reason=error.strerror or error,
            ) from None

    def _is_whole(self, entry: "os.DirEntry[str]") -> bool:
        if entry.name.startswith(".") or entry.name.endswith(UNFINISHED):
            return False
        try:
            if not entry.is_file():
                return False
            stuck = self._stuck.get(entry.name)
            return stuck is None or stuck != _looks_of(Path(entry.path))
        except OSError:
            return False

    def ingest(
        self,
        name: str,
        errors_left: int | None,
        on_stop: Callable[[Receipt], None],
        on_file: Callable[[Followed], None],
    ) -> None:
        """Take in one file, move it to where it belongs, and tell what became of it.

        An interrupt waits until a file that is moved is told: no receipt of it is lost.
        """
        path = self._directory / name
        so_far: list[Receipt] = []

        def stop(receipt: Receipt) -> None:
            so_far.append(receipt)

        try:
            receipt = self._take(str(path), errors_left, stop)
        except UsageError as error:
            if not os.path.lexists(path):
                on_file(Followed(str(path), so_far[0] if so_far else None))
                return
            receipt = replace(so_far[0] if so_far else NOTHING, problem=words_of(error))
        except BaseException:
            on_stop(so_far[0] if so_far else NOTHING)
            raise
        with held():
            on_file(Followed(str(path), receipt) if receipt.stopped else self._move(path, receipt))

    def _move(self, path: Path, receipt: Receipt) -> Followed:
        folder = self._directory / (DONE if receipt.is_clean else FAILED)
        try:
            target = _free(folder, path.name)
            if not receipt.is_clean:
                self._keep_receipt(target.with_name(target.name + RECEIPT), receipt)
            path.rename(target)
        except OSError as error:
            with suppress(OSError):
                self._stuck[path.name] = _looks_of(path)
            return Followed(str(path), receipt, wrong=str(error.strerror or error))
        self._stuck.pop(path.name, None)
        return Followed(str(path), receipt, str(target))


def _looks_of(path: Path) -> tuple[int, int, int]:
    """Return what tells a file from another one of its name."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _free(folder: Path, name: str) -> Path:
    """Return the first name in a folder that neither a file nor its receipt has."""
    stem, dot, ending = name.partition(".")
    for number in count(1):
        target = folder / (name if number == 1 else f"{stem}.{number}{dot}{ending}")
        beside = target.with_name(target.name + RECEIPT)
        if not os.path.lexists(target) and not os.path.lexists(beside):
            return target
    raise AssertionError("there is always a further number")


@contextmanager
def _alone(directory: str) -> Iterator[None]:
    """Keep others from following the same directory. Raises UsageError and LedgerBusy."""
    try:
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UsageError(
            "{directory} is no directory to follow ({reason}): check the path",
            directory=directory,
            reason=error.strerror or error,
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerBusy(
                "{directory}: another cpod follows it: let one do, or try again when it is done",
                directory=directory,
            ) from None
        except OSError:
            pass  # a file system without locks: whoever starts two has them both
        yield
    finally:
        os.close(handle)


def follow(
    directory: str,
    take: Take,
    *,
    keep_receipt: KeepReceipt,
    on_file: Callable[[Followed], None],
    on_stop: Callable[[Receipt], None] | None = None,
    until_empty: bool = False,
    poll_seconds: float = POLL_SECONDS,
    max_errors: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Receipt:
    """Take in the files of a directory until one has to stop; return the receipt of all.

    `on_file` is told what became of each; `on_stop` is given the receipt of all so far where an
    exception ends it.
    """
    total = NOTHING
    with _alone(directory):
        follower = _Follower(directory, take, keep_receipt)

        def stop(receipt: Receipt) -> None:
            nonlocal total
            total = combined(total, receipt)

        def tell(followed: Followed) -> None:
            nonlocal total
            total = combined(total, followed.receipt or NOTHING)
            if followed.wrong is not None:
                wrong = f"{followed.path} cannot be moved away ({followed.wrong})"
                total = replace(total, problem=wrong)
            on_file(followed)

        try:
            while True:
                names = follower.waiting()
                for name in names:
                    left = None if max_errors is None else max_errors - total.refused
                    follower.ingest(name, left, stop, tell)
                    if max_errors is not None and total.refused >= max_errors:
                        return _enough(total, directory)
                if not names and until_empty:
                    return total
                if not names:
                    sleep(poll_seconds)
        except BaseException:
            if on_stop is not None:
                on_stop(total)
            raise


def _enough(total: Receipt, directory: str) -> Receipt:
    how = Words("the same command goes on with what is left in {directory}", directory=directory)
    problem = stopped_after(total.refused, how)
    return replace(total, problem=total.problem if total.stopped else problem, stopped=True)
