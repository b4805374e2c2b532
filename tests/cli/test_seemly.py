"""What a file or an event holds never reaches a terminal raw, whichever command shows it."""

import json
import re

import pytest
from mutations import EVENTS

UNSEEMLY = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\U000e0000-\U000e007f]"
)
SPOOF = "It holds"
TURNED = "\u202e\u2066\u061c\u200e\u200b\u200d\u2060\u206a\ufeff\u3164\U000e0041"
"""What ids may hold, and turns the writing round or is not seen."""

FOUL = f"\x1b[31mX\x9b2J{TURNED}\n{SPOOF}\r\x07"
IDS = {
    *("workspace", "customer", "contract", "package", "entitlement", "case", "engagement"),
    *("learner", "item", "contact", "technology", "environment", "group", "user", "successor"),
    *("source", "id"),
}
TEXTS = {"name", "title", "reason", "description", "authorised_by", "approved_by", "product"}
FILE = "e\x1b[31m\u202e.jsonl"


def fouled(value, name=""):
    """An event whose ids and texts hold what a terminal obeys."""
    if isinstance(value, dict):
        return {key: fouled(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [fouled(item, name) for item in value]
    more = FOUL if name in TEXTS else TURNED if name in IDS else ""
    return f"{value}{more}" if isinstance(value, str) else value


@pytest.fixture
def events(cpod, tmp_path):
    """The fouled events, which the ledger has; others wait in the quarantine, as foul."""
    found = [fouled(json.loads(line)) for line in EVENTS]
    refused = ['{"a":"\x1b]0;x"}', json.dumps({**found[0], "type": FOUL, "id": "other"})]
    lines = [*map(json.dumps, found), *refused]
    (tmp_path / FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    assert (
        UNSEEMLY.search(cpod("ingest", "--init", FILE, "--ledger", "sqlite:///cpod.db").err) is None
    )
    return found


def an_id(events, name):
    return next(event["data"][name] for event in events if name in event["data"])


def test_no_command_shows_what_a_terminal_obeys(cpod, events, monkeypatch):
    """Answers, verdicts, errors: no control character, and no line that an event has made up."""
    monkeypatch.setenv("CPOD_LEDGER", "sqlite:///cpod.db")
    contract, package, case = (an_id(events, name) for name in ("contract", "package", "case"))
    entitlement, first = an_id(events, "entitlement"), events[0]
    key = cpod("key", "new", "--output", "key", "--name", "log").out.strip()
    sealing = ("--key", "key", "--output", "seal")
    proving = ("--position", "3", "--output", "proof", "--leaf", "leaf")
    commands = [
        *(("summary",), ("contracts",), ("workspaces",), ("additional",), ("engagements",)),
        *(("credits",), ("education",), ("contacts",), ("assessments",), ("status",), ("exports",)),
        *(("cases", "--list", "all"), ("packages", "--kind", "all", "--state", "all")),
        *(("unplaced", "--all"), ("history", "--all"), ("history", "--case", case)),
        *(("quarantine", "list"), ("quarantine", "show", "1"), ("quarantine", "show", "2")),
        *(("trace", first["source"], first["id"]), ("statement", package, entitlement)),
        *(("explain", package, entitlement), ("chart", package), ("report", contract)),
        *(("replay", "--until", "2025-05-01"), ("diff", "--from", "1", "--to", "40")),
        *(("access", "list"), ("rebuild", "--check"), ("check",), ("erase", FOUL, "--dry-run")),
        *(("seal", *sealing), ("prove", *proving), ("verify", "seal", "--key", key)),
        ("verify", "proof", "--leaf", "leaf", "--key", key),
        ("report", contract, "--prove", "-o", "report\x1b[31m.json"),
        ("verify", "report\x1b[31m.json", "--key", key),
        *(("backup", "b\x1b[31m.db"), ("copy", "sqlite:///c\x1b[31m.db")),
        *(
            ("verify", FOUL, "--key", key),
            ("verify", "seal", "--key", FOUL),
            ("seal", "--key", FOUL),
        ),
        *(("key", "new", "--output", "k\x1b[31m"), ("key", "new", "--output", "k\x1b[31m")),
        *(("summary", "--as-of", FOUL), ("trace", FOUL, FOUL), (FOUL,), ("summary", f"--{FOUL}")),
        *(("ingest", FOUL), ("ingest", FILE), ("summary", "--ledger", f"sqlite:///{FOUL}.db")),
    ]
    for words in commands:
        ran = cpod(*words)
        shown = ran.out + ran.err
        assert ran.exit != 70, words
        assert UNSEEMLY.search(shown) is None, (words, UNSEEMLY.search(shown))
        assert words[0] == "verify" or SPOOF not in map(str.strip, shown.splitlines()), words


def test_a_leaf_that_was_signed_makes_up_no_line(cpod, tmp_path):
    """The name of a stream is shown in its place, whatever it holds."""
    from ledger.proof.forms import checkpoint_text, new_key, proof_file
    from ledger.proof.leaf import leaf_bytes
    from ledger.proof.merkle import leaf_hash

    signer = new_key("log\u202e", bytes(32))
    leaf = leaf_bytes(1, 1, FOUL.encode(), 1, b"t", json.dumps({"a": FOUL}).encode())
    note = signer.sign(checkpoint_text(signer.name, 1, leaf_hash(leaf))).encode()
    (tmp_path / "leaf").write_bytes(leaf)
    (tmp_path / "proof").write_bytes(proof_file(0, [], note))
    ran = cpod("verify", "proof", "--leaf", "leaf", "--key", str(signer.verifier))
    assert (ran.exit, len(ran.out.splitlines())) == (0, 4)
    assert UNSEEMLY.search(ran.out) is None
