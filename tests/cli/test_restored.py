"""A backup that is put back over the ledger, on the command line: what is said, and when."""

import shutil

import pytest
from story import FOUNDATION, line, package, spent, write

BEFORE = len(FOUNDATION) + 1


@pytest.fixture
def restored(cpod):
    """A ledger that was asked, and over which a copy of an earlier moment was put then."""
    write("a.jsonl", *FOUNDATION, package("R", lines=[line("CREDITS", "credit", 100)]))
    write("b.jsonl", spent(90, "2025-04-01", "a-mistake", "R"))
    cpod("ingest", "--init", "a.jsonl")
    cpod("backup", "night.db")
    cpod("ingest", "b.jsonl")
    assert consumed(cpod)[1] == "90"
    shutil.copy("night.db", "cpod.db")


def consumed(cpod):
    ran = cpod("packages", "--package", "R", "--as-of", "2025-12-31", "--format", "json")
    assert ran.exit == 0
    (found,) = ran.json["packages"]
    return ran.json["position"], found["consumables"][0]["consumed"]


def test_nothing_of_what_was_taken_back_is_answered(cpod, restored):
    """Neither before anything new is recorded nor after it; and nobody is told to restore again."""
    assert consumed(cpod) == (BEFORE, "0")
    write("c.jsonl", spent(9, "2025-04-01", "right", "R"))
    cpod("ingest", "c.jsonl")
    assert consumed(cpod) == (BEFORE + 1, "9")


def test_status_and_check_say_it_and_it_is_no_damage(cpod, restored):
    """Before the books are rebuilt, and afterwards, until somebody rebuilds them on purpose."""
    for words in (["status"], ["check"]):
        ran = cpod(*words)
        assert f"belong to another history (up to position {BEFORE + 1}, recorded 20" in ran.out
        assert ran.exit == 0
    ran = cpod("rebuild", "--check")
    assert "belonged to another history" in ran.out
    assert ran.exit == 0
    for words in (["status"], ["check", "--books"]):
        ran = cpod(*words)
        assert "They have been rebuilt from the events." in ran.out
        assert ran.exit == 0
    assert "reconstruits" in cpod("check", "--lang", "fr").out
    assert "other_history_rebuilt" in cpod("status", "--format", "csv").out
    cpod("rebuild")
    assert "another history" not in cpod("status").out + cpod("check").out
