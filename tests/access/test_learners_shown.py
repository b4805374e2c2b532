"""Whatever form an answer about courses takes, it names nobody whom the viewer may not see."""

import json

import pytest
from test_learners import END, HIDDEN, STARTED, told

from cli.main import run
from ledger import Ledger

PLACE = ("P", "EDU", "--as-of", END, "--as", "nadia")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("courses")
    file = folder / "events.jsonl"
    events = told(STARTED)
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    with Ledger.create(f"sqlite:///{folder}/l.db") as ledger:
        assert ledger.ingest([str(file)]).appended == len(events)
        ledger.ask("workspaces")
    return f"sqlite:///{folder}/l.db"


@pytest.mark.parametrize(
    "language,others", [("en", "used by others"), ("fr", "consommé par d’autres")]
)
@pytest.mark.parametrize(
    "words",
    [
        *(("statement", *PLACE), ("explain", *PLACE)),
        ("report", "K", "--as-of", END, "--as", "nadia", "--format", "md"),
        ("report", "K", "--as-of", END, "--as", "nadia", "--format", "html"),
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_others_are_one_line_in_every_form(url, capsys, words, language, others):
    """The words for it stand in tables and documents; no name, item or day of another does."""
    assert run(["--ledger", url, "--lang", language, *words]) == 0
    out = capsys.readouterr().out
    assert out.count(others) == 1
    assert not any(name in out for name in HIDDEN)
    assert not any(day in out for day, _place in STARTED)


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_programs_are_told_of_no_other(url, capsys, form):
    """Where there is no event and no instant there is nothing, in every format."""
    for view in ("statement", "explain"):
        assert run(["--ledger", url, view, *PLACE, "--format", form]) == 0
        out = capsys.readouterr().out
        assert out.count("used_by_others") == 1
        assert not any(text in out for text in (*HIDDEN, *(day for day, _place in STARTED)))
    dates = ["--from", "2025-01-01", "--to", END]
    assert run(["--ledger", url, "diff", *dates, "--package", "P", "--as", "nadia"]) == 1
    out = capsys.readouterr().out
    assert not any(text in out for text in (*HIDDEN, *(day for day, _place in STARTED)))
