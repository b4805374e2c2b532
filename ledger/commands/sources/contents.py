"""Contents: what a file, a pipe or standard input holds, decompressed if it is compressed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, Protocol, cast

from ledger.commands.sources.compressed import HEAD, CutShort, decompressed, format_of, members
from ledger.commands.sources.unread_formats import FIRST, has_json, refuse_format, refuse_no_text
from ledger.errors import NoSpool, UsageError

STANDARD_INPUT: Final = "-"

_CHUNK: Final = 2**18

Pieces = Iterator[bytes]


class Stream(Protocol):
    """A file or a pipe to read bytes from."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to that many bytes, none at the end."""


class Content:
    """The bytes of a path, decompressed; `-` is standard input.

    `bytes_read` counts compressed bytes. A compressed input is read twice, first to verify it; one
    that comes by a pipe is spooled to disk for that.
    """

    def __init__(self, path: str, standard_input: Stream | None = None) -> None:
        self._path = path
        self._standard_input = standard_input
        self._kept: IO[bytes] | None = None
        self.bytes_read = 0

    def keep(self) -> None:
        """Spool a whole pipe to disk, to be read from there. Raises NoSpool."""
        with ExitStack() as opened:
            self._kept = _spooled(self._pieces(self._opened(opened)))

    def look(self) -> None:
        """Check the beginning of a file. Raises UsageError if it is not text."""
        with ExitStack() as opened:
            head, pieces = _peek(self._pieces(self._opened(opened)), HEAD)
            form = format_of(head)
            if form is None:
                head, _ = _peek(pieces, FIRST, has_json)
                refuse_no_text(self._path, head)
            else:  # not verified yet: damaged data need not look like text
                head, _ = _peek(members(self._path, form, pieces), FIRST, has_json)
                refuse_format(self._path, head, inside=True)

    def text(self, *, growing: bool = False) -> Pieces:
        """Yield the whole content; nothing if it is compressed and still `growing`.

        Raises CutShort, and UsageError if it is not text.
        """
        return self._checked(has_json, refuse_no_text, growing=growing)

    def of_any_encoding(self) -> Pieces:
        """Yield the whole content, which may be text in any encoding. Raises the same errors."""
        return self._checked(lambda _: False, refuse_format)

    def _checked(
        self,
        enough: Callable[[bytes], bool],
        refuse: Callable[..., None],
        *,
        growing: bool = False,
    ) -> Pieces:
        with ExitStack() as opened:
            stream = self._opened(opened)
            head, pieces = _peek(self._pieces(stream), HEAD)
            form = format_of(head)
            if form is not None and growing:
                return
            if form is not None:
                again = is_file(self._path) or self._kept is not None
                file = cast("IO[bytes]", stream) if again else _spooled(pieces)
                opened.callback(file.close)
                pieces = decompressed(self._path, form, partial(self._from_the_start, file))
            head, pieces = _peek(pieces, FIRST, enough)
            refuse(self._path, head, inside=form is not None)
            yield from pieces

    def _opened(self, opened: ExitStack) -> Stream:
        if self._kept is not None:
            self._kept.seek(0)
            self.bytes_read = 0
            return opened.enter_context(self._kept)
        if self._path == STANDARD_INPUT:
            return self._standard_input or sys.stdin.buffer
        try:
            return opened.enter_context(Path(self._path).open("rb", buffering=0))
        except OSError as wrong:
            raise _unreadable(self._path, wrong) from None

    def _from_the_start(self, file: IO[bytes]) -> Pieces:
        file.seek(0)
        self.bytes_read = 0
        return self._pieces(file)

    def _pieces(self, stream: Stream) -> Pieces:
        read = getattr(stream, "read1", stream.read)  # what is there, without waiting for more
        try:
            while piece := read(_CHUNK):
                self.bytes_read += len(piece)
                yield piece
        except OSError as wrong:
            raise _unreadable(self._path, wrong) from None


def is_file(path: str) -> bool:
    """Return whether a path is a regular file, which can be read more than once."""
    return path != STANDARD_INPUT and Path(path).is_file()


def _unreadable(path: str, wrong: OSError) -> UsageError:
    return UsageError(
        "{path} cannot be read ({reason}): check the path",
        path=path,
        reason=wrong.strerror or wrong,
    )


def _spooled(pieces: Pieces) -> IO[bytes]:
    """Return an unnamed temporary file with these bytes. Raises NoSpool."""
    try:
        spool = TemporaryFile()  # noqa: SIM115 - the caller closes it
        for piece in pieces:
            spool.write(piece)
        spool.flush()
    except OSError as wrong:
        raise NoSpool(
            "what comes by a pipe cannot be kept on disk until it is verified or judged "
            "({reason}): make room for temporary files, or name a directory for them by TMPDIR",
            reason=wrong.strerror or wrong,
        ) from None
    return spool


def _peek(
    pieces: Pieces, size: int, enough: Callable[[bytes], bool] = lambda _: False
) -> tuple[bytes, Pieces]:
    """Return the first bytes, and an iterator over everything including them.

    Reads until there are `size` bytes, or `enough` says so, or the input ends.
    """
    head = b""
    try:
        for piece in pieces:
            head += piece
            if len(head) >= size or enough(head):
                break
    except CutShort as wrong:  # raised again after the bytes before it
        return head, chain((head,), _Failing(wrong))
    return head, chain((head,), pieces)


class _Failing(Iterator[bytes]):
    """Raises the error that ended the input."""

    def __init__(self, wrong: CutShort) -> None:
        self._wrong = wrong

    def __next__(self) -> bytes:
        raise self._wrong
