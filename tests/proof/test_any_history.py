"""Whatever is recorded, the check passes; and whenever the process dies, what is left is whole."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from hypothesis import given, settings
from sessions import foundation, openings
from worlds import worlds

from ledger import Ledger


@settings(max_examples=30)
@given(worlds())
def test_every_world_passes_the_check(tmp_path_factory, events):
    """Any events in any order leave books that keep every law, and a log that is whole."""
    file = tmp_path_factory.mktemp("world") / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    with Ledger.create("memory:") as ledger:
        ledger.ingest([str(file)], batch_size=5)
        found = ledger.check(books=True)
    assert found["damage"] == []


def test_a_process_that_dies_leaves_a_whole_ledger(tmp_path):
    """Killed at any moment of an ingest, the ledger has every event with its hashes, or neither."""
    root = Path(__file__).parents[2]
    file = tmp_path / "events.jsonl"
    lines = [*foundation(), *openings(10, 3_000)]
    file.write_text("".join(f"{json.dumps(event)}\n" for event in lines), "utf-8")
    url = f"sqlite:///{tmp_path}/a.db"
    with Ledger.create(url):
        pass
    words = ["-m", "cli", "ingest", "--ledger", url, "--batch-size", "50", str(file)]
    reached = set()
    for pause in (0.0, 0.02, 0.1, 0.05):
        with Ledger.open(url) as ledger:
            before = ledger.position
        process = subprocess.Popen(
            [sys.executable, *words],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for_events(url, before, process)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with Ledger.open(url) as ledger:
            found = ledger.check()
            assert found["damage"] == []
            reached.add(found["position"])
    assert len(reached) > 1


def _wait_for_events(url: str, before: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the process has recorded something, or is done."""
    with Ledger.open(url) as ledger:
        while ledger.position == before and process.poll() is None:
            time.sleep(0.01)
