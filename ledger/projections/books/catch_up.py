"""Catching up: from the rows of the log that the books have not read to the rows of the books.

A long way is gone by two processes: while this one puts what came of one chunk into the books, the
other one folds the next and sorts the one after it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Final

from ledger.errors import ProcessEnded
from ledger.projections.books.belonging import has_read
from ledger.projections.books.books import Books, BooksRefused, Checkpoint
from ledger.projections.books.chunk import Source, enter, known_before, replace
from ledger.projections.books.fold import Decoder, Folder, Known, Sorted
from ledger.storage.log import StoredRow

if TYPE_CHECKING:
    from ledger.projections.books.parallel import SecondFolder

CHUNK: Final = 20_000
"""Rows of the log that one transaction of the books reads, where one process does it all."""

_PIECE: Final = 4_000
"""Rows that are handed to a second process at one time: they fit into a pipe."""

_TOGETHER: Final = 10
"""Chunks that two processes commit together: pages that they share are so written once."""

_AHEAD: Final = 3
"""Chunks that are read, and sorted by the second process, before they are entered."""

_MORE: Final = 1_000
"""Rows that are read at one time of a transaction that a chunk has begun."""

_LONG: Final = 4 * _PIECE
"""Rows for which a second process is worth it."""

_OTHERS_AT_MOST: Final = 3
"""How often books of another history are wiped for one answer: two processes may have two of them
open under one name, and wipe each other's books."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


def catch_up(
    books: Books,
    source: Source,
    decoder: Decoder,
    until: int,
    on_progress: Progress | None = None,
) -> Checkpoint:
    """Read the log into the books up to a position, each chunk with its checkpoint.

    Books of another history, or made before somebody was erased, are wiped first. Returns what the
    books are made of then. Raises BooksRefused if others go on to make them of another history.
    """
    alone, goes_on, others = False, True, 0
    own: Checkpoint | None = None  # what was written here needs no proof
    while True:
        erased = source.erased()
        decoder.forget(erased)
        found = books.checkpoint
        lost = found != own and not has_read(found, source)
        if lost or found.erased != erased:
            others += lost
            if others > _OTHERS_AT_MOST:
                raise BooksRefused("other processes use them for another history of the ledger")
            books.wipe(found, erased, lost=lost)
            books.scrub()
            continue
        if found.position >= until or not goes_on:
            return found
        steps = _Steps(books, source, decoder, found, until, on_progress)
        second = _second(decoder) if until - found.position >= _LONG and not alone else None
        if second is None:
            goes_on = steps.take_one()
        else:
            with closing(second):
                try:
                    goes_on = steps.take_all(second)
                except ProcessEnded:  # whatever ended it: one process can do it, too
                    goes_on = alone = True
        own = steps.found


def _second(decoder: Decoder) -> "SecondFolder | None":
    from ledger.projections.books.parallel import SecondFolder  # late: seldom is anything so long

    return SecondFolder.begun(decoder)


class _Steps:
    """Steps of catching up, as long as nobody else moves or wipes the books."""

    def __init__(
        self,
        books: Books,
        source: Source,
        decoder: Decoder,
        found: Checkpoint,
        until: int,
        on_progress: Progress | None,
    ) -> None:
        self._books = books
        self._source = source
        self._decoder = decoder
        self.found = found
        """What the books are made of, as far as this one knows."""
        self._until = until
        self._on_progress = on_progress

    def take_one(self) -> bool:
        """Read one chunk into the books; return whether there was any."""
        books = self._books
        with books.writing():
            if books.checkpoint != self.found:
                return True  # somebody else has caught up meanwhile, or wiped them
            rows = self._chunk(self.found.position, CHUNK)
            if not rows:
                return False
            absorb(books, self._source, self._decoder, rows)
            self._move_to(rows[-1])
        self._tell(rows[-1])
        return True

    def take_all(self, second: "SecondFolder") -> bool:
        """Read one chunk after the other; return whether there was any.

        The second process sorts chunks ahead, and folds one while this one puts that before into
        the books. What the books know of a chunk is asked when that before it has been entered.
        """
        books, chunks = self._books, self._chunks(self.found.position)
        ahead: deque[list[StoredRow]] = deque()
        self._sort_ahead(second, chunks, ahead)
        if not ahead:
            return False
        chunk, known = self._fold_next(second)
        while ahead:
            with books.writing():
                if books.checkpoint != self.found:
                    return True  # somebody else has caught up meanwhile, or wiped them
                for _ in range(_TOGETHER):
                    rows, entered = ahead.popleft(), known
                    enter(books, self._decoder, rows, chunk, known)
                    self._sort_ahead(second, chunks, ahead)
                    if ahead:
                        chunk, known = self._fold_next(second)
                    replace(books, entered, second.folded())
                    if not ahead:
                        break
                self._move_to(rows[-1])
            self._tell(rows[-1])
        return True

    def _sort_ahead(
        self,
        second: "SecondFolder",
        chunks: Iterator[list[StoredRow]],
        ahead: deque[list[StoredRow]],
    ) -> None:
        """Have more chunks sorted, as many as may be ahead."""
        for rows in islice(chunks, _AHEAD - len(ahead)):
            second.sort(rows)
            ahead.append(rows)

    def _fold_next(self, second: "SecondFolder") -> tuple[Sorted, Known]:
        """Have the next chunk folded; return it, and what the books know of it."""
        chunk = second.sorted()
        known = known_before(self._books, self._source, self._decoder, chunk)
        second.fold(known)
        return chunk, known

    def _chunks(self, after: int) -> Iterator[list[StoredRow]]:
        """Yield one chunk after the other."""
        while rows := self._chunk(after, _PIECE):
            yield rows
            after = rows[-1].position

    def _chunk(self, after: int, size: int) -> list[StoredRow]:
        """Return about `size` rows that end where a transaction did, or at the last one."""
        rows = self._source.read(after, self._until, size)
        more = 1 if len(rows) == size else 0
        while more:
            last = rows[-1]
            following = self._source.read(last.position, self._until, more)
            same = [row for row in following if row.recorded_at == last.recorded_at]
            rows += same
            more = _MORE if len(same) == more else 0
        return rows

    def _move_to(self, last: StoredRow) -> None:
        root = self._source.root_at(last.position)
        self._books.move_to(last.position, last.recorded_at, root)
        self.found = self._books.checkpoint

    def _tell(self, last: StoredRow) -> None:
        if self._on_progress is not None:
            self._on_progress(last.position)


def absorb(books: Books, source: Source, decoder: Decoder, rows: Sequence[StoredRow]) -> None:
    """Put rows of the log into the books, in the transaction that is open."""
    folder = Folder(decoder)
    decoder.look_up(rows)
    chunk = folder.sort(rows)
    known = known_before(books, source, decoder, chunk)
    enter(books, decoder, rows, chunk, known)
    replace(books, known, folder.fold(known))


def refold(books: Books, source: Source, decoder: Decoder, subject: str) -> None:
    """Fold a subject of the books anew, in the transaction that is open."""
    folder = Folder(decoder)
    known = known_before(books, source, decoder, folder.sort([]), [subject])
    replace(books, known, folder.fold(known))
