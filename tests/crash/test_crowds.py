"""Many processes at once on one ledger: nothing is lost or doubled, and nobody sees a gap."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import lines
import pytest
from crowd import crowd

from ledger import Ledger
from ledger.projections.books.cache import Keeping
from ledger.projections.books.location import shelf_of
from ledger.storage.log import NewEvent
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.sqlite.errors import WAIT_SECONDS

SOME = {"tail": 1, "ask": 1, "rebuild": 1, "retry": 1, "seal": 1, "check": 1}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_crowd_loses_and_doubles_nothing(request, kind):
    """Writers send the same lines while others follow, ask, rebuild, retry, seal and check."""
    stage = request.getfixturevalue("stage" if kind == "sqlite" else "postgres_stage")
    came = crowd(stage, seed=1, size=600, writers=3, others=SOME)
    assert came.position == 606
    assert max(wait.longest for wait in came.waits) < WAIT_SECONDS
    assert all(each["seen"] == came.position for each in came.others["tail"])


def test_a_reader_never_blocks_a_writer(tmp_path):
    """While a reader holds what it sees, a writer commits, and the reader goes on seeing that."""
    url = f"sqlite:///{tmp_path}/l.db"
    create_log(url, lambda: 1, bytes).close()
    reader, log = open_reader(url), open_log(url, lambda: 1)
    with reader._connection:
        reader._connection.execute("BEGIN")
        assert reader.read(0) == []
        with ThreadPoolExecutor() as pool:
            pool.submit(_append, log).result(timeout=10)
        assert reader.read(0) == []
    assert len(reader.read(0)) == 1
    reader.close()
    log.close()


def _append(log):
    with log.writing() as writer:
        writer.append([NewEvent("a", 1, "case.closed", b"{}", "k")])


def test_books_that_are_emptied_before_they_are_read_are_caught_up_again(tmp_path, monkeypatch):
    """Between catching up and reading, somebody else rebuilds: the answer knows all the same."""
    url = f"sqlite:///{tmp_path}/l.db"
    with Ledger.create(url) as ledger:
        file = tmp_path / "lines.jsonl"
        file.write_bytes(b"\n".join(lines.large(1, 20)))
        ledger.ingest([str(file)])
        expected = ledger.ask("packages", as_of="2025-06-01")
        caught_up, emptied = Keeping.caught_up, []

        def disturbed(keeping, on_progress=None):
            found = caught_up(keeping, on_progress)
            if not emptied:
                emptied.append(keeping)
                shelf_of(url).discard()
            return found

        monkeypatch.setattr(Keeping, "caught_up", disturbed)
        assert ledger.ask("packages", as_of="2025-06-01") == expected
        assert emptied
        assert expected["position"] == 26


def test_rebuilding_leaves_those_who_read_what_they_read(tmp_path):
    """The file of the books stays where others have it open."""
    url = f"sqlite:///{tmp_path}/l.db"
    with (
        Ledger.create(url) as ledger,
        Ledger.open(url) as other,
        closing(other._keeping.caught_up()) as books,
        books.reading(),
    ):
        before = books.checkpoint
        file = (tmp_path / "l.db-books").stat().st_ino
        assert ledger.rebuild() == {"position": 0}
        assert books.checkpoint == before
        assert (tmp_path / "l.db-books").stat().st_ino == file
