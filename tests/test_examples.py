"""The worked examples, through the command line: what is typed, what is answered, how it exits."""

import json
import os
from functools import cache
from pathlib import Path

import pytest
from oracle.matching import matches
from postgres_server import schema_url

from cli.main import run

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = Path(os.environ.get("CPOD_SHARED") or ROOT.parent / "shared") / "examples"
NAMES = ("balances", "cases", "additional", "access")


def questions():
    """Every question of every example that is here, with what it expects."""
    for name in NAMES:
        path = EXAMPLES / f"{name}.expected.json"
        asked = json.loads(path.read_text("utf-8")) if path.is_file() else []
        for number, one in enumerate(asked):
            yield pytest.param(name, one, id=f"{name}-{number}-{one['argv'][0]}")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def ledger_of(request, tmp_path_factory):
    """The URL of a ledger that was sent an example, by the name of the example."""

    @cache
    def sent(name):
        if request.param == "postgres":
            url = schema_url(request.getfixturevalue("postgres_server"))
        else:
            url = f"sqlite:///{tmp_path_factory.mktemp('examples')}/{name}.db"
        assert run(["--ledger", url, "ingest", "--init", str(EXAMPLES / f"{name}.jsonl")]) == 0
        return url

    return sent


def test_examples_are_there_or_said_to_be_missing():
    """A run without the shared examples says what it skipped."""
    missing = [name for name in NAMES if not (EXAMPLES / f"{name}.expected.json").is_file()]
    if missing:
        print(f"skipped: {', '.join(missing)} are not here (set CPOD_SHARED)")


@pytest.mark.parametrize("name,asked", list(questions()))
def test_the_command_line_gives_the_worked_answer(name, asked, ledger_of, capsys):
    """Every question that was worked by hand is answered so, and exits so."""
    url = ledger_of(name)
    capsys.readouterr()
    code = run(["--ledger", url, *asked["argv"]])
    said = capsys.readouterr()
    assert code == asked["exit"], said.err
    if "expect" in asked:
        assert matches(asked["expect"], json.loads(said.out)) == []
    if code:
        assert not said.out
        assert json.loads(said.err)["error"]["exit"] == code


@pytest.mark.parametrize("name", NAMES)
def test_an_example_sent_twice_is_all_duplicates(name, tmp_path, capsys):
    """Every line of an example is appended once; `balances` sends one line twice itself."""
    path = EXAMPLES / f"{name}.jsonl"
    if not path.is_file():
        print(f"skipped: {name} is not here (set CPOD_SHARED)")
        return
    ingest = ["--ledger", f"sqlite:///{tmp_path}/l.db", "ingest", "--format", "json", str(path)]
    assert run([*ingest, "--init"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(ingest) == 0
    second = json.loads(capsys.readouterr().out)
    twice = int(name == "balances")
    assert (first["duplicates"], first["refused"], first["released"]) == (twice, 0, 0)
    assert first["appended"] == first["read"] - twice == first["last_position"]
    assert (second["appended"], second["duplicates"]) == (0, second["read"])
