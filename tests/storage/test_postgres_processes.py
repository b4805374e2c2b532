"""A ledger on PostgreSQL with many processes: who is stopped, and that nothing is lost."""

import signal
from collections import Counter

import pytest
from files import clock
from places import fact
from postgres_files import filled
from test_sqlite_processes import STOPPED, WRITER, start

from ledger.storage.log import Head
from ledger.storage.opening import open_log, open_reader


def test_four_writers_at_once_lose_and_double_nothing(postgres_url):
    """Four processes append what is their own and what all have: each event is there once."""
    filled(postgres_url)
    writers = [start(WRITER, postgres_url, name) for name in "wxyz"]
    reader = open_reader(postgres_url)
    seen: list[int] = []
    while any(writer.poll() is None for writer in writers):
        seen += [row.position for row in reader.read(seen[-1] if seen else 0)]
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint
    seen += [row.position for row in reader.read(seen[-1])]
    rows = reader.read(3)
    assert seen == list(range(1, 4 + len(rows)))
    assert len(rows) == 15 * 20 * 5
    assert set(Counter(row.state for row in rows).values()) == {1}
    assert [row.version for row in rows] == list(range(1, len(rows) + 1))
    assert [row.recorded_at for row in rows] == sorted(row.recorded_at for row in rows)
    assert reader.head() == Head(rows[-1].position, rows[-1].recorded_at)
    reader.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_in_the_middle_is_undone(postgres_url, sent):
    """Ctrl-C, or the end of the process, within a transaction leaves nothing of it."""
    process = start(STOPPED, filled(postgres_url))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(sent)
    process.communicate(timeout=10)
    log = open_log(postgres_url, clock)
    assert log.head().position == 3
    with log.writing() as writer:
        writer.append([fact("b", 1)])
    assert log.head().position == 4
    log.close()


def test_one_makes_it_and_the_others_find_it(postgres_url):
    """Four processes that make the same ledger at once make one."""
    script = (
        "import sys, os, time\n"
        "from ledger.storage.opening import create_log\n"
        "log = create_log(sys.argv[1], time.time_ns, os.urandom)\n"
        "print(log.created, log.ledger_id)\n"
    )
    makers = [start(script, postgres_url) for _ in range(4)]
    said = []
    for maker in makers:
        output, complaint = maker.communicate(timeout=60)
        assert maker.returncode == 0, complaint
        said.append(output.split())
    assert sorted(created for created, _ in said) == ["False", "False", "False", "True"]
    assert len({ledger for _, ledger in said}) == 1
