"""Following a directory: files are ingested as they arrive, and moved when they are done.

Files are taken in order of their names, each once it is complete
(`ledger.commands.sources.inbox`). While one is still being written its complete lines are
recorded, and each read resumes after them. A file whose lines are all recorded is moved to `done`;
one with refused lines, or that could not be read to its end, to `failed`, with its receipt.
Nothing is ever overwritten there. A run that is killed is resumed by the same command.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from ledger.commands.ingest.limits import stopped_after
from ledger.commands.ingest.receipt import NOTHING, Receipt, combined
from ledger.commands.sources.inbox import QUIET_SECONDS, Entry, Inbox, KeepReceipt
from ledger.errors import LedgerBusy, UsageError
from ledger.messages import Tell, Words, words_of
from ledger.stop_signals import held

POLL_SECONDS: Final = 2.0
"""Default interval between two looks at an idle directory."""

LONG_SECONDS: Final = 60.0
"""After how long an incomplete file is reported."""


class Take(Protocol):
    """Ingests a file."""

    def __call__(
        self,
        path: str,
        errors_left: int | None,
        on_stop: Callable[[Receipt], None],
        *,
        growing: bool,
        again: bool,
    ) -> Receipt:
        """Return the receipt; `on_stop` is called with it if an exception ends the ingest.

        `errors_left` is how many lines may be refused, `growing` whether the file is still being
        written, `again` whether this run has read it before.
        """


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

    def __init__(
        self,
        inbox: Inbox,
        take: Take,
        on_file: Callable[[Followed], None],
        on_word: Tell,
        max_errors: int | None,
        clock: Callable[[], float],
    ) -> None:
        self._inbox = inbox
        self._take = take
        self._on_file = on_file
        self._on_word = on_word
        self._max_errors = max_errors
        self._clock = clock
        self._said: set[str] = set()
        self.total = NOTHING
        """The receipt of all files."""
        self.left: list[Entry] = []
        """Files that are not complete yet."""

    def look(self) -> bool:
        """Ingest complete files, and the complete lines of others; return whether any was."""
        was_whole = False
        self.left = []
        for entry in self._inbox.look():
            if self.has_enough():
                break
            if entry.is_whole:
                self._read(entry, growing=False)
                was_whole = True
                continue
            self.left.append(entry)
            seen = self._clock() - entry.begun
            if entry.read != entry.looks and (entry.is_quiet or seen >= QUIET_SECONDS):
                self._read(entry, growing=True)
            if seen >= LONG_SECONDS:
                self._say(
                    Words(
                        "{file} is still being written: it stays until it is left alone",
                        file=entry.path,
                    )
                )
        return was_whole

    def leave(self) -> None:
        """Report the files that a run leaves, because a process has them open."""
        for entry in self.left:
            self._say(
                Words(
                    "{file} is still open for writing: its complete lines are recorded, it stays",
                    file=entry.path,
                )
            )

    def has_enough(self) -> bool:
        """Return whether too many lines were refused."""
        return self._max_errors is not None and self.total.refused >= self._max_errors

    def _say(self, words: Words) -> None:
        """Report something once."""
        if words not in self._said:
            self._said.add(words)
            self._on_word(words)

    def _read(self, entry: Entry, *, growing: bool) -> None:
        """Ingest a file, move it unless it is `growing`, and report it.

        An interrupt is held until a moved file is reported, so that its receipt is not lost.
        """
        path, again = str(entry.path), entry.read is not None
        left = None if self._max_errors is None else self._max_errors - self.total.refused
        receipt = NOTHING

        def stop(found: Receipt) -> None:
            nonlocal receipt
            receipt = found

        entry.read = entry.looks
        try:
            receipt = self._take(path, left, stop, growing=growing, again=again)
        except UsageError as error:
            if not os.path.lexists(path):
                self._tell(Followed(path, receipt if receipt.read else None), again=again)
                return
            if not growing:  # otherwise it may still be completed
                receipt = replace(receipt, problem=words_of(error))
        except BaseException:
            self._count(receipt, again=again)
            raise
        with held():
            if not growing and not receipt.stopped:
                self._tell(self._moved(entry, receipt), again=again)
            elif receipt.read:
                self._tell(Followed(path, receipt), again=again)

    def _moved(self, entry: Entry, receipt: Receipt) -> Followed:
        path = str(entry.path)
        try:
            target = self._inbox.move(entry, receipt)
        except OSError as error:
            return Followed(path, receipt, wrong=str(error.strerror or error))
        return Followed(path, receipt, None if target is None else str(target))

    def _tell(self, followed: Followed, *, again: bool) -> None:
        self._count(followed.receipt or NOTHING, again=again)
        if followed.wrong is not None:
            wrong = f"{followed.path} cannot be moved away ({followed.wrong})"
            self.total = replace(self.total, problem=wrong)
        self._on_file(followed)

    def _count(self, receipt: Receipt, *, again: bool) -> None:
        """Add a receipt to the total, which already has the lines that this run read before."""
        new = replace(receipt, taken_over=0, refused_before=0) if again else receipt
        self.total = combined(self.total, new)


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
    on_word: Tell = lambda _: None,
    on_stop: Callable[[Receipt], None] | None = None,
    until_empty: bool = False,
    poll_seconds: float = POLL_SECONDS,
    max_errors: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Receipt:
    """Ingest the files of a directory until it has to stop; return the receipt of all.

    `on_file` is called for each file, `on_word` with warnings, `on_stop` with the receipt so far if
    an exception ends the run.
    """
    with _alone(directory):
        inbox = Inbox(directory, keep_receipt, on_word, clock)
        follower = _Follower(inbox, take, on_file, on_word, max_errors, clock)
        try:
            while True:
                was_whole = follower.look()
                if follower.has_enough():
                    return _enough(follower.total, directory)
                if was_whole:
                    continue
                if until_empty and all(entry.is_quiet for entry in follower.left):
                    follower.leave()
                    return follower.total
                sleep(min(poll_seconds, QUIET_SECONDS) if follower.left else poll_seconds)
        except BaseException:
            if on_stop is not None:
                on_stop(follower.total)
            raise


def _enough(total: Receipt, directory: str) -> Receipt:
    how = Words("the same command goes on with what is left in {directory}", directory=directory)
    problem = stopped_after(total.refused, how)
    return replace(total, problem=total.problem if total.stopped else problem, stopped=True)
