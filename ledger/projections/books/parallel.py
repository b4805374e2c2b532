"""Two cores: another process sorts and folds chunks of the log, and has no books and no log.

It is sent rows in which persons stand in clear, and what the books know; it returns what comes of
them. So any books can be made by it of any log.
"""

import pickle
from collections import deque
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Final, NoReturn, Self

from ledger.projections.books.fold import Decoder, Folder, Known, Sorted
from ledger.projections.books.rows import DerivedRows
from ledger.storage.log import StoredRow, stored_rows
from ledger.worker import SecondProcess, Told, quickly_pickled

_PROTOCOL: Final = pickle.HIGHEST_PROTOCOL

_ASKED_FOR: Final = tuple(map(StoredRow._fields.index, ("position", "topic", "state")))
"""What folding asks of a row: neither its place in a stream, nor when it was recorded."""

_Columns = tuple[list[Any], ...]
"""Rows, column by column, as far as they are asked for: many are sent."""


class SecondFolder:
    """Sorts one chunk after another in a second process, and folds each when it is told to."""

    def __init__(self, process: SecondProcess, decoder: Decoder) -> None:
        """Take what `begun` has begun."""
        self._process = process
        self._decoder = decoder
        self._sorted: deque[Sorted] = deque()
        self._folded: deque[DerivedRows] = deque()

    @classmethod
    def begun(cls, decoder: Decoder) -> Self | None:
        """Return one in a second process; None where there can be none."""
        process = SecondProcess.begun(lambda told: _fold(Folder(decoder), told))
        return None if process is None else cls(process, decoder)

    def sort(self, rows: Sequence[StoredRow]) -> None:
        """Have it sort a chunk."""
        self._tell(self._columns(rows), None)

    def fold(self, known: Known) -> None:
        """Have it fold the first chunk that is sorted and not folded."""
        self._tell(self._columns(known.earlier), known._replace(earlier=[]))

    def sorted(self) -> Sorted:
        """Return the next chunk that was sorted. Raises Damaged when an event cannot be read."""
        while not self._sorted:
            self._listen()
        return self._sorted.popleft()

    def folded(self) -> DerivedRows:
        """Return what was folded next. Raises Damaged as `sorted` does."""
        while not self._folded:
            self._listen()
        return self._folded.popleft()

    def close(self) -> None:
        """End the second process."""
        self._process.close()

    def _tell(self, rows: _Columns, known: Known | None) -> None:
        self._process.say(quickly_pickled((rows, known)))

    def _listen(self) -> None:
        content = self._process.hear()
        assert content is not None, "it works until it is closed"
        answer = pickle.loads(content)  # noqa: S301 - our own process made it
        answers: deque[Any] = self._folded if isinstance(answer, DerivedRows) else self._sorted
        answers.append(answer)

    def _columns(self, rows: Sequence[StoredRow]) -> _Columns:
        clear = self._decoder.in_clear(rows)
        return tuple([[row[field] for row in clear] for field in _ASKED_FOR])


def _fold(folder: Folder, told: Told) -> NoReturn:
    """Sort and fold as long as anything is told: what the second process does."""
    while True:
        columns, known = pickle.loads(told.hear())  # noqa: S301 - the first process made it
        rows = _rows(columns)
        answer = folder.sort(rows) if known is None else folder.fold(known._replace(earlier=rows))
        told.say(pickle.dumps(answer, _PROTOCOL))


def _rows(columns: _Columns) -> list[StoredRow]:
    positions, topics, states = columns
    return stored_rows(zip(positions, repeat(""), repeat(0), topics, states, repeat(0)))
