"""Completion by the shell: ids of the ledger are offered, and a shell is never disturbed."""

import json
import os
import subprocess
import sys

import pytest

from cli.main import run

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


@pytest.fixture
def houses(tmp_path):
    """Two customers with a workspace, a contract, a package and two cases each; nadia sees w1."""
    from ledger import Ledger

    events = []
    for n in "12":
        told = {"contract": f"K{n}", "name": "n", "starts_on": "2025-01-01"}
        bought = told | {"package": f"P{n}", "kind": "addon", "ends_on": "2025-12-31"}
        opened = {"workspace": f"w{n}", "title": "t", "support_type": "reactive"}
        events += [
            ("workspace.created", {"workspace": f"w{n}", "customer": f"c{n}", "name": "n"}),
            ("contract.signed", told | {"customer": f"c{n}"}),
            ("contract.mapped", {"contract": f"K{n}", "workspace": f"w{n}"}),
            ("package.purchased", bought | {"entitlements": []}),
            ("case.opened", opened | {"case": f"{n}-own", "primary_contact": "nadia"}),
            ("case.opened", opened | {"case": f"{n}-other"}),
        ]
    role = {"principal": "user:nadia", "role": "customer_activity", "scope": "workspace:w1"}
    events.append(("role.granted", role))
    common = {"specversion": "1.0", "source": "u", "time": "2025-01-01T00:00:00Z"}
    file = tmp_path / "houses.jsonl"
    file.write_text(
        "".join(
            f"{json.dumps(common | {'id': str(at), 'type': type_, 'data': data})}\n"
            for at, (type_, data) in enumerate(events)
        )
    )
    url = f"sqlite:///{tmp_path}/houses.db"
    with Ledger.create(url) as made:
        assert made.ingest([str(file)]).appended == len(events)
    return url


@pytest.fixture
def offered(houses, monkeypatch, capsys):
    """What is offered within this process, where the cursor is on a word: by default the last."""

    def complete(words, at=None):
        monkeypatch.setenv("_CPOD_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ") if at is None else at))
        monkeypatch.setenv("CPOD_LEDGER", houses)
        with pytest.raises(SystemExit):
            run([])
        return [line.partition(",")[2] for line in capsys.readouterr().out.splitlines() if line]

    return complete


@pytest.mark.parametrize(
    "words,found",
    [
        ("cpod cases --workspace ", ["w1", "w2"]),
        ("cpod cases --as nadia --workspace ", ["w1"]),
        ("cpod cases --as=nadia --workspace ", ["w1"]),
        ("cpod cases --as = nadia --workspace ", ["w1"]),
        ("cpod cases --as 'nadia' --workspace w", ["w1"]),
        ("cpod summary --as nadia --contract ", ["K1"]),
        ("cpod packages --as nadia --package ", ["P1"]),
        ("cpod statement --as nadia ", ["P1"]),
        ("cpod history --as nadia --case ", ["1-own"]),
        ("cpod cases --as nobody --workspace ", []),
        ("cpod cases --as nadia --as nobody --workspace ", []),
        ("cpod cases --as (erased) --workspace ", []),
    ],
)
def test_with_a_viewer_only_what_they_may_see_is_offered(words, found, offered):
    """However `--as` is written: of another customer, nothing."""
    assert offered(words) == found


@pytest.mark.parametrize("after", [["--as", "nadia"], ["--as=nadia"], ["--as", "=", "nadia"]])
def test_a_viewer_after_what_is_completed_counts(after, offered):
    """One who goes back on the line is offered no more than at its end."""
    assert offered(" ".join(["cpod cases --workspace w", *after]), at=3) == ["w1"]
    assert offered("cpod cases --workspace w --as", at=3) == []


def test_without_a_ledger_nothing_is_offered_and_nothing_is_said(tmp_path):
    """A shell that completes shows no error."""
    assert completed("cpod packages --contract ", f"sqlite:///{tmp_path}/none.db") == []
