"""`cpod erase` on a real ledger: what it asks for, what it says, and what others then see."""

import json
import os
import pty
import subprocess
import sys

import pytest
import story

from cli.commands import erase as erasing

SURE = ("--reason", "request 7", "--confirm", "ada")


@pytest.fixture
def ledger(cpod, tmp_path):
    """A ledger with a contact, a learner and a title that names her."""
    contact = {"package": "P", "entitlement": "SEATS", "workspace": "W", "contact": "ada"}
    story.ledger(
        cpod,
        [
            story.event("contact.added", "2025-02-01", **contact, name="Ada King", email="a@x.org"),
            story.event("course.started", "2025-02-01", workspace="W", learner="ada", item="I"),
            story.event(
                *("case.opened", "2025-02-01"),
                case="C",
                workspace="W",
                title="for Ada",
                support_type="other",
            ),
        ],
    )
    return tmp_path


def test_it_says_what_was_erased_and_where_a_name_still_stands(cpod, ledger):
    rehearsed = cpod("erase", "ada", "--dry-run", "--format", "json")
    done = cpod("erase", "ada", *SURE, "--format", "json")
    assert (rehearsed.exit, done.exit) == (0, 0)
    assert rehearsed.json == done.json | {"dry_run": True}
    assert done.json["texts"] == 3
    assert done.json["events"] == 3
    assert [row["field"] for row in done.json["rows"]] == ["data.title"]
    learners = cpod("education", "--format", "json").json["rows"]
    assert [row["learner"] for row in learners] == ["(erased)"]


def test_people_read_sentences(cpod, ledger):
    said = cpod("erase", "ada", *SURE)
    first, second, third, last = said.out.splitlines()
    assert first.startswith("Erased person 2: 3 texts that said who it is, in 3 events.")
    assert second.startswith("In 1 place")
    assert third.endswith("data.title")
    assert last.startswith("Backups")
    assert cpod("erase", "ada", "--dry-run", "--lang", "fr").exit == 4


def test_whatever_is_exported_afterwards_names_nobody(cpod, ledger):
    cpod("erase", "ada", *SURE)
    for form in ("csv", "json", "ndjson", "html", "md", "xlsx", "parquet"):
        assert cpod("education", "--output", f"education.{form}").exit == 0
        assert cpod("contacts", "--output", f"contacts.{form}").exit == 0
    sent = cpod("history", "--all", "--format", "cloudevents")
    (ledger / "history.jsonl").write_text(sent.out, encoding="utf-8")
    for file in ledger.iterdir():
        if not file.name.startswith("batch"):
            assert b"Ada King" not in file.read_bytes()
            assert b'"ada"' not in file.read_bytes()


@pytest.mark.parametrize(
    "words,code,said",
    [
        (("ada",), 2, "--reason"),
        (("ada", "--reason", ""), 2, "--reason"),
        (("ada", "--reason", " \u00a0\u200b", "--confirm", "ada"), 2, "--reason"),
        (("ada", "--reason", " ", "--dry-run"), 2, "--reason"),
        (("ada", "--confirm", "eve", "--dry-run"), 2, "differ"),
        (("ada", "--reason", "r", "--confirm", "eve"), 2, "differ"),
        (("ada", "--reason", "r"), 2, "--confirm"),
        (("ada", "--reason", "r", "--yes"), 2, "--yes"),
        (("ada", "--reason", "of Ada", "--confirm", "ada"), 2, "names the person"),
        (("ada", "--reason", "of Ada", "--dry-run"), 2, "names the person"),
        (("tom", "--reason", "r", "--confirm", "tom"), 4, "no event names tom as a person"),
        (("tom", "--dry-run"), 4, "no event names tom as a person"),
        (("ada", *SURE, "--as", "ada"), 3, "operator"),
        (("ada", "--dry-run", "--as", "ada"), 3, "operator"),
    ],
)
def test_it_is_not_done_by_accident(cpod, ledger, words, code, said):
    ran = cpod("erase", *words)
    assert ran.exit == code
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
    assert cpod("education", "--format", "json").json["rows"][0]["learner"] == "ada"


def test_a_name_that_json_escapes_is_found_in_the_quarantine(cpod, ledger):
    """Whoever wrote the line: most libraries of JSON write no letter that is not of ASCII."""
    seat = {"package": "P", "entitlement": "SEATS", "workspace": "W", "contact": "élodie.b"}
    named = story.event("contact.added", "2025-03-01", **seat, name="Élodie Béranger")
    held = story.event("contact.added", "2025-03-01", **seat, bad="x")
    assert cpod("ingest", story.write("accepted.jsonl", named)).exit == 0
    assert cpod("ingest", story.write("élodie-béranger.jsonl", held)).exit == 1
    said = cpod("erase", "élodie.b", "--dry-run")
    assert "  line 1 of the quarantine: raw\n  line 1 of the quarantine: file\n" in said.out
    rows = cpod("erase", "élodie.b", "--dry-run", "--format", "json").json["rows"]
    assert rows == [
        {"where": "quarantine", "number": 1, "field": "raw"},
        {"where": "quarantine", "number": 1, "field": "file"},
    ]


def test_twice_has_a_clear_answer(cpod, ledger):
    assert cpod("erase", "ada", *SURE).exit == 0
    again = cpod("erase", "ada", *SURE)
    assert again.exit == 4
    assert "persons erased: 1" in again.err


def test_a_terminal_is_asked(ledger):
    """A person at a terminal gives the id once more; another one erases nobody."""

    def at_a_terminal(answer):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "erase", "ada", "--reason", "r"],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        os.close(theirs)
        os.write(ours, answer)
        out, err = process.communicate(timeout=60)
        os.close(ours)
        return process.returncode, out, err

    code, out, err = at_a_terminal(b"eve\n")
    assert (code, out) == (2, b"")
    assert b"nothing was erased" in err
    code, out, err = at_a_terminal(b"ada\n")
    assert code == 0
    assert out.startswith(b"Erased person 2")
    assert b"Nobody can take this back" in err


def test_who_still_reads_what_was_before_is_told_of(cpod, ledger, monkeypatch):
    """It is done, and it is said that something is left, and what to do."""
    from ledger.storage.sqlite.log import SqliteLog

    monkeypatch.setattr(SqliteLog, "scrub", lambda self: False)
    ran = cpod("erase", "ada", *SURE, "--format", "json")
    assert ran.exit == 5
    assert ran.json["scrubbed"] is False
    assert json.loads(ran.err)["error"]["code"] == "ledger-busy"


def test_a_long_list_is_cut_off_and_says_so(cpod, ledger, monkeypatch):
    monkeypatch.setattr(erasing, "_SHOWN", 0)
    said = cpod("erase", "ada", "--dry-run")
    assert "... and 1 more" in said.out


def test_a_proof_of_before_holds_after_it(cpod, ledger):
    """A checkpoint and a proof that were handed out verify, and so does a leaf: it names nobody."""
    made = cpod("key", "new", "--output", "k.key", "--name", "ledger.example")
    key = made.out.splitlines()[-1]
    cpod("seal", "--key", "k.key", "--output", "a.checkpoint")
    position = cpod("education", "--format", "json").json["position"] - 1
    cpod(
        *("prove", "--position", str(position), "--checkpoint", "a.checkpoint"),
        *("--output", "a.tlog-proof", "--leaf", "a.leaf"),
    )
    leaf = (ledger / "a.leaf").read_bytes()
    assert b"commitment" in leaf
    assert b'"ada"' not in leaf
    assert cpod("erase", "ada", *SURE).exit == 0
    assert cpod("verify", "a.tlog-proof", "--leaf", "a.leaf", "--key", key).exit == 0
    checked = cpod("check", "--books", "--checkpoint", "a.checkpoint", "--key", key)
    assert checked.exit == 0, checked.out
    assert "Persons were erased: 1." in checked.out


def test_a_backup_is_of_its_moment(cpod, ledger):
    """One made before the erasure knows the person, and one made after it does not."""
    cpod("backup", "before.db")
    cpod("erase", "ada", *SURE)
    cpod("backup", "after.db")
    for name, known in (("before", "ada"), ("after", "(erased)")):
        url = f"sqlite:///{name}.db"
        rows = cpod("education", "--ledger", url, "--format", "json").json["rows"]
        assert rows[0]["learner"] == known
        assert cpod("check", "--ledger", url).exit == 0
