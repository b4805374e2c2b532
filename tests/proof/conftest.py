"""What tests of proofs share: `cpod` in this process, and a ledger with some events in it."""

import json
import sys

import pytest
from ran import Ran

from cli.main import run


@pytest.fixture
def cpod(capsys, monkeypatch, tmp_path):
    """Runs a command line in this process, in a directory of its own."""
    for name in ("CPOD_LEDGER", "CPOD_FORMAT", "CPOD_LANG", "CPOD_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)

    def runs(*argv: str) -> Ran:
        capsys.readouterr()
        code = run([str(word) for word in argv])
        sys.stdout.flush()
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return runs


@pytest.fixture
def send(cpod, tmp_path):
    """Ingests events from a file."""

    def sends(events: list[dict[str, object]], *options: str) -> None:
        file = tmp_path / "events.jsonl"
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
        ran = cpod("ingest", "--init", *options, str(file))
        assert ran.exit == 0, ran.err

    return sends
