"""A small ledger, and what runs `cpod` on it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from exported_world import EVENTS
from ran import Ran

from cli.language.wording import LANGUAGES, speak
from cli.main import run


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """Return a directory with the ledger in it."""
    where = tmp_path_factory.mktemp("ledger")
    lines = [
        json.dumps(
            {
                "specversion": "1.0",
                "id": str(number),
                "source": "/test",
                "type": kind,
                "time": at,
                "data": data,
            }
        )
        for number, (kind, at, data) in enumerate(EVENTS)
    ]
    (where / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    from ledger.ledger import Ledger

    with Ledger.create(f"sqlite:///{where}/cpod.db") as ledger:
        ledger.ingest([str(where / "events.jsonl")])
        assert ledger.status()["position"] == len(EVENTS) == 28
        ledger.ask("contracts")
    return where


@pytest.fixture
def place(made, tmp_path, monkeypatch) -> Path:
    """Return a directory of one's own with a copy of the ledger in it, and go there."""
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name in ("LEDGER", "FORMAT", "LANG"):
        monkeypatch.delenv(f"CPOD_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cpod(place, capsys) -> Callable[..., Ran]:
    """Return what runs a command line on the ledger, in this process."""

    def runs(*argv: str) -> Ran:
        capsys.readouterr()
        code = run(argv)
        sys.stdout.flush()
        out, err = capsys.readouterr()
        speak(LANGUAGES[0])
        return Ran(code, out, err)

    return runs
