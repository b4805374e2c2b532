"""Sessions: make a key, seal, prove, hand over, verify without a ledger; and what goes wrong."""

import json
import shutil
import sqlite3
import stat
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from naive import mth, path
from sessions import SOURCE, foundation, openings

from ledger.proof.verifier import read_checkpoint


@pytest.fixture
def sealed(cpod, send):
    """A ledger with two seals: of 10 events, and of 23."""
    made = cpod("key", "new", "--output", "seal.key", "--name", "ledger.example/contoso")
    assert made.exit == 0
    Path("contoso.vkey").write_text(made.out)
    send(foundation())
    send(openings(10, 6))
    assert cpod("seal", "--key", "seal.key", "--output", "june.checkpoint").exit == 0
    send(openings(30, 13), "--batch-size", "4")
    assert cpod("seal", "--key", "seal.key", "--output", "july.checkpoint").exit == 0
    return made.out.splitlines()[-1]


def stored_leaves():
    """The leaves, written by hand from the columns of the file."""
    rows = sqlite3.connect("cpod.db").execute(
        "SELECT position, recorded_at, originator_id, originator_version, topic, state"
        " FROM events ORDER BY position"
    )
    return [
        (
            f"cpod/event/v1\nposition {position}\nrecorded_at {at}\n"
            f"stream {len(stream.encode())} {stream}\nversion {version}\n"
            f"topic {len(topic)} {topic}\nstate {len(state)}\n\n"
        ).encode()
        + state
        for position, at, stream, version, topic, state in rows
    ]


def test_a_key_is_the_owners_alone(cpod):
    """A new key goes to a file for its owner alone; the last line printed is its public half."""
    ran = cpod("key", "new", "--output", "seal.key", "--name", "ledger.example/a")
    assert ran.exit == 0
    name, identifier, public = ran.out.splitlines()[-1].split("+", 2)
    assert (name, len(identifier), len(b64decode(public))) == ("ledger.example/a", 8, 33)
    assert stat.S_IMODE(Path("seal.key").stat().st_mode) == 0o600
    assert Path("seal.key").read_text().startswith("PRIVATE+KEY+ledger.example/a+")
    assert "secret" in ran.err


def test_a_key_is_never_overwritten(cpod):
    """Where a file is, no key is written, and it stays as it was."""
    Path("seal.key").write_text("precious")
    ran = cpod("key", "new", "--output", "seal.key")
    assert ran.exit == 2
    assert "overwritten" in ran.err
    assert Path("seal.key").read_text() == "precious"


@pytest.mark.parametrize("name", ["", "folder/", "nowhere/key"])
def test_a_key_goes_to_a_file(cpod, name):
    """What can be no file is said in a line, and nothing is left."""
    before = sorted(Path().iterdir())
    ran = cpod("key", "new", "--output", name)
    assert (ran.exit, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "cannot be written" in ran.err
    assert sorted(Path().iterdir()) == before


def test_a_key_without_a_name_gets_one(cpod):
    """Two keys that nobody named have different names."""
    names = {
        cpod("key", "new", "--output", name).out.splitlines()[-1].split("+")[0]
        for name in ("one.key", "two.key")
    }
    assert len(names) == 2
    assert cpod("key", "new", "--output", "three.key", "--name", "a b").exit == 2
    assert not Path("three.key").exists()


def test_a_seal_is_a_checkpoint_of_the_stored_bytes(cpod, sealed):
    """A checkpoint says how many events there are, and the root over their stored bytes."""
    leaves = stored_leaves()
    june = read_checkpoint(Path("june.checkpoint").read_bytes())
    july = read_checkpoint(Path("july.checkpoint").read_bytes())
    assert (june.origin, june.size, july.size) == ("ledger.example/contoso", 10, 23)
    assert (june.root, july.root) == (mth(leaves[:10]), mth(leaves))
    ran = cpod("verify", "july.checkpoint", "--key", sealed, "--format", "json")
    assert ran.json == {
        "holds": True,
        "what": "checkpoint",
        "origin": "ledger.example/contoso",
        "size": 23,
        "root": b64encode(july.root).decode(),
    }


def test_sealing_again_without_new_events_is_the_same_seal(cpod, sealed):
    """Nothing is kept twice: a ledger that is sealed stays as it is."""
    again = cpod("seal", "--key", "seal.key")
    assert again.exit == 0
    assert again.out.encode() == Path("july.checkpoint").read_bytes()
    assert sqlite3.connect("cpod.db").execute("SELECT size FROM seals").fetchall() == [(10,), (23,)]


def test_an_empty_ledger_can_be_sealed(cpod):
    """The seal of nothing is the root of the empty tree."""
    cpod("init")
    vkey = cpod("key", "new", "--output", "k").out.strip()
    assert cpod("seal", "--key", "k", "--output", "c").exit == 0
    assert read_checkpoint(Path("c").read_bytes()).root == mth([])
    assert cpod("verify", "c", "--key", vkey).exit == 0


def test_the_key_may_be_in_the_environment(cpod, sealed, monkeypatch):
    """`env` takes the key from CPOD_SIGNING_KEY, and says so where it is not there."""
    assert cpod("seal", "--key", "env").exit == 2
    monkeypatch.setenv("CPOD_SIGNING_KEY", Path("seal.key").read_text())
    assert cpod("seal", "--key", "env").out.encode() == Path("july.checkpoint").read_bytes()
    monkeypatch.setenv("CPOD_SIGNING_KEY", "nonsense")
    assert cpod("seal", "--key", "env").exit == 2


def test_a_changed_event_is_not_sealed(cpod, sealed, send):
    """What was changed behind the ledger's back gets no signature."""
    with sqlite3.connect("cpod.db") as file:
        file.execute("DROP TRIGGER events_no_update")
        file.execute("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 3")
    assert cpod("seal", "--key", "seal.key").exit == 0  # it is under a seal that was kept
    send(openings(50, 4))
    with sqlite3.connect("cpod.db") as file:
        file.execute("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 25")
    ran = cpod("seal", "--key", "seal.key")
    assert ran.exit == 6
    assert "position 25" in ran.err
    assert len(sqlite3.connect("cpod.db").execute("SELECT 1 FROM seals").fetchall()) == 2


@pytest.mark.parametrize("which", ["june", "july"])
def test_every_event_can_be_proved(cpod, sealed, which):
    """A proof is for the size of its checkpoint, names the event, and holds without a ledger."""
    leaves = stored_leaves()[: 10 if which == "june" else 23]
    note = Path(f"{which}.checkpoint").read_bytes()
    shutil.copytree(".", "elsewhere", ignore=shutil.ignore_patterns("cpod.db*"))
    for position in (1, 7, len(leaves)):
        files = ("--output", "elsewhere/p.tlog-proof", "--leaf", "elsewhere/p.leaf")
        by = ("--position", position, "--checkpoint", f"{which}.checkpoint")
        assert cpod("prove", *by, *files).exit == 0
        assert Path("elsewhere/p.leaf").read_bytes() == leaves[position - 1]
        proof = Path("elsewhere/p.tlog-proof").read_bytes()
        hashes = [b64encode(one).decode() for one in path(position - 1, leaves)]
        head = "\n".join(["c2sp.org/tlog-proof@v1", f"index {position - 1}", *hashes, "", ""])
        assert proof == head.encode() + note
        ran = cpod(
            *("verify", "elsewhere/p.tlog-proof", "--leaf", "elsewhere/p.leaf"),
            *("--key", "elsewhere/contoso.vkey", "--format", "json"),
        )
        assert ran.exit == 0, ran.err
        assert (ran.json["index"], ran.json["size"]) == (position - 1, len(leaves))
        assert ran.json["event"]["position"] == position
        assert ran.json["event"]["state"].encode() == leaves[position - 1].partition(b"\n\n")[2]


def test_an_event_is_named_by_its_source_and_id(cpod, sealed):
    """The sender's own name for an event is enough; without a checkpoint the last seal is meant."""
    ran = cpod("prove", SOURCE, "e12", "--leaf", "l")
    assert ran.exit == 0
    assert ran.out.encode().endswith(Path("july.checkpoint").read_bytes())
    Path("p").write_text(ran.out)
    shown = cpod("verify", "p", "--leaf", "l", "--key", sealed)
    assert shown.exit == 0
    assert '"id":"e12"' in shown.out
    assert "position 7" in shown.out


@pytest.mark.parametrize(
    "asked,code",
    [
        (["nobody", "e1"], 4),
        (["--position", "24"], 4),
        (["--position", "11", "--checkpoint", "june.checkpoint"], 2),
        (["--position", "0"], 2),
        (["--position", "1", "--checkpoint", "missing"], 2),
        (["--position", "1", "--checkpoint", "."], 2),
        (["--position", "1", "--checkpoint", "seal.key"], 6),
        ([], 2),
        ([SOURCE], 2),
        ([SOURCE, "e1", "--position", "1"], 2),
        (["--consistency", "june.checkpoint", "july.checkpoint", "--leaf", "l"], 2),
        (["--consistency", "july.checkpoint", "june.checkpoint"], 2),
        (["--position", "1", "--as", "ada"], 3),
    ],
)
def test_what_cannot_be_proved(cpod, sealed, asked, code):
    """Each question that has no proof is answered by its exit code, and leaves no file."""
    ran = cpod("prove", *asked, "--output", "out")
    assert ran.exit == code, ran.err
    assert not Path("out").exists()
    assert len(ran.err.splitlines()) == 1


def test_another_ledgers_checkpoint_is_refused(cpod, sealed, tmp_path):
    """A checkpoint that this ledger never had proves nothing of it."""
    url = f"sqlite:///{tmp_path}/other.db"
    events = tmp_path / "other.jsonl"
    events.write_text("".join(f"{json.dumps(event)}\n" for event in foundation()))
    assert cpod("ingest", "--init", str(events), "--ledger", url).exit == 0
    cpod("key", "new", "--output", "other.key", "--name", "ledger.example/contoso")
    assert cpod("seal", "--key", "other.key", "--output", "other", "--ledger", url).exit == 0
    ran = cpod("prove", "--position", "1", "--checkpoint", "other", "--output", "p")
    assert ran.exit == 6
    assert "another ledger" in ran.err
    larger = cpod("prove", "--position", "1", "--checkpoint", "july.checkpoint", "--ledger", url)
    assert larger.exit == 6


def test_one_seal_goes_on_where_another_ended(cpod, sealed):
    """A consistency proof is hashes, one a line; it holds between its two checkpoints alone."""
    both = ("--consistency", "june.checkpoint", "july.checkpoint")
    assert cpod("prove", *both, "--output", "between").exit == 0
    lines = Path("between").read_text().splitlines()
    assert all(len(b64decode(line, validate=True)) == 32 for line in lines)
    ran = cpod("verify", "between", *both, "--key", sealed, "--format", "json")
    assert ran.exit == 0
    assert (ran.json["what"], ran.json["old_size"], ran.json["size"]) == ("consistency", 10, 23)
    swapped = ("--consistency", "july.checkpoint", "june.checkpoint")
    assert cpod("verify", "between", *swapped, "--key", sealed).exit == 6
    Path("between").write_text("".join(f"{line}\n" for line in lines[::-1]))
    assert cpod("verify", "between", *both, "--key", sealed).exit == 6


def test_what_does_not_hold_exits_6_and_says_why(cpod, sealed):
    """A forged leaf, another key, and files of other kinds are told apart from what holds."""
    cpod("prove", "--position", "5", "--output", "p", "--leaf", "l")
    other = cpod("key", "new", "--output", "other.key", "--name", "ledger.example/contoso").out
    Path("forged").write_bytes(Path("l").read_bytes().replace(b"position 5", b"position 6"))
    cases = {
        ("p", "--leaf", "forged", "--key", sealed): "do not lead to the root",
        ("p", "--leaf", "l", "--key", other.strip()): "none of the keys",
        ("july.checkpoint", "--key", other.strip()): "none of the keys",
        ("seal.key", "--key", sealed): "neither",
        ("l", "--key", sealed): "neither",
    }
    for words, reason in cases.items():
        ran = cpod("verify", *words)
        assert (ran.exit, ran.out) == (6, "")
        assert reason in ran.err
        told = json.loads(cpod("verify", *words, "--format", "json").err)
        assert (told["error"]["code"], told["error"]["exit"]) == ("proof-failed", 6)


@pytest.mark.parametrize(
    "words",
    [
        ["p", "--leaf", "l"],
        ["p", "--key", "contoso.vkey"],
        ["p", "--leaf", "l", "--key", "a+b"],
        ["missing", "--key", "contoso.vkey"],
        ["p", "--leaf", "missing", "--key", "contoso.vkey"],
        ["july.checkpoint", "--leaf", "l", "--key", "contoso.vkey"],
        ["p", "--leaf", "l", "--key", "missing"],
    ],
)
def test_wrong_usage_of_verify(cpod, sealed, words):
    """What is missing from the command line is wrong usage, never a proof that fails."""
    cpod("prove", "--position", "5", "--output", "p", "--leaf", "l")
    ran = cpod("verify", *words)
    assert ran.exit == 2, ran.err
    assert ran.out == ""


def test_verifying_needs_no_ledger_and_loads_little(sealed, tmp_path):
    """An auditor's machine needs neither a ledger nor the database's libraries."""
    import sys

    root = Path(__file__).parents[2]
    script = (
        "import sys; from cli.main import run; code = run(sys.argv[1:]);"
        " print(sorted({'sqlite3', 'eventsourcing', 'sqlalchemy', 'pydantic'}"
        " & {name.split('.')[0] for name in sys.modules})); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "verify", "july.checkpoint", "--key", sealed],
        env={"PYTHONPATH": str(root), "CPOD_LEDGER": "sqlite:////nowhere/at/all.db"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_checkpoint_is_verified_by_openssl_too(cpod, sealed):
    """The steps of docs/trust.md, with openssl alone: the signature is over the note's text."""
    if shutil.which("openssl") is None:
        print("skipped: openssl is not installed")
        return
    text, _, signature = Path("july.checkpoint").read_bytes().rpartition(b"\n\n")
    Path("text").write_bytes(text + b"\n")
    Path("signature").write_bytes(b64decode(signature.split()[-1])[4:])
    public = b64decode(sealed.split("+", 2)[2])[1:]
    Path("key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + public)
    check = "openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in text"
    words = [*check.split(), "-sigfile", "signature"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    Path("text").write_bytes(text.replace(b"23", b"24") + b"\n")
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0
