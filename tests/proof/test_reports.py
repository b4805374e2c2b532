"""Sessions: a report is made with its proof, given away, and verified where there is no ledger."""

import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from neighbours import WHEN, two_contracts
from sessions import envelope

from cli.documents.report.formats import canonical
from ledger.audit.verify_report import verify_report
from ledger.errors import ProofFailed
from ledger.ledger import Ledger
from ledger.proof.forms import new_key
from ledger.proof.merkle import Tree
from ledger.proof.several import missing_ranges
from ledger.proof.verifier import read_key


@pytest.fixture
def sealed(cpod, send):
    """A ledger with two contracts, sealed; the verifier key."""
    made = cpod("key", "new", "--output", "seal.key", "--name", "ledger.example/contoso")
    Path("contoso.vkey").write_text(made.out)
    send(two_contracts())
    assert cpod("seal", "--key", "seal.key", "--output", "june.checkpoint").exit == 0
    return made.out.strip()


@pytest.fixture
def report(cpod, sealed):
    """The report of a contract with its proof, as its customer has it."""
    ran = cpod("report", "K", *WHEN, "--prove", "-o", "report.json")
    assert ran.exit == 0, ran.err
    return json.loads(Path("report.json").read_bytes())


def events_of(report):
    """The ids of the events that a report carries, by stream."""
    return {
        stream["stream"]: [json.loads(event[4])["id"] for event in stream["events"]]
        for stream in report["proof"]["streams"]
    }


def without(report, *gone):
    """The report with some events less, and a proof that is right for those that are left."""
    with Ledger.open("sqlite:///cpod.db") as ledger:
        for stream in report["proof"]["streams"]:
            stream["events"] = [
                event for event in stream["events"] if json.loads(event[4])["id"] not in gone
            ]
        return proved_anew(ledger, report)


def proved_anew(ledger, report):
    """The report with the hashes that are right for the events that it carries."""
    from base64 import b64encode

    streams = [stream for stream in report["proof"]["streams"] if stream["events"]]
    indexes = sorted(event[1] - 1 for stream in streams for event in stream["events"])
    size = int(report["proof"]["checkpoint"].split("\n")[1])
    hashes = Tree(ledger.log.nodes).hashes(missing_ranges(indexes, size))
    encoded = [b64encode(one).decode() for one in hashes]
    return {**report, "proof": {**report["proof"], "streams": streams, "hashes": encoded}}


def refused(report, vkey):
    """Why a report does not hold."""
    with pytest.raises(ProofFailed) as found:
        verify_report(canonical(report), [read_key(vkey)])
    return str(found.value)


def test_a_report_is_verified_where_there_is_no_ledger(cpod, sealed, report, monkeypatch):
    """Its numbers are computed from the events inside it, and it says what that proves."""
    Path("elsewhere").mkdir()
    shutil.copy("report.json", "elsewhere")
    monkeypatch.chdir("elsewhere")
    ran = cpod("verify", "report.json", "--key", sealed, "--format", "json")
    assert ran.exit == 0, ran.err
    holds = ran.json
    assert (holds["what"], holds["contract"], holds["as_of"]) == ("report", "K", "2025-06-30")
    assert holds["sha256"] == sha256(Path("report.json").read_bytes()).hexdigest()
    assert [claim for claim in holds["proved"] if claim["what"] == "whole"] == [
        {"what": "whole", "stream": "contract:K", "version": 3},
        {"what": "whole", "stream": "package:P", "version": 9},
    ]
    assert {claim["what"] for claim in holds["not_proved"]} == {
        *("ends", "packages", "elsewhere", "known_at", "truth"),
    }
    assert {"what": "packages", "packages": ["P"]} in holds["not_proved"]
    said = cpod("verify", "report.json", "--key", sealed)
    assert "It holds: the report of K as of 2025-06-30, known at position 24." in said.out
    assert "package:P is in it whole, up to version 9" in said.out
    assert "that K has no package but those in it: P" in said.out.partition("Not proved:")[2]


def test_it_carries_what_it_rests_on_and_nothing_else(report):
    """Whole are the streams of the contract; of others only what its numbers need is there.

    What the same learner does on another package, for one, is nobody's business.
    """
    found = events_of(report)
    assert found == {
        "contract:K": ["e2", "e4", "e5"],
        "contract:L": ["e3"],
        "package:P": ["e6", "e10", "e11", "e12", "e17", "e18", "e19", "e21", "e23"],
        "package:Q": ["e7", "e8", "e9", "e14", "e16"],
        "workspace:W": ["e0", "e13"],
    }
    assert [case["case"] for case in report["additional"]["cases"]] == ["astray"]
    assert [case["case"] for case in report["additional"]["without_contract"]] == ["nowhere"]


def test_a_report_with_its_proof_says_what_it_says_without(cpod, report):
    """The proof is added, and no number changes."""
    plain = cpod("report", "K", *WHEN, "--format", "json").json
    assert {name: report[name] for name in report if name != "proof"} == plain


@pytest.mark.parametrize("form", ["html", "md", "pdf"])
def test_every_format_shows_the_fingerprint_of_the_data(cpod, report, form):
    """What a person holds in hand is compared with the file: its SHA-256, in groups."""
    assert cpod("report", "K", *WHEN, "--prove", "-o", f"report.{form}").exit == 0
    content = Path(f"report.{form}").read_bytes()
    if form == "pdf":
        import pypdf

        text = "".join(page.extract_text() for page in pypdf.PdfReader("report.pdf").pages)
    else:
        text = content.decode()
    digits = sha256(Path("report.json").read_bytes()).hexdigest()
    grouped = " ".join(digits[at : at + 4] for at in range(0, 64, 4))
    assert grouped in " ".join(text.split())
    assert "sha256sum report.json" in text
    assert "cpod verify report.json" in text


def test_a_pdf_is_verified_by_the_data_inside_it(cpod, sealed, report):
    """The data is that of the JSON; a PDF without a proof proves nothing."""
    assert cpod("report", "K", *WHEN, "--prove", "-o", "report.pdf").exit == 0
    ran = cpod("verify", "report.pdf", "--key", sealed, "--format", "json")
    assert ran.exit == 0, ran.err
    assert ran.json["sha256"] == sha256(Path("report.json").read_bytes()).hexdigest()
    assert cpod("report", "K", *WHEN, "-o", "plain.pdf").exit == 0
    plain = cpod("verify", "plain.pdf", "--key", sealed)
    assert plain.exit == 6
    assert "carries no proof" in plain.err


def test_what_is_not_under_a_seal_cannot_be_proved(cpod, send):
    """Without a seal, or known at more than what is sealed, it says to seal first."""
    send(two_contracts())
    ran = cpod("report", "K", *WHEN, "--prove")
    assert ran.exit == 2
    assert "seal first" in ran.err
    cpod("key", "new", "--output", "seal.key")
    cpod("seal", "--key", "seal.key")
    send([envelope(30, "case.labour_recorded", case="stays", minutes=5)])
    late = cpod("report", "K", *WHEN, "--prove", "-o", "late.json")
    assert late.exit == 2
    assert "seal again, or ask --known-at 24" in late.err
    assert not Path("late.json").exists()
    assert cpod("report", "K", *WHEN, "--prove", "--known-at", "24").exit == 0


def test_an_earlier_known_at_is_proved_by_a_later_seal(cpod, sealed):
    """The seal is over more than the report knows; that does not matter."""
    ran = cpod("report", "K", *WHEN, "--known-at", "11", "--prove", "-o", "r.json")
    assert ran.exit == 0
    found = cpod("verify", "r.json", "--key", sealed, "--format", "json").json
    assert (found["position"], found["size"]) == (11, 24)
    assert "known_at" not in {claim["what"] for claim in found["not_proved"]}


def test_a_checkpoint_may_be_named(cpod, sealed, send):
    """By the checkpoint that the customer keeps, the same report has the same bytes again."""
    by = ("--known-at", "24", "--prove", "--checkpoint", "june.checkpoint")
    assert cpod("report", "K", *WHEN, *by, "-o", "a.json").exit == 0
    send([envelope(30, "case.labour_recorded", case="stays", minutes=5)])
    assert cpod("seal", "--key", "seal.key").exit == 0
    assert cpod("report", "K", *WHEN, *by, "-o", "b.json").exit == 0
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    Path("forged").write_text(Path("june.checkpoint").read_text().replace("\n24\n", "\n23\n"))
    assert cpod("report", "K", *WHEN, "--prove", "--checkpoint", "forged").exit == 6
    assert cpod("report", "K", *WHEN, "--prove", "--checkpoint", "missing").exit == 2
    assert cpod("report", "K", *WHEN, "--checkpoint", "june.checkpoint").exit == 2


def test_a_viewer_gets_no_proof(cpod, sealed):
    """Events are whole, and nobody but the operator may see them all."""
    ran = cpod("report", "K", *WHEN, "--prove", "--as", "ada")
    assert (ran.exit, ran.out) == (3, "")
    assert "ask without --as" in ran.err


def test_the_first_thing_that_differs_is_said(cpod, sealed, report):
    """Where it stands, what is said there, and what the events come to."""
    line = next(
        one for one in report["packages"][0]["consumables"] if one["entitlement"] == "HOURS"
    )
    assert line["consumed"] == "2"
    line["consumed"] = "1.5"
    Path("report.json").write_bytes(canonical(report))
    ran = cpod("verify", "report.json", "--key", sealed)
    assert (ran.exit, ran.out) == (6, "")
    where = "packages[0].consumables[1].consumed"
    assert ran.err == f'cpod: {where} says "1.5"; the events come to "2"\n'


def test_another_key_verifies_nothing(cpod, sealed, report):
    """A seal of somebody else, be it under the same name, is none."""
    other = cpod("key", "new", "--output", "o.key", "--name", "ledger.example/contoso").out.strip()
    assert "none of the keys" in refused(report, other)


def test_an_event_in_the_middle_of_a_stream_is_missed(sealed, report):
    """Versions run from 1: whoever leaves one out, and makes the proof anew, is found out."""
    assert "version 4 is missing" in refused(without(report, "e12"), sealed)


@pytest.mark.parametrize("gone", ["e9", "e3", "e14", "e16", "e13"])
def test_an_event_of_another_stream_is_missed_where_a_number_needs_it(sealed, report, gone):
    """Without it, and with a proof that is right for the rest, the report does not come out."""
    assert refused(without(report, gone), sealed)


def test_an_event_that_belongs_to_something_else_is_not_carried_along(sealed, report):
    """A report is no place for events that its reader should not see."""
    strange = {"stream": "workspace:V", "whole": False, "events": []}
    report["proof"]["streams"].insert(-1, strange)
    with Ledger.open("sqlite:///cpod.db") as ledger:
        for row in ledger.log.at([2, 16]):
            stream = next(s for s in report["proof"]["streams"] if s["stream"] == row.stream)
            added = [row.version, row.position, str(row.recorded_at), row.topic, row.state.decode()]
            stream["events"] = sorted([*stream["events"], added])
        assert "position 2 is none that the report rests on" in refused(
            proved_anew(ledger, report), sealed
        )


def test_the_end_of_a_stream_can_be_left_out_and_that_is_said(cpod, sealed, report):
    """What nobody can know: a report of fewer events is a report, and says up to which version."""
    fewer = without(report, "e23")
    assert refused(fewer, sealed)
    with Ledger.open("sqlite:///cpod.db") as ledger:
        ledger.prove_report("K", as_of="2025-06-30", known_at=23)
    assert cpod("report", "K", *WHEN, "--known-at", "23", "--prove", "-o", "r.json").exit == 0
    older = json.loads(Path("r.json").read_bytes())
    older |= {"known_at": 24, "position": 24}
    holds = verify_report(canonical(older), [read_key(sealed)])
    assert {"what": "whole", "stream": "package:P", "version": 8} in holds["proved"]
    assert {"what": "ends", "position": 24} in holds["not_proved"]


def test_verifying_a_report_loads_no_library_of_a_ledger(sealed, report):
    """An auditor's machine needs no database server's library, and no event store."""
    root = Path(__file__).parents[2]
    script = (
        "import sys; from cli.main import run; code = run(sys.argv[1:]);"
        " print(sorted({'eventsourcing', 'sqlalchemy', 'psycopg', 'typst', 'pypdf'}"
        " & {name.split('.')[0] for name in sys.modules})); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "verify", "report.json", "--key", sealed],
        env={"PYTHONPATH": str(root), "CPOD_LEDGER": "sqlite:////nowhere/at/all.db"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_report_that_was_given_away_verifies_for_ever():
    """Written once, and never again: what comes later reads the same form, and the same rules."""
    content = (Path(__file__).parent / "golden" / "report-v1.json").read_bytes()
    key = new_key("ledger.example/contoso", bytes(range(32))).verifier
    holds = verify_report(content, [key])
    assert (holds["events"], holds["size"]) == (16, 19)
    digits = "e7f9e86b10930563a1954f6538a6acad6f6c9603bc0ba6b953499c24b144b7cc"
    assert holds["sha256"] == sha256(content).hexdigest() == digits
