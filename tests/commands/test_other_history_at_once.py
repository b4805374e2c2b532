"""Books of another history, while others use them: each answer is of one history, its own."""

from contextlib import closing

import pytest
from branches import begun, bought, consumed, opened, restore, take, used
from sending import FOUNDATION

from ledger import Ledger
from ledger.projections.books import catch_up as catching_up
from ledger.projections.books.cache import Keeping
from ledger.projections.books.location import File
from ledger.projections.books.sqlite import open_books
from ledger.storage.codec import Codec


@pytest.fixture
def url(tmp_path):
    """A ledger with a package of 100 credits, and beside it a backup of that moment."""
    return begun(tmp_path)


def test_one_who_still_reads_the_other_history_goes_on_reading_it(url, tmp_path):
    """Books are rebuilt under a reader: it has what it had, until it asks again."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"))
        consumed(ledger)
        ledger_id = ledger.log.ledger_id
    books = tmp_path / "a.db-books"
    with closing(open_books(books, ledger_id)) as held, held.reading():
        before = held.checkpoint
        restore(tmp_path)
        with opened(url) as other:
            assert consumed(other) == "0"
            found = other._keeping.in_use.checkpoint
        assert held.checkpoint == before
        assert (before.position, found.position) == (5, 4)


def test_two_that_find_them_at_once_wipe_them_once(url, tmp_path):
    """The second one finds that it was done, and throws nothing away that the first has made."""
    with opened(url) as ledger:
        take(ledger, used(90, "wrong"))
        consumed(ledger)
    restore(tmp_path)
    books = tmp_path / "a.db-books"
    with opened(url) as first, closing(open_books(books, first.log.ledger_id)) as second:
        stale = second.checkpoint
        assert consumed(first) == "0"
        second.wipe(stale, b"", lost=True)
        assert second.checkpoint == first._keeping.in_use.checkpoint


def test_two_histories_that_are_open_under_one_name(tmp_path, monkeypatch):
    """Each wipes what the other has made; both answer right, and neither goes on for ever."""
    monkeypatch.setattr(catching_up, "CHUNK", 1)
    lines, shelf = tmp_path / "lines", File(tmp_path / "books")
    with Ledger.create("memory:") as first, Ledger.create("memory:") as second:
        for many, ledger in enumerate((first, second), 1):
            some = [used(many, f"{number}") for number in range(9)]
            lines.write_bytes(b"\n".join([*FOUNDATION[:3], bought(), *some]))
            ledger.ingest([str(lines)], batch_size=1)
            ledger._kept = Keeping(ledger.log, Codec(), shelf)
        turns = []

        def disturb(position):
            turns.append(position)
            assert consumed(second) == "18"

        assert consumed(first, on_progress=disturb) == "9"
        assert 1 < len(turns) < 100
        assert consumed(first) == "9"
