"""Where lines come from: files, compressed files, JSON batches and standard input, line by line."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.commands.sources.compressed import Corrupt, CutShort
from ledger.commands.sources.contents import STANDARD_INPUT, Content, Stream, is_file
from ledger.commands.sources.lines import Line, lines_of
from ledger.errors import UsageError
from ledger.messages import Words

if TYPE_CHECKING:
    from ledger.commands.ingest.resume import Places


class Source:
    """The lines of some paths, one after the other; `-` is standard input.

    `bytes_read` and `total_bytes` count bytes as they are stored (None: not known beforehand).
    `problem` says in one sentence why the lines ended early, if they did. `waits` is whether they
    may come from where one has to wait for them. With places, what a stopped run had recorded of
    a file is passed over. Of files that are `growing` only complete lines are read: not the last
    one without an end, nor what can only be read as a whole.
    """

    def __init__(
        self,
        paths: Sequence[str],
        standard_input: Stream | None = None,
        places: "Places | None" = None,
        *,
        growing: bool = False,
    ) -> None:
        """Look at every path before anything is read. Raises UsageError."""
        self._paths = tuple(paths)
        self._places = places
        self.growing = growing
        self.waits = not all(map(is_file, paths))
        self._standard_input = standard_input
        sizes = [size_of(path) for path in self._paths]
        self.total_bytes = sum(size or 0 for size in sizes) if None not in sizes else None
        for path in filter(is_file, self._paths):
            Content(path).look()
        self._bytes_before = 0
        self._content: Content | None = None
        self._kept: dict[str, Content] = {}
        self.problem: str | None = None

    @property
    def bytes_read(self) -> int:
        """Return how many bytes of all paths are read."""
        return self._bytes_before + (0 if self._content is None else self._content.bytes_read)

    def __iter__(self) -> Iterator[Line]:
        """Yield every line that is not blank. Raises UsageError where it cannot go on."""
        for path in self._paths:
            self._bytes_before, self._content = self.bytes_read, None
            try:
                yield from self._to_read(path)
            except Corrupt as wrong:
                self.problem = Words("{path}: {wrong}", path=path, wrong=wrong)
                return
            except CutShort as wrong:
                self.problem = Words(
                    "{path}: {wrong}; its complete lines were read: send the whole file again",
                    path=path,
                    wrong=wrong,
                )
                return

    def keep_pipes(self) -> None:
        """Read what comes by pipes now, so that nothing waits for it later. Raises NoSpool."""
        for path in self._paths:
            if not is_file(path):
                self._kept[path] = Content(path, self._standard_input)
                self._kept[path].keep()

    def ends_with(self, file: str) -> bool:
        """Return whether a file, as its lines name it, is the last one."""
        return bool(self._paths) and _named(self._paths[-1]) == file

    def _to_read(self, path: str) -> Iterator[Line]:
        """Return the lines of a path that are still to be read."""
        again = self._paths.count(path) > 1
        if self._places is None or again or not is_file(path):
            return self._all(path)
        name = _named(os.path.abspath(path))  # noqa: PTH100 - a Path would follow no `..`
        return self._places.following(_named(path), name, lambda: self._all(path))

    def _all(self, path: str) -> Iterator[Line]:
        """Return the lines of a path from its beginning, also where it was read before."""
        content = self._kept.pop(path, None) or Content(path, self._standard_input)
        self._content = content
        pieces = content.text(growing=self.growing)
        return lines_of(_named(path), pieces, growing=self.growing)


def _named(path: str) -> str:
    """Return the name of a file as a text that can be kept and shown, whatever its bytes are."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def size_of(path: str) -> int | None:
    """Return the bytes of a file, None where there is no telling. Raises UsageError."""
    if path == STANDARD_INPUT:
        return None
    place = Path(path)
    if place.is_dir():
        raise UsageError("{path} is a directory: name the files in it", path=path)
    if not place.exists():
        raise UsageError("{path} does not exist: check the path", path=path)
    if not os.access(place, os.R_OK):
        raise UsageError("{path} cannot be read: check its permissions", path=path)
    return place.stat().st_size if place.is_file() else None
