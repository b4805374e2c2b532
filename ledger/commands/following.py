"""Following a directory: its files are taken in as they come, and moved away once they are done.

Files are taken in the order of their names, each once it is whole: it is left alone then, and
nobody has it open for writing (`ledger.commands.inbox`). Of one that is written for longer, the
lines that are complete are recorded meanwhile, and each time reading goes on behind them. One of
which every line is recorded goes to `done`; one of which lines were refused, or that could not be
read to its end, to `failed`, with its receipt beside it. Nothing there is ever overwritten. Killed
at any moment, the same command goes on.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from ledger.commands.inbox import QUIET_SECONDS, Entry, Inbox, KeepReceipt
from ledger.commands.limits import stopped_after
from ledger.commands.receipt import NOTHING, Receipt, combined
from ledger.errors import LedgerBusy, UsageError
from ledger.stops import held
from ledger.words import Tell, Words, words_of

POLL_SECONDS: Final = 2.0
"""Between two looks at a directory in which nothing was found, where nothing else is said."""

LONG_SECONDS: Final = 60.0
"""How long a file is waited for without a word."""


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
        """Return the receipt; `on_stop` is given it where an exception ends it.

        `errors_left` is how many lines may be refused, `growing` whether it is still written, and
        `again` whether this run has read it before.
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
        """The files that were there and stay."""

    def look(self) -> bool:
        """Take in what is whole, and of the rest what is complete; return whether anything was."""
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
        """Say which files stay when nothing else is to be done."""
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
        """Say something of a file once."""
        if words not in self._said:
            self._said.add(words)
            self._on_word(words)

    def _read(self, entry: Entry, *, growing: bool) -> None:
        """Take in a file, move it to where it belongs if it is whole, and tell what became of it.

        An interrupt waits until a file that is moved is told: no receipt of it is lost.
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
            if not growing:  # else it is no problem yet
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
        """Add a receipt; what it has taken over of this very run is in the total already."""
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
    """Take in the files of a directory until one has to stop; return the receipt of all.

    `on_file` is told what became of each, `on_word` what else somebody has to know; `on_stop` is
    given the receipt of all so far where an exception ends it.
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
