"""The second core changes the time of an ingest, and nothing else."""

import os
import signal
from pathlib import Path

from ledger.commands import second_core
from ledger.commands.preparing import Facts, columns_of, prepare
from ledger.commands.second_core import SecondCore
from ledger.commands.sources import Line
from ledger.storage.codec import Codec

FACT = (
    '{"specversion":"1.0","id":"%d","source":"urn:test","type":"case.opened",'
    '"time":"2025-01-01T00:00:00+01:00","data":{"case":"%d","workspace":"w","title":"t",'
    '"support_type":"reactive","package":"p"}}'
)
TERM = (
    '{"specversion":"1.0","id":"t%d","source":"urn:test","type":"contract.amended",'
    '"time":"2025-01-01T00:00:00Z","data":{"contract":"k","reason":"r"}}'
)


def batches(count):
    lines = []
    for number in range(count):
        raws = [FACT % (number, number), TERM % number, "{no json", FACT % (number, number + 1)]
        lines.append([Line("f", at, raw.encode()) for at, raw in enumerate(raws)])
    return lines


def wait_until_ready(core):
    core._begin()
    assert core._ready.wait(60), "the other process never said that it is ready"


def test_what_another_process_prepares_is_what_is_prepared_here(monkeypatch):
    """Facts, terms and refused lines come back as they would have been prepared here, in order."""
    monkeypatch.setattr(second_core, "_cores", lambda: 2)
    codec = Codec()
    sent = batches(20)
    with SecondCore(codec) as core:
        wait_until_ready(core)
        prepared = list(core.prepared(sent))
    assert list(map(list, prepared)) == [[prepare(codec, line) for line in batch] for batch in sent]


def test_an_ingest_goes_on_when_the_other_process_is_killed(monkeypatch):
    """Whatever was with a process that died is prepared here."""
    monkeypatch.setattr(second_core, "_cores", lambda: 2)
    codec = Codec()
    sent = batches(40)
    prepared = []
    with SecondCore(codec) as core:
        wait_until_ready(core)
        for number, batch in enumerate(core.prepared(sent)):
            prepared.append(batch)
            if number == 10:
                os.kill(core._process.pid, signal.SIGKILL)
    assert list(map(list, prepared)) == [[prepare(codec, line) for line in batch] for batch in sent]


def test_without_a_second_core_no_process_is_started(monkeypatch):
    """One core prepares by itself."""
    monkeypatch.setattr(second_core, "_cores", lambda: 1)
    with SecondCore(Codec()) as core:
        assert len(list(core.prepared(batches(10)))) == 10
        assert core._process is None


def test_lines_before_an_input_that_fails_are_prepared(monkeypatch):
    """An input that ends in an error has had all its earlier lines judged by then."""
    monkeypatch.setattr(second_core, "_cores", lambda: 2)

    def failing():
        yield from batches(10)
        raise second_core.CpodError("the input ended")

    seen = 0
    with SecondCore(Codec()) as core:
        wait_until_ready(core)
        try:
            for _ in core.prepared(failing()):
                seen += 1
        except second_core.CpodError:
            pass
    assert seen == 10


def test_it_leaves_nothing_behind(monkeypatch):
    """The other process is gone when the ingest is."""
    monkeypatch.setattr(second_core, "_cores", lambda: 2)
    with SecondCore(Codec()) as core:
        wait_until_ready(core)
        pid = core._process.pid
    assert not Path(f"/proc/{pid}").exists() or core._process.returncode is not None


def test_facts_that_come_back_are_known_field_by_field(monkeypatch):
    """A batch of nothing but facts has columns of its own, the same as those of its lines."""
    monkeypatch.setattr(second_core, "_cores", lambda: 2)
    sent = [[line for line in batch if line.raw.startswith(b'{"spec')][::3] for batch in batches(9)]
    with SecondCore(Codec()) as core:
        wait_until_ready(core)
        found = list(core.prepared(sent))
    facts = [batch for batch in found if isinstance(batch, Facts)]
    assert facts
    assert [columns_of(batch) for batch in facts] == [columns_of(list(batch)) for batch in facts]
    assert facts[0][0:1] == [facts[0][0]]
