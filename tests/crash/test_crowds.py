"""Many processes at once on one ledger: nothing is lost or doubled, and nobody sees a gap."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from crowd import crowd

from ledger.storage.log import NewEvent
from ledger.storage.opening import create_log, open_log, open_reader
from ledger.storage.sqlite_errors import WAIT_SECONDS

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
