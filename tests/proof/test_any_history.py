"""Whatever is recorded, the check passes; and whenever the process dies, what is left is whole."""

import json
import os
import signal
import subprocess
from pathlib import Path

from hypothesis import given, settings
from sessions import foundation, openings
from signalled import signalled
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
    """Killed in a transaction of an ingest, the ledger has every event with its hashes."""
    root = Path(__file__).parents[2]
    file = tmp_path / "events.jsonl"
    lines = [*foundation(), *openings(10, 3_000)]
    file.write_text("".join(f"{json.dumps(event)}\n" for event in lines), "utf-8")
    url = f"sqlite:///{tmp_path}/a.db"
    with Ledger.create(url):
        pass
    words = ["ingest", "--ledger", url, "--batch-size", "50", str(file)]
    reached = []
    for transaction in (1, 2, 9):
        process = subprocess.run(
            [*signalled(transaction, signal.SIGKILL), *words],
            env={**os.environ, "PYTHONPATH": str(root)},
            check=False,
        )
        assert process.returncode == -signal.SIGKILL
        with Ledger.open(url) as ledger:
            found = ledger.check()
            assert found["damage"] == []
            reached.append(found["position"])
    assert reached == [0, 50, 450]
