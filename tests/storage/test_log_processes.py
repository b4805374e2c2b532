"""A ledger with many writers and processes, in a file and on PostgreSQL: nothing is lost."""

import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from files import clock, filled
from places import fact, url_of

from ledger import errors
from ledger.storage.log import Head
from ledger.storage.opening import open_log, open_reader
from ledger.storage.postgres import settings as postgres_settings
from ledger.storage.sqlite import connection as sqlite_connection

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request, tmp_path) -> str:
    """The URL of a place for a ledger that processes share."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    return url_of(request.param, tmp_path, server)


@pytest.fixture
def url(place) -> str:
    """The URL of a ledger with three events."""
    return filled(place)


def test_a_writer_waits_and_then_says_who_is_in_the_way(url, monkeypatch):
    """A ledger that is being written is busy, once one has waited long enough; readers go on."""
    for module in (sqlite_connection, postgres_settings):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    with closing(open_log(url, clock)) as log, closing(open_log(url, clock)) as other:
        with log.writing() as writer:
            writer.append([fact("a", 4)])
            began = time.monotonic()
            with pytest.raises(errors.LedgerBusy), other.writing():
                pass
            assert time.monotonic() - began > 0.15
            assert other.head().position == 3
        with other.writing() as writer:
            assert writer.head.position == 4


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


def said(process: subprocess.Popen[str]) -> str:
    """Return what a process says that ends well."""
    output, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    return output


def test_four_writers_at_once_lose_and_double_nothing(url):
    """Four append what is their own and what all have: each event is there once, no reader waits.

    Who reads meanwhile sees every position, in order, without a gap.
    """
    writers = [start(WRITER, url, name) for name in "wxyz"]
    reader = open_reader(url)
    seen: list[int] = []
    while any(writer.poll() is None for writer in writers):
        seen += [row.position for row in reader.read(seen[-1] if seen else 0)]
    for writer in writers:
        said(writer)
    seen += [row.position for row in reader.read(seen[-1])]
    rows = reader.read(3)
    assert seen == list(range(1, 4 + len(rows)))
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
def test_what_is_stopped_in_the_middle_is_undone(url, sent):
    """Ctrl-C, or the end of the process, within a transaction leaves nothing of it."""
    process = start(STOPPED, url)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sent)
    process.communicate(timeout=10)
    with closing(open_log(url, clock)) as log:
        assert log.head().position == 3
        with log.writing() as writer:
            writer.append([fact("b", 1)])
        assert log.head().position == 4


MAKER = """
import sys, os, time
from ledger.storage.opening import create_log
log = create_log(sys.argv[1], time.time_ns, os.urandom)
print(log.created, log.ledger_id)
"""


def test_one_makes_it_and_the_others_find_it(place):
    """Four processes that make the same ledger at once make one."""
    makers = [start(MAKER, place) for _ in range(4)]
    found = [said(maker).split() for maker in makers]
    assert sorted(created for created, _ in found) == ["False", "False", "False", "True"]
    assert len({ledger for _, ledger in found}) == 1
