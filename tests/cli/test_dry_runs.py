"""Dry runs: each ends as the run would, says what it would, and leaves every byte as it was."""

import gzip
import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
import story
from ran import Ran

LATE = story.event("contract.mapped", "2025-01-02", contract="LATE", workspace="W", id="late")
SIGNED = story.event(
    *("contract.signed", "2025-01-01"),
    id="signed-late",
    contract="LATE",
    customer="A",
    name="Late",
    starts_on="2025-01-01",
)
WRONG = story.event("nonsense", "2025-01-02", id="wrong")
LEARNER = story.event("course.started", "2025-02-01", workspace="W", learner="lea", item="I")
TITLE = story.event(
    *("case.opened", "2025-02-01"), case="C", workspace="W", title="for Lea", support_type="other"
)
FACTS = (story.spent(2, "2025-02-01", "one"), story.spent(3, "2025-03-01", "two"))


@pytest.fixture
def ledger(cpod, tmp_path):
    """A ledger with books, two lines that wait and a learner, and files to ingest."""
    story.ledger(cpod, [LEARNER, TITLE])
    story.write("waiting.jsonl", LATE, WRONG)
    assert cpod("ingest", "waiting.jsonl").exit == 1
    assert cpod("credits").exit == 0
    story.write("facts.jsonl", *FACTS)
    story.write("mixed.jsonl", *FACTS, FACTS[0], WRONG, SIGNED)
    lines = Path("facts.jsonl").read_bytes()
    Path("facts.jsonl.gz").write_bytes(gzip.compress(lines))
    Path("cut.jsonl.gz").write_bytes(gzip.compress(lines * 50, 0)[:2000])
    Path("batch.json").write_text(json.dumps([*FACTS, WRONG]), "utf-8")
    Path("other.db").write_bytes(b"something else")
    return tmp_path


def files(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def answered(ran: Ran) -> object:
    """What a run says for programs, but for how long it took and that it was dry."""
    facts = ran.json if ran.out else {}
    for name in ("seconds", "dry_run", "verdicts", "balances", "copied_to", "scrubbed"):
        facts.pop(name, None)
    return facts


SURE = ("--reason", "asked for")
WHO = ("--reason", "r", "--by", "ada", "--id", "mine", "--time", "2025-06-01T00:00:00Z")
RUNS = [
    (0, ("ingest", "facts.jsonl"), ()),
    (0, ("ingest", "facts.jsonl.gz", "facts.jsonl", "--batch-size", "1"), ()),
    (1, ("ingest", "mixed.jsonl", "--batch-size", "2"), ()),
    (1, ("ingest", "mixed.jsonl", "--max-errors", "1", "--batch-size", "4"), ()),
    (1, ("ingest", "batch.json", "--log-format", "json", "--retry", "1"), ()),
    (1, ("ingest", "cut.jsonl.gz"), ()),
    (2, ("ingest", "nowhere.jsonl"), ()),
    (0, ("ingest", "--init", "facts.jsonl", "--ledger", "sqlite:///new.db"), ()),
    (5, ("ingest", "--init", "facts.jsonl", "--ledger", "sqlite:///no/where.db"), ()),
    (5, ("ingest", "--init", "facts.jsonl", "--ledger", "sqlite:///other.db"), ()),
    (4, ("ingest", "facts.jsonl", "--ledger", "sqlite:///new.db"), ()),
    (0, ("correct", "adjust", "P", "CREDITS", "-2", *WHO), ()),
    (1, ("correct", "adjust", "P", "NONE", "-2", *WHO), ()),
    (0, ("correct", "transfer", "P", "CREDITS", "Q", "CREDITS", "1", *WHO), ()),
    (1, ("correct", "transfer", "P", "CREDITS", "Q", "CREDITS", "99", *WHO), ()),
    (1, ("correct", "reverse", story.SOURCE, "none", *WHO), ()),
    (0, ("correct", "amend", "P", "--ends-on", "2026-03-31", *WHO[:2], *WHO[4:]), ()),
    (0, ("access", "grant", "user:eve", "workspace_admin", "workspace:W", *WHO[4:]), ()),
    (0, ("access", "revoke", "user:eve", "customer_activity", "workspace:W", *WHO[4:]), ()),
    (4, ("access", "grant", "user:eve", "workspace_admin", "workspace:X", *WHO[4:]), ()),
    (1, ("quarantine", "retry"), ()),
    (1, ("quarantine", "retry", "2"), ()),
    (4, ("quarantine", "retry", "9"), ()),
    (0, ("quarantine", "drop", "2", "1"), (*SURE, "--confirm", "1,2")),
    (4, ("quarantine", "drop", "2", "9"), (*SURE, "--confirm", "2,9")),
    (0, ("erase", "lea"), (*SURE, "--confirm", "lea")),
    (4, ("erase", "nobody"), (*SURE, "--confirm", "nobody")),
    (0, ("copy", "sqlite:///copy.db"), ()),
    (2, ("copy", "sqlite:///cpod.db"), ()),
    (5, ("copy", "sqlite:///no/copy.db"), ()),
    (5, ("copy", "sqlite:///other.db"), ()),
]


@pytest.mark.parametrize(
    "code,words,sure", RUNS, ids=[" ".join(words)[:60] for _code, words, _sure in RUNS]
)
def test_a_dry_run_ends_as_the_run_does_and_writes_nothing(cpod, ledger, code, words, sure):
    before = files(ledger)
    dry = cpod(*words, "--dry-run", "--format", "json")
    assert files(ledger) == before
    real = cpod(*words, *sure, "--format", "json")
    assert (dry.exit, real.exit) == (code, code), (dry.err, real.err)
    assert answered(dry) == answered(real)
    assert "dry_run" not in dry.out or dry.json["dry_run"] is True
    assert (files(ledger) != before) == (code == 0 or (words[0] == "ingest" and code == 1))


@pytest.mark.parametrize(
    "words,said",
    [
        (("ingest", "mixed.jsonl"), "P CREDITS · consumed 0 → 5 · remaining 10 → 5"),
        (("correct", "adjust", "P", "CREDITS", "-2", *WHO), "P CREDITS · granted 10 → 8"),
        (("erase", "lea"), "Person 3 would be erased"),
        (("access", "grant", "user:eve", "workspace_admin", "workspace:W"), "user:eve"),
        (("quarantine", "retry", "2"), "1 tried again"),
        (("quarantine", "retry", "2"), "No balance changes."),
        (("quarantine", "drop", "2"), "1 line would go:\n  2 · unknown-type · waiting.jsonl:2 · "),
    ],
)
def test_people_read_that_nothing_was_written_and_what_would_be(cpod, ledger, words, said):
    as_of = ("--as-of", "2025-06-30") if words[0] == "ingest" else ()
    ran = cpod(*words, *as_of, "--dry-run")
    assert ran.out.startswith("Dry run, nothing was written"), ran.out
    assert said in ran.out


def test_a_retry_shows_what_each_line_would_become_and_every_balance(cpod, ledger):
    """A transfer that was refused could go by now; the other lines are as wrong as they were."""
    moved = story.event(
        *("entitlement.transferred", "2025-03-01"),
        **{"from": {"package": "P", "entitlement": "CREDITS"}},
        to={"package": "Q", "entitlement": "CREDITS"},
        quantity=12,
        authorised_by="ada",
        reason="needed there",
    )
    assert cpod("ingest", story.write("moved.jsonl", moved)).exit == 1
    words = ("quarantine", "retry", "--as-of", "2025-06-30")
    assert cpod(*words, "--dry-run", "3").exit == 1
    given = ("--time", "2025-02-01T00:00:00Z", "--reason", "r", "--by", "ada")
    assert cpod("correct", "adjust", "P", "CREDITS", "5", *given).exit == 0
    dry = cpod(*words, "--dry-run", "--format", "json")
    position = cpod("status", "--format", "json").json["position"]
    assert [tuple(row.values())[:4] for row in dry.json["verdicts"]] == [
        (1, "refused", None, "unknown-contract"),
        (2, "refused", None, "unknown-type"),
        (3, "appended", position + 1, None),
    ]
    changes = {row["package"]: row["after"]["granted"] for row in dry.json["balances"]}
    assert changes == {"P": "3", "Q": "13"}
    said = cpod(*words, "--dry-run", "3")
    assert said.exit == 0
    assert "  P CREDITS · granted 15 → 3 · remaining 15 → 3" in said.out.splitlines()
    assert cpod(*words, "3").out.startswith("1 tried again: 1 appended")


class Slow(io.BytesIO):
    """A pipe; while it is read, another process can write to the ledger."""

    def read1(self, size=-1, /):
        with closing(sqlite3.connect("cpod.db", timeout=0, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        return super().read1(100)


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_nobody_waits_for_a_pipe_while_it_is_judged(cpod, ledger, monkeypatch, packed):
    """What comes by one is read before the ledger is locked; the run prints the same numbers."""
    content = packed(Path("mixed.jsonl").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Slow(content)))
    before = files(ledger)
    dry = answered(cpod("ingest", "-", "facts.jsonl", "--dry-run", "--format", "json"))
    assert files(ledger) == before
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert answered(cpod("ingest", "-", "facts.jsonl", "--format", "json")) == dry
    assert (dry["read"], dry["duplicates"]) == (7, 3)


def test_the_file_of_a_receipt_says_that_it_was_a_dry_run(cpod, ledger):
    """It is asked for by name, and so it is written; metrics count what was done, and are not."""
    Path("cpod.prom").write_text("as before", "utf-8")
    words = ("ingest", "facts.jsonl", "--receipt", "r.json", "--metrics-file", "cpod.prom")
    assert cpod(*words, "--dry-run").exit == 0
    kept = json.loads(Path("r.json").read_text("utf-8"))
    assert (kept["dry_run"], kept["appended"], kept["ended"]) == (True, 2, "done")
    assert Path("cpod.prom").read_text("utf-8") == "as before"
    assert cpod(*words).exit == 0
    assert "dry_run" not in json.loads(Path("r.json").read_text("utf-8"))
    assert "cpod" in Path("cpod.prom").read_text("utf-8")


@pytest.mark.parametrize(
    "words", [("--follow", "inbox"), ("nats://127.0.0.1:1/S",), ("tls://127.0.0.1:1/S",)]
)
def test_what_is_consumed_by_looking_has_no_dry_run(cpod, ledger, words):
    """A file that is moved, a message that is delivered: there is nothing to undo it with."""
    Path("inbox").mkdir()
    before = files(ledger)
    ran = cpod("ingest", *words, "--dry-run")
    assert (ran.exit, len(ran.err.splitlines())) == (2, 1)
    assert files(ledger) == before


def test_no_books_are_made_by_a_dry_run(cpod, ledger):
    for path in Path().glob("cpod.db-books*"):
        path.unlink()
    before = files(ledger)
    for words in (
        ("ingest", "mixed.jsonl"),
        ("correct", "transfer", "P", "CREDITS", "Q", "CREDITS", "1", *WHO),
        ("quarantine", "retry"),
        ("erase", "lea"),
    ):
        assert cpod(*words, "--dry-run").exit in (0, 1)
        assert files(ledger) == before, words
