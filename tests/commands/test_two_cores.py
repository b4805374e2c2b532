"""Books that two processes make: whatever ends one of them, nothing is lost, nor half there."""

import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from ledger import Ledger
from ledger import worker as second_process
from ledger.errors import Damaged
from ledger.projections.books import catch_up as catching_up
from ledger.projections.books.compare import differences
from ledger.projections.books.location import Nowhere
from ledger.projections.books.parallel import SecondFolder
from ledger.projections.books.sqlite import open_books
from ledger.storage.codec import Codec
from ledger.storage.vault.vault import Vault

EVENTS = 60


def sent(number):
    kind, data = "case.updated", {"status": f"s{number}"}
    if number % 3 == 0:
        kind, data = "case.opened", {"workspace": "W", "title": "t", "support_type": "reactive"}
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "urn:desk",
        "type": kind,
        "time": f"2025-03-01T10:00:{number:02d}Z",
        "data": {"case": f"C{number % 7}" if number % 3 else f"C{number}", **data},
    }


@pytest.fixture
def ledger(tmp_path):
    """A ledger of some chunks."""
    (tmp_path / "lines").write_text("\n".join(json.dumps(sent(n)) for n in range(EVENTS)))
    with Ledger.create(f"sqlite:///{tmp_path}/a.db") as ledger:
        ledger.ingest([str(tmp_path / "lines")], batch_size=5)
        yield ledger


@pytest.fixture
def two_cores(monkeypatch):
    """A machine of two cores, and small chunks; returns the second processes that are begun."""
    monkeypatch.setattr(second_process, "_may_fork", lambda: True)
    monkeypatch.setattr(catching_up, "CHUNK", 5)
    monkeypatch.setattr(catching_up, "_PIECE", 5)
    monkeypatch.setattr(catching_up, "_LONG", 10)
    monkeypatch.setattr(catching_up, "_TOGETHER", 2)
    begun = []

    def begin(decoder):
        begun.append(second := began(decoder))
        return second

    began = SecondFolder.begun
    monkeypatch.setattr(SecondFolder, "begun", begin)
    return begun


def codec_of(ledger):
    return Codec(vault=Vault(ledger.log))


def catch_up(ledger, books, on_progress=None):
    catching_up.catch_up(books, ledger.log, codec_of(ledger), EVENTS, on_progress)


def expected(ledger):
    """Books that one process has made, in one step."""
    books = Nowhere().open(ledger.log.ledger_id)
    with books.writing():
        rows = ledger.log.read(0, EVENTS)
        catching_up.absorb(books, ledger.log, codec_of(ledger), rows)
        books.move_to(EVENTS, rows[-1].recorded_at, ledger.log.root_at(EVENTS))
    return books


def test_a_second_process_is_begun_once_and_leaves_nothing(ledger, two_cores):
    """It ends when the books have caught up, and a short way has none."""
    with closing(open_books(None, ledger.log.ledger_id)) as books:
        catch_up(ledger, books)
        assert differences(books, expected(ledger)) == {}
        assert len(two_cores) == 1
        assert not Path(f"/proc/{two_cores[0]._process.pid}").exists()
        catch_up(ledger, books)
        assert len(two_cores) == 1


def test_where_the_second_process_is_killed_one_does_the_rest(ledger, two_cores, tmp_path):
    """An answer does not depend on it: what is committed stays, and the rest is done here."""
    with closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as books:
        reached = []

        def kill(position):
            reached.append(position)
            if position == 10:
                os.kill(two_cores[0]._process.pid, signal.SIGKILL)

        catch_up(ledger, books, kill)
        assert reached == [10, *range(15, EVENTS + 1, 5)]
        assert len(two_cores) == 1
        assert differences(books, expected(ledger)) == {}


def test_who_is_overtaken_goes_on_from_there(ledger, two_cores, tmp_path):
    """Another process may catch the same books up meanwhile: nothing is entered twice."""
    with (
        closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as books,
        closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as others,
    ):
        reached = []

        def overtake(position):
            reached.append(position)
            if len(reached) == 1:
                catching_up.catch_up(others, ledger.log, codec_of(ledger), 25)

        catch_up(ledger, books, overtake)
        assert reached[0] == 10
        assert reached[1] > 25
        assert differences(books, expected(ledger)) == {}


def test_an_event_that_cannot_be_read_is_named(ledger, two_cores, tmp_path, monkeypatch):
    """The second process finds it; what is said is what one process would say."""
    recorded = Codec.recorded

    def damaged(codec, row):
        if row.position == 33:
            row = row._replace(state=b"{}")
        return recorded(codec, row)

    monkeypatch.setattr(Codec, "recorded", damaged)
    with closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as books:
        with pytest.raises(Damaged, match="position 33") as by_two:
            catch_up(ledger, books)
        assert books.checkpoint.position == 20
        monkeypatch.setattr(second_process, "_may_fork", lambda: False)
        with pytest.raises(Damaged) as by_one:
            catch_up(ledger, books)
        assert str(by_two.value) == str(by_one.value)


def test_who_is_erased_meanwhile_is_not_in_the_books(ledger, two_cores, tmp_path):
    """Books that were wiped under way are made anew, from the first event on."""
    with (
        closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as books,
        closing(open_books(tmp_path / "b", ledger.log.ledger_id)) as others,
    ):
        reached = []
        erased = ledger.log.erased

        def erase(position):
            reached.append(position)
            if len(reached) == 1:
                ledger.log.erased = lambda: b"one"
                others.wipe(others.checkpoint, b"one")
                assert others.scrub()

        try:
            catch_up(ledger, books, erase)
        finally:
            ledger.log.erased = erased
        assert reached[:2] == [10, 10]
        assert books.checkpoint.position == EVENTS
        assert books.checkpoint.erased == b"one"
