"""Completion by the shell: ids of the ledger are offered, and a shell is never disturbed."""

import os
import subprocess
import sys

import pytest

EVENTS = """\
{"specversion":"1.0","id":"1","source":"u","type":"contract.signed","time":"2025-01-01T00:00:00Z",\
"data":{"contract":"K-1","customer":"c","name":"n","starts_on":"2025-01-01"}}
{"specversion":"1.0","id":"2","source":"u","type":"package.purchased","time":"2025-01-01T00:00:00Z",\
"data":{"contract":"K-1","package":"P-1","kind":"enterprise","name":"n","starts_on":"2025-01-01",\
"ends_on":"2025-12-31","entitlements":[]}}
{"specversion":"1.0","id":"3","source":"u","type":"case.opened","time":"2025-01-02T00:00:00Z",\
"data":{"case":"500-1","workspace":"w","title":"t","support_type":"other"}}
"""


def completed(words, ledger):
    environment = {
        **os.environ,
        "_CPOD_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "CPOD_LEDGER": ledger,
    }
    ran = subprocess.run(
        [sys.executable, "-m", "cli"],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    return [line.partition(",")[2] for line in ran.stdout.splitlines() if line]


@pytest.fixture
def ledger(tmp_path):
    from ledger import Ledger

    (tmp_path / "events.jsonl").write_text(EVENTS)
    url = f"sqlite:///{tmp_path}/cpod.db"
    with Ledger.create(url) as made:
        assert made.ingest([str(tmp_path / "events.jsonl")]).appended == 3
    return url


@pytest.mark.parametrize(
    "words,found",
    [
        ("cpod packages --contract ", ["K-1"]),
        ("cpod packages --package P", ["P-1"]),
        ("cpod statement ", ["P-1"]),
        ("cpod history --case 5", ["500-1"]),
        ("cpod report X", []),
    ],
)
def test_ids_are_completed_from_the_ledger(words, found, ledger):
    """What begins as it was typed is offered, and nothing else."""
    assert completed(words, ledger) == found


def test_without_a_ledger_nothing_is_offered_and_nothing_is_said(tmp_path):
    """A shell that completes shows no error."""
    assert completed("cpod packages --contract ", f"sqlite:///{tmp_path}/none.db") == []
