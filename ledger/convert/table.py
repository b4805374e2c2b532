"""Rows of a delimited file: decoded, bounded, each with its line; what is no row says why."""

import codecs
import csv
from collections.abc import Iterator
from typing import Final, NamedTuple

from ledger.commands.sources.compressed import Corrupt, CutShort
from ledger.commands.sources.contents import Content, Stream
from ledger.commands.sources.inputs import size_of
from ledger.convert.problems import BAD_ROW, RowProblemError
from ledger.convert.profile import File
from ledger.domain.refusals import shown
from ledger.errors import UsageError
from ledger.messages import Words, words_of

ROW_LIMIT: Final = 2**20
"""Characters that one row may have."""

_UNDECODED: Final = "\udcff"
"""Stands where bytes are that the encoding does not have."""

_ESCAPES: Final = frozenset(map(chr, range(0xD800, 0xE000)))


def _undecodable(wrong: UnicodeError) -> tuple[str, int]:
    assert isinstance(wrong, UnicodeDecodeError)
    return _UNDECODED, wrong.end


codecs.register_error("cpod.undecodable", _undecodable)


class TableRow(NamedTuple):
    """One row, or why there is none."""

    line: int
    """The line, counted from 1, on which it begins."""
    values: list[str]
    problem: RowProblemError | None = None


class Table:
    """The rows of a file, compressed or not; `-` is standard input.

    `bytes_read` counts bytes as they are stored; `problem` says in one sentence why the rows ended
    early, if they did.
    """

    def __init__(self, path: str, form: File, standard_input: Stream | None = None) -> None:
        """Read up to the header. Raises UsageError."""
        self.path = path
        self.problem: str | None = None
        self._form = form
        size_of(path)  # a path that cannot be read is refused in the same words as elsewhere
        self._content = Content(path, standard_input)
        self._lines = _Lines(path, self._content.of_any_encoding(), form.encoding)
        self._reader = csv.reader(
            self._lines, delimiter=form.delimiter, quotechar=form.quote, strict=True
        )
        self.header = self._header()

    @property
    def bytes_read(self) -> int:
        """Return how many bytes of the file, as it is stored, were read."""
        return self._content.bytes_read

    def _header(self) -> list[str]:
        for number, row in enumerate(self, start=1):
            if number < self._form.header:
                continue
            if row.problem is not None:
                raise UsageError(
                    "{path}, line {line}: the header cannot be read ({reason}): check "
                    "file.encoding, file.delimiter and file.header",
                    path=self.path,
                    line=row.line,
                    reason=row.problem.reason,
                )
            return row.values
        why = self.problem or Words("it is empty")
        raise UsageError("{path} has no header: {wrong}", path=self.path, wrong=why)

    def __iter__(self) -> Iterator[TableRow]:
        """Yield the rows that are left; blank lines are none."""
        while True:
            line = self._lines.begin()
            try:
                values = next(self._reader)
            except StopIteration:
                return
            except Corrupt as wrong:
                self.problem = words_of(wrong)
                return
            except CutShort as wrong:
                self.problem = Words(
                    "{wrong}; its complete rows were read: send the whole file again", wrong=wrong
                )
                return
            except RowProblemError as problem:
                yield TableRow(line, [], problem)
            except csv.Error as wrong:
                yield TableRow(line, [], RowProblemError(BAD_ROW, self._explained(str(wrong))))
            else:
                if values:
                    yield TableRow(line, values, _problem(values))

    def _explained(self, wrong: str) -> str:
        """Return what the csv module says in words that say what to do."""
        quote = self._form.quote
        if "field limit" in wrong:
            limit = csv.field_size_limit()
            return Words(
                "a value has more than {limit:,} characters: is a {quote} missing?",
                limit=limit,
                quote=quote,
            )
        if "unexpected end of data" in wrong:
            return Words(
                "a {quote} is opened and never closed, so the rest of the file is one value",
                quote=quote,
            )
        if "new-line character" in wrong:
            return Words("a carriage return stands within a value: end lines with LF or CRLF")
        return Words(
            "after the {quote} that ends a value comes no delimiter: write {twice} within one",
            quote=quote,
            twice=quote * 2,
        )


def _problem(values: list[str]) -> RowProblemError | None:
    text = "".join(values)
    if text.isascii() and "\0" not in text:
        return None
    if "\0" in text:
        return RowProblemError(BAD_ROW, "a NUL byte stands in it: remove it, or name file.encoding")
    if not _ESCAPES.isdisjoint(text):
        return RowProblemError(BAD_ROW, "bytes stand in it that file.encoding does not have")
    return None


class _Lines:
    """Lines of text with their ends, for the csv module; no row is longer than the limit."""

    def __init__(self, path: str, pieces: Iterator[bytes], encoding: str) -> None:
        name = "utf-8-sig" if encoding == "utf-8" else encoding
        self._path = path
        self._decoder = codecs.getincrementaldecoder(name)("cpod.undecodable")
        self._pieces = pieces
        self._rest = ""
        self._ready: list[str] = []
        self._over = False
        self._number = 0
        self._size = 0

    def begin(self) -> int:
        """Begin a row: return the number of the line that comes next."""
        self._size = 0
        return self._number + 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._line()
        self._number += 1
        self._size += len(line)
        if self._size > ROW_LIMIT:
            raise RowProblemError(
                BAD_ROW, Words("the row has more than {limit:,} characters", limit=ROW_LIMIT)
            )
        return line

    def _line(self) -> str:
        while not self._ready:
            if self._over:
                raise StopIteration
            self._fill()
        return self._ready.pop()

    def _fill(self) -> None:
        """Get the lines of the next piece ready, the first one last."""
        piece = next(self._pieces, None)
        try:
            text = self._decoder.decode(piece or b"", final=piece is None)
        except UnicodeError:  # bytes that are none of the encoding are not raised
            raise UsageError(
                "{path} does not begin with the mark of UTF-16, which says the order of its bytes:"
                " name file.encoding, such as utf-16-le or utf-16-be",
                path=self._path,
            ) from None
        first, *others = text.split("\n")
        # What is longer than a row may be is not kept, only that it is too long.
        self._rest = (self._rest + first)[: ROW_LIMIT + 1]
        lines = [self._rest, *others]
        self._rest = lines.pop()
        self._ready = [f"{line}\n" for line in reversed(lines)]
        if piece is None:
            self._over = True
            if self._rest:
                self._ready.insert(0, self._rest)


def check_width(row: TableRow, header: list[str]) -> RowProblemError | None:
    """Return what is wrong with a row that has more or fewer values than the table has columns."""
    if row.problem is not None or len(row.values) == len(header):
        return row.problem
    first = shown(row.values[0])
    return RowProblemError(
        BAD_ROW,
        Words(
            "the row of {first} has {count} values where the header has {columns}",
            first=first,
            count=len(row.values),
            columns=len(header),
        ),
    )
