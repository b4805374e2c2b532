"""A ledger in a file with many processes: who waits, who is stopped, and that nothing is lost."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from files import clock
from places import fact

from ledger import errors
from ledger.storage import sqlite_connection
from ledger.storage.log import Head
from ledger.storage.opening import open_log, open_reader

ROOT = Path(__file__).resolve().parents[2]


def test_a_writer_waits_and_then_says_who_is_in_the_way(path, monkeypatch):
    """A ledger that is being written is busy, once one has waited long enough; readers go on."""
    monkeypatch.setattr(sqlite_connection, "WAIT_SECONDS", 0.2)
    log, other = (open_log(f"sqlite:///{path}", clock) for _ in range(2))
    with log.writing() as writer:
        writer.append([fact("a", 4)])
        began = time.monotonic()
        with pytest.raises(errors.LedgerBusy), other.writing():
            pass
        assert 0.15 < time.monotonic() - began < 5
        assert other.head().position == 3
    with other.writing() as writer:
        assert writer.head.position == 4
    log.close()
    other.close()


WRITER = """
import sys, time
from ledger.storage.log import NewEvent
from ledger.storage.opening import open_log
url, name = sys.argv[1:]
log = open_log(url, time.time_ns)
for turn in range(15):
    with log.writing() as writer:
        keys = [f"s\\x1f{name}/{turn}/{number}" for number in range(20)]
        keys += [f"s\\x1fshared/{turn}/{number}" for number in range(20)]
        new = [key for key in keys if key not in writer.find(keys)]
        last = writer.versions(["all"])["all"]
        writer.append([
            NewEvent("all", last + at, "case.closed", key.encode(), key)
            for at, key in enumerate(new, 1)
        ])
log.close()
"""


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_four_writers_at_once_lose_and_double_nothing(path):
    """Four processes append what is their own and what all have: each event is there once."""
    url = f"sqlite:///{path}"
    writers = [start(WRITER, url, name) for name in "wxyz"]
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint
    reader = open_reader(url)
    rows = reader.read(3)
    assert [row.position for row in rows] == list(range(4, 4 + len(rows)))
    assert len(rows) == 15 * 20 * 5
    assert set(Counter(row.state for row in rows).values()) == {1}
    assert [row.version for row in rows] == list(range(1, len(rows) + 1))
    assert [row.recorded_at for row in rows] == sorted(row.recorded_at for row in rows)
    assert reader.head() == Head(rows[-1].position, rows[-1].recorded_at)
    reader.close()


STOPPED = """
import sys, time
from ledger.storage.log import NewEvent
from ledger.storage.opening import open_log
log = open_log(sys.argv[1], time.time_ns)
with log.writing() as writer:
    writer.append([NewEvent("b", 1, "case.closed", b"{}", "k")])
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_in_the_middle_is_undone(path, sent):
    """Ctrl-C, or the end of the process, within a transaction leaves nothing of it."""
    url = f"sqlite:///{path}"
    process = start(STOPPED, url)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sent)
    process.communicate(timeout=10)
    log = open_log(url, clock)
    assert log.head().position == 3
    with log.writing() as writer:
        writer.append([fact("b", 1)])
    assert log.head().position == 4
    log.close()


def test_one_makes_it_and_the_others_find_it(tmp_path):
    """Four processes that make the same ledger at once make one."""
    script = (
        "import sys, os, time\n"
        "from ledger.storage.opening import create_log\n"
        "log = create_log(sys.argv[1], time.time_ns, os.urandom)\n"
        "print(log.created, log.ledger_id)\n"
    )
    makers = [start(script, f"sqlite:///{tmp_path}/ledger.db") for _ in range(4)]
    said = []
    for maker in makers:
        output, complaint = maker.communicate(timeout=60)
        assert maker.returncode == 0, complaint
        said.append(output.split())
    assert sorted(created for created, _ in said) == ["False", "False", "False", "True"]
    assert len({ledger for _, ledger in said}) == 1
