"""Commands that write, from end to end: init, ingest, the quarantine, rebuild."""

import json
import sqlite3
from pathlib import Path

import pytest

FIELDS = {"read", "appended", "released", "duplicates", "refused"}
FIELDS |= {"first_position", "last_position", "seconds", "taken_over", "refused_before"}


def event(number: int, type_name: str, **data: object) -> str:
    """Return one line."""
    return json.dumps(
        {
            "specversion": "1.0",
            "source": "urn:test",
            "id": str(number),
            "type": type_name,
            "time": f"2025-01-{number:02}T00:00:00Z",
            "data": data,
        }
    )


CREATED = event(1, "workspace.created", workspace="W", customer="C", name="Paris")
SIGNED = event(2, "contract.signed", contract="K", customer="C", name="N", starts_on="2025-01-01")
MAPPED = event(3, "contract.mapped", contract="K", workspace="W")


@pytest.fixture
def lines(tmp_path):
    """Return what writes lines to a file."""

    def writes(*texts: str, name: str = "events.jsonl") -> str:
        (tmp_path / name).write_text("".join(f"{text}\n" for text in texts))
        return name

    return writes


def test_a_second_init_says_that_the_ledger_is_there(cpod):
    first, second = cpod("init"), cpod("init")
    assert (first.exit, second.exit) == (0, 0)
    assert first.out == "Created the ledger sqlite:///cpod.db.\n"
    assert second.out == "The ledger sqlite:///cpod.db is there already.\n"
    assert cpod("init", "--format", "json").json == {
        "ledger": "sqlite:///cpod.db",
        "created": False,
    }


def test_ingest_creates_a_ledger_only_when_asked_to(cpod, lines):
    path = lines(CREATED)
    missing = cpod("ingest", path)
    assert missing.exit == 4
    assert "cpod init" in missing.err
    assert not Path("cpod.db").exists()
    assert cpod("ingest", "--init", path).exit == 0
    assert cpod("ingest", "--init", path).out.startswith("1 line read: 0 appended, 1 duplicate,")


def test_a_path_that_is_not_there_creates_nothing(cpod):
    ran = cpod("ingest", "--init", "nowhere.jsonl")
    assert ran.exit == 2
    assert "nowhere.jsonl does not exist" in ran.err
    assert not Path("cpod.db").exists()


def test_the_receipt_has_the_fields_of_the_contract(cpod, lines):
    ran = cpod("ingest", "--init", lines(CREATED, SIGNED, MAPPED), "--format", "json")
    assert ran.exit == 0
    assert set(ran.json) >= FIELDS
    assert (ran.json["read"], ran.json["appended"], ran.json["last_position"]) == (3, 3, 3)


def test_what_is_refused_is_told_by_cause_with_the_first_line_and_advice(cpod, lines):
    path = lines("nonsense", MAPPED, "more nonsense", CREATED)
    ran = cpod("ingest", "--init", path)
    assert ran.exit == 1
    assert ran.out.startswith("4 lines read: 1 appended, 0 duplicates, 3 refused; position 1; ")
    told = ran.err.splitlines()
    assert len(told) == 4
    assert told[0].startswith("2 lines refused (bad-json), the first at events.jsonl:1: ")
    assert told[1] == "  Send one JSON object a line, in UTF-8, each key once."
    assert told[2].startswith("1 line refused (unknown-contract), the first at events.jsonl:2: ")


def test_the_advice_is_in_the_language_that_is_asked_for(cpod, lines):
    ran = cpod("ingest", "--init", lines("nonsense"), "--lang", "fr")
    assert "Envoyez un objet JSON par ligne" in ran.err


def test_a_dry_run_gives_verdicts_and_writes_nothing(cpod, lines):
    path = lines(CREATED, "nonsense")
    dry = cpod("ingest", "--init", "--dry-run", path, "--format", "csv")
    assert dry.exit == 1
    assert dry.out.splitlines()[1].startswith("events.jsonl,1,appended,")
    assert dry.out.splitlines()[2].startswith("events.jsonl,2,refused,bad-json,")
    assert not Path("cpod.db").exists()
    cpod("init")
    assert "nothing was written" in cpod("ingest", "--dry-run", path).out
    assert cpod("ingest", "--dry-run", path, "--format", "json").json["dry_run"] is True
    assert cpod("status", "--format", "json").json["position"] == 0
    assert cpod("quarantine", "list", "--format", "json").json["rows"] == []


def test_the_quarantine_shows_retries_and_drops_what_waits(cpod, lines):
    cpod("ingest", "--init", lines(MAPPED, "non\x1bsense"))
    listed = cpod("quarantine", "list")
    assert "unknown-contract" in listed.out
    row = cpod("quarantine", "list", "--format", "json").json["rows"][0]
    assert {"number", "code", "file", "line", "reason", "raw"} <= set(row)
    assert row["raw"] == MAPPED
    assert cpod("quarantine", "show", "1", "--raw").out == f"{MAPPED}\n"
    shown = cpod("quarantine", "show", "2")
    assert "\x1b" not in shown.out
    assert "Send one JSON object a line" in shown.out
    retried = cpod("quarantine", "retry")
    assert retried.exit == 1
    assert retried.out == "2 tried again: 0 appended, 0 duplicates, 2 still refused.\n"
    words = ("quarantine", "drop", "2", "--reason", "noise", "--confirm", "2")
    assert cpod(*words).out == "1 line dropped; the register says so.\n"
    assert cpod(*words).exit == 4
    assert cpod("quarantine", "show", "2").exit == 4


@pytest.mark.parametrize(
    "words,said",
    [
        ((), "--reason"),
        (("--reason", ""), "--reason"),
        (("--reason", "  ", "--confirm", "2"), "--reason"),
        (("--reason", "  ", "--dry-run"), "--reason"),
        (("--confirm", "3", "--dry-run"), "other lines"),
        (("--reason", "noise"), "--confirm"),
        (("--reason", "noise", "--confirm", ""), "other lines"),
        (("--reason", "noise", "--confirm", "1"), "other lines"),
        (("--reason", "noise", "--confirm", "1,2,3"), "other lines"),
        (("--reason", "noise", "--confirm", "3"), "other lines"),
        (("--reason", "noise", "--confirm", "2"), "other lines"),  # how many, or that one alone?
        (("--reason", "noise", "--confirm"), "--confirm"),
    ],
)
def test_lines_are_not_dropped_by_accident(cpod, lines, words, said):
    cpod("ingest", "--init", lines("a", "b", "c"))
    ran = cpod("quarantine", "drop", "1", "2", *words)
    assert (ran.exit, len(ran.err.splitlines())) == (2, 1)
    assert said in ran.err
    assert len(cpod("quarantine", "list", "--format", "json").json["rows"]) == 3


@pytest.mark.parametrize("confirm", ["2", "1,3", "3, 1", "1 3"])
@pytest.mark.parametrize("reason", ["--reason", "--why"])
def test_a_drop_is_confirmed_by_the_numbers_or_by_how_many_they_are(cpod, lines, confirm, reason):
    cpod("ingest", "--init", lines("a", "b", "c"))
    ran = cpod("quarantine", "drop", "1", "3", "3", reason, "noise", "--confirm", confirm)
    assert (ran.exit, ran.out) == (0, "2 lines dropped; the register says so.\n")


@pytest.mark.parametrize("answer,code,left", [("2", 0, 1), ("1 3", 0, 1), ("1", 2, 3)])
def test_somebody_at_a_terminal_is_asked_before_lines_are_dropped(
    cpod, lines, monkeypatch, answer, code, left
):
    cpod("ingest", "--init", lines("a", "b", "c"))
    asked = []
    monkeypatch.setattr("cli.confirming.is_terminal", lambda stream: True)
    monkeypatch.setattr("click.prompt", lambda text, err: asked.append(text) or answer)
    assert cpod("quarantine", "drop", "1", "3", "--reason", "noise").exit == code
    assert asked[0].startswith("Nobody can take this back. Give the numbers once more")
    assert len(cpod("quarantine", "list", "--format", "json").json["rows"]) == left


def test_what_waits_is_released_by_itself(cpod, lines):
    cpod("ingest", "--init", lines(MAPPED))
    ran = cpod("ingest", lines(CREATED, SIGNED, name="terms.jsonl"))
    assert ran.exit == 0
    assert "3 appended (1 had waited)" in ran.out
    assert cpod("quarantine", "list").out.endswith("\n\nNothing waits in the quarantine.\n")


def test_rebuild_makes_the_books_anew_and_check_finds_a_difference(cpod, lines):
    cpod("ingest", "--init", lines(CREATED, SIGNED, MAPPED))
    assert cpod("rebuild").out == "The books were made anew, up to position 3.\n"
    assert cpod("rebuild", "--check").exit == 0
    with sqlite3.connect("cpod.db-books") as books:
        books.execute("DELETE FROM terms WHERE position = 3")
    books.close()
    ran = cpod("rebuild", "--check")
    assert ran.exit == 1
    assert "terms" in ran.out


def test_status_says_how_far_the_ledger_has_come(cpod, lines):
    cpod("ingest", "--init", lines(CREATED, "nonsense"))
    status = cpod("status", "--format", "json").json
    assert status["position"] == 1
    assert status["quarantine"] == {"bad-json": 1}
    assert status["versions"]["cpod"]
    assert "quarantine bad-json" in cpod("status").out
    assert "quarantine_bad-json" in cpod("status", "--format", "csv").out


def test_status_leaves_nothing_beside_the_ledger(cpod, lines):
    cpod("ingest", "--init", lines(CREATED))
    assert cpod("summary").exit == 0
    before = sorted(path.name for path in Path().iterdir())
    assert cpod("status").exit == 0
    assert sorted(path.name for path in Path().iterdir()) == before
