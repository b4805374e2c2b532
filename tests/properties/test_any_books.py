"""Books are a cache: they change what an answer costs, and never a byte of it."""

import shutil
from contextlib import contextmanager
from itertools import count

import pytest
from drawing import a_question, arrivals, examples
from hypothesis import given
from hypothesis import strategies as st
from playing import Clock, a_folder, a_ledger, ask_everything, in_bytes, played, send
from worlds import worlds

from ledger import Ledger
from ledger import worker as second_process
from ledger.projections.books import catch_up as catching_up


def pieces(events, cuts):
    """The events in order, in pieces."""
    marks = sorted(cut % (len(events) + 1) for cut in cuts)
    return [
        events[first:last] for first, last in zip([0, *marks], [*marks, len(events)], strict=True)
    ]


@contextmanager
def by_two_processes(chunk, together, ahead):
    """Let every catching up be done by two processes, chunks of a few rows at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(second_process, "_may_fork", lambda: True)
        patch.setattr(catching_up, "_PIECE", chunk)
        patch.setattr(catching_up, "_LONG", 1)
        patch.setattr(catching_up, "_TOGETHER", together)
        patch.setattr(catching_up, "_AHEAD", ahead)
        yield


NAMES = count()  # a ledger in memory that others open has a name of its own
CUTS = st.lists(st.integers(0, 100), max_size=4)


@examples(0.2)
@given(events=worlds(), data=st.data())
def test_deleted_damaged_and_rebuilt_books_give_the_same_bytes(events, data):
    """Whatever becomes of the file of the books, the same question has the same answer."""
    with a_folder() as folder:
        url, books = f"sqlite:///{folder}/l.db", folder / "l.db-books"
        with played(events, url) as ledger:
            asked = a_question(data, ledger, events)
            expected = in_bytes(ask_everything(ledger, **asked))
            ledger.rebuild()
            assert in_bytes(ask_everything(ledger, **asked)) == expected
            assert ledger.rebuild(check=True)["differences"] == []
        for spoil in (lambda: None, books.unlink, lambda: books.write_bytes(b"no books" * 999)):
            spoil()
            with Ledger.open(url, clock=Clock()) as again:
                assert in_bytes(ask_everything(again, **asked)) == expected
    with played(events) as in_memory:
        assert in_bytes(ask_everything(in_memory, **asked)) == expected


@examples(0.5)
@given(events=worlds(), cuts=CUTS, chunk=st.integers(1, 4), size=st.integers(1, 9), data=st.data())
def test_books_caught_up_in_steps_are_those_made_at_once(events, cuts, chunk, size, data):
    """Books that followed the log, a few rows at a time, answer as those that read it whole."""
    with (
        a_ledger(f"memory:books-{next(NAMES)}") as ledger,
        Ledger.open(ledger.url) as follower,
        pytest.MonkeyPatch.context() as patch,
    ):
        for piece in pieces(events, cuts):
            send(ledger, piece, batch_size=size)
            with patch.context() as smaller:
                smaller.setattr(catching_up, "CHUNK", chunk)
                follower.ask("packages", as_of="2100-01-01")
        asked = a_question(data, ledger, events)
        expected = in_bytes(ask_everything(ledger, **asked))
        assert in_bytes(ask_everything(follower, **asked)) == expected
        assert follower.rebuild(check=True)["differences"] == []


@examples(0.3)
@given(
    events=worlds(),
    cuts=CUTS,
    chunk=st.integers(1, 5),
    together=st.integers(1, 3),
    ahead=st.integers(1, 3),
    size=st.integers(1, 9),
)
def test_books_made_by_two_processes_are_those_made_by_one(
    events, cuts, chunk, together, ahead, size
):
    """Whoever folds, and however far ahead, the same rows come of the same events."""
    with (
        a_ledger(f"memory:books-{next(NAMES)}") as ledger,
        Ledger.open(ledger.url) as follower,
    ):
        for piece in pieces(events, cuts):
            send(ledger, piece, batch_size=size)
            with by_two_processes(chunk, together, ahead):
                follower.ask("packages", as_of="2100-01-01")
        assert follower.rebuild(check=True)["differences"] == []


@examples(0.5)
@given(events=worlds(), cuts=CUTS, data=st.data())
def test_the_same_question_has_the_same_answer_for_ever(events, cuts, data):
    """Whatever is recorded later, an answer for two dates is given again byte for byte."""
    given_before = []
    with a_ledger() as ledger:
        for piece in pieces(events, cuts):
            send(ledger, piece)
            for question, answer in given_before:
                assert in_bytes(ask_everything(ledger, **question)) == answer
            if ledger.log.head().position:
                asked = a_question(data, ledger, events)
                answers = ask_everything(ledger, **asked)
                asked["known_at"] = answers["summary"]["known_at"]  # now: a stamp from now on
                given_before.append((asked, in_bytes(answers)))


def copied(folder, name, to):
    """Copy what is kept under a name in a folder to another name: a ledger, or its books."""
    shutil.copy(folder / name, folder / to)


@examples(0.2)
@given(events=worlds(), cut=st.integers(0, 100), data=st.data())
def test_books_of_any_other_history_give_the_bytes_of_the_events(events, cut, data):
    """A backup is put back, the ledger goes on in any other way, beside books of any moment.

    The clock stands still, so that both ways have the same times, and may have the same events in
    another order: only hashes tell them apart.
    """
    begun, future = pieces(events, [cut])
    other = data.draw(arrivals(future), label="another future")
    gone = data.draw(st.sets(st.integers(0, len(future)), max_size=3), label="without")
    other = [event for place, event in enumerate(other) if place not in gone]
    with a_folder() as folder:
        url, books = f"sqlite:///{folder}/l.db", folder / "l.db-books"
        with a_ledger(url) as ledger:
            send(ledger, begun)
            ledger.back_up(str(folder / "night"))
            ledger.ask("summary")
        copied(folder, "l.db-books", "books of then")
        with Ledger.open(url, clock=Clock()) as ledger:
            send(ledger, future, batch_size=1)
            ledger.ask("summary")
        copied(folder, "l.db-books", "books of the future")
        copied(folder, "night", "l.db")
        with Ledger.open(url, clock=Clock()) as ledger:
            if data.draw(st.booleans(), label="asked before it goes on"):
                ledger.ask("summary")
            send(ledger, other, batch_size=1)
        copied(folder, "l.db", "fresh")
        with Ledger.open(f"sqlite:///{folder}/fresh", clock=Clock()) as fresh:
            asked = a_question(data, fresh, events)
            expected = in_bytes(ask_everything(fresh, **asked))
        found = data.draw(
            st.sampled_from((books.name, "books of then", "books of the future")), label="books"
        )
        if found != books.name:
            copied(folder, found, books.name)
        with Ledger.open(url, clock=Clock()) as ledger:
            assert in_bytes(ask_everything(ledger, **asked)) == expected
            assert ledger.rebuild(check=True)["differences"] == []
