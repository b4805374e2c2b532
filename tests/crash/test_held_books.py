"""A file of books is removed by nobody while anybody uses it, be it only about to be made."""

import random
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context

import pytest

from ledger.errors import BooksDamaged
from ledger.projections.books import sqlite as sqlite_books
from ledger.projections.books.lock import Hold
from ledger.projections.books.sqlite import discard_books, open_books


def test_books_that_are_being_made_are_not_removed(tmp_path, monkeypatch):
    """Who opens books makes a file before it makes tables: between the two, others find none."""
    path, use_wal, came = tmp_path / "books", sqlite_books.use_wal, []

    def disturbed(connection):
        use_wal(connection)
        before = path.stat().st_ino
        discard_books(path)
        came.append(path.exists() and path.stat().st_ino == before)

    monkeypatch.setattr(sqlite_books, "use_wal", disturbed)
    with closing(open_books(path, "L")) as books:
        assert came == [True]
        assert books.checkpoint.position == 0


def test_a_file_that_nobody_holds_is_removed_with_what_is_beside_it(tmp_path):
    """A hold ends with its books; the lock file alone stays, for it is what others look at."""
    path = tmp_path / "books"
    with closing(open_books(path, "L")), closing(Hold(path)) as other:
        assert not other.remove()
        assert path.exists()
    with closing(Hold(path)) as last:
        assert last.remove()
    assert [file.name for file in tmp_path.iterdir()] == ["books-lock"]


def test_damaged_books_that_others_use_stay_and_are_named(tmp_path):
    """Whoever opens them is told; once they are nobody's, they are made anew."""
    path = tmp_path / "books"
    open_books(path, "L").close()
    with closing(Hold(path)):
        path.write_bytes(b"no books" * 999)
        with pytest.raises(BooksDamaged, match="cpod rebuild"):
            open_books(path, "L")
    with closing(open_books(path, "L")) as books:
        assert books.checkpoint.position == 0


def use(path, seed, until):
    """Open books, write to them and read them, again and again."""
    chance, rounds = random.Random(seed), 0
    while time.time() < until:
        with closing(open_books(path, "L")) as books:
            with books.writing():
                names = [(f"{seed}-{rounds}-{number}",) for number in range(100)]
                books.write("INSERT INTO subjects (name) VALUES (?)", names)
            with books.reading():
                assert books.rows("PRAGMA integrity_check") == [("ok",)]
        rounds += 1
        time.sleep(chance.random() * 0.02)
    return rounds


def discard(path, seed, until):
    """Throw the books away, again and again."""
    chance, rounds = random.Random(seed), 0
    while time.time() < until:
        if path.exists():
            discard_books(path)
        rounds += 1
        time.sleep(chance.random() * 0.004)
    return rounds


def test_books_are_whole_whoever_throws_them_away(tmp_path):
    """Six processes open, write, read and discard one file, and none of them finds it damaged.

    There is a new file every tenth of a second: when one is made is the dangerous moment.
    """
    with ProcessPoolExecutor(6, get_context("spawn")) as pool:
        for number in range(20):
            path, until = tmp_path / f"books-{number}", time.time() + 0.1
            lives = [*[use] * 3, *[discard] * 3]
            ended = [pool.submit(life, path, n, until) for n, life in enumerate(lives)]
            assert all(life.result() >= 0 for life in ended)
