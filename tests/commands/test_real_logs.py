"""The two real logs are ingested whole, with the counts that are known of them."""

import pytest
from sending import Desk, counts

from ledger.commands.sources.inputs import Source


def path(shared, name):
    """Return where a log is, None (with a word) where it is not."""
    found = shared / "data" / f"{name}.cloudevents.jsonl.gz" if shared is not None else None
    if found is None or not found.is_file():
        print(f"skipped: {name} is not here (set CPOD_SHARED)")
        return None
    return str(found)


def both_times(desk, log):
    first = desk.send(lines=Source([log]))
    return counts(first), counts(desk.send(lines=Source([log])))


def test_the_help_desk_of_an_italian_company(shared, tmp_path):
    """22,950 lines, 127 of them twice; a second time all are duplicates."""
    log = path(shared, "helpdesk")
    if log is None:
        return
    desk = Desk(f"sqlite:///{tmp_path}/l.db")
    assert both_times(desk, log) == ((22_950, 22_823, 0, 127, 0), (22_950, 0, 0, 22_950, 0))
    assert desk.log.head().position == 22_823


def test_the_incidents_of_volvo(shared, tmp_path):
    """72,175 lines, each an event."""
    log = path(shared, "volvo_incidents")
    if log is None:
        return
    desk = Desk(f"sqlite:///{tmp_path}/l.db")
    assert counts(desk.send(lines=Source([log]))) == (72_175, 72_175, 0, 0, 0)


@pytest.mark.deep
def test_the_incidents_of_volvo_again_and_in_memory(shared, tmp_path):
    """A second time all are duplicates; in memory the same events are stored as on disk."""
    log = path(shared, "volvo_incidents")
    if log is None:
        return
    disk, memory = Desk(f"sqlite:///{tmp_path}/l.db"), Desk()
    assert both_times(disk, log) == ((72_175, 72_175, 0, 0, 0), (72_175, 0, 0, 72_175, 0))
    memory.send(lines=Source([log]), batch_size=10_000)
    disk_rows = disk.log.read(0, limit=100_000)
    assert [row[:5] for row in memory.log.read(0, limit=100_000)] == [row[:5] for row in disk_rows]
