"""Reports that somebody made to do harm: one line, exit 6 or 2, soon, and in little memory."""

import json
import resource
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import RAW
from neighbours import two_contracts

from cli.documents.report.attached import report_inside
from cli.documents.report.formats import canonical
from ledger import Ledger
from ledger.audit.verify import Evidence, verify
from ledger.errors import ProofFailed, UsageError
from ledger.proof.forms import checkpoint_text, new_key
from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import Tree, grow

KEY = new_key("ledger.example/contoso", bytes(range(32)))
SECONDS = 20
MEBIBYTES = 2_000


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report with its proof."""
    file = tmp_path_factory.mktemp("events") / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in two_contracts()), "utf-8")
    with Ledger.create("memory:") as ledger:
        ledger.ingest([str(file)])
        ledger.seal(KEY)
        return ledger.prove_report("K", as_of="2025-06-30")


def refusal(content):
    """Why a file does not hold."""
    with pytest.raises((ProofFailed, UsageError)) as found:
        verify(Evidence(content, [KEY.verifier]))
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 1_000
    return str(found.value)


DEEP = b'{"report":' * 100_000
FILES = {
    "nothing but a brace": b"{",
    "no object": b'{"report":1',
    "deep": DEEP,
    "deep lists": b'{"report":1,"proof":' + b"[" * 1_000_000,
    "many values": b'{"report":1,"proof":[' + b"0," * 9_000_000 + b"0]}",
    "a long number": b'{"report":' + b"9" * 100_000 + b',"proof":{}}',
    "an exponent": b'{"report":1e999999999,"proof":{}}',
    "not a number": b'{"report":NaN,"proof":{}}',
    "a key twice": b'{"report":1,"report":1,"proof":{}}',
    "half a character": b'{"report":1,"proof":"\xff"}',
    "a lone surrogate": b'{"report":1,"proof":"\\ud800"}',
    "no proof": b'{"report":1}',
    "no report": b'{"proof":{}}',
    "another form": b'{"report":1,"proof":{"form":"x","checkpoint":"","hashes":[],"streams":[]}}',
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_what_is_no_report(content):
    """Whatever the bytes are, they are refused in one short sentence."""
    assert refusal(content)


WRONG = (None, True, 0, -1, 10**30, 1.5, "", "x", [], {}, [[]], [None], {"a": {}})


def every_place(value, path=()):
    """The path to every value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        names = list(value) if isinstance(value, dict) else range(len(value))
        for name in names:
            yield from every_place(value[name], (*path, name))


@settings(max_examples=200)
@given(data=st.data())
def test_a_value_of_another_type_is_refused(report, data):
    """Anywhere in a report, whatever stands there instead is no reason to stumble."""
    path = data.draw(st.sampled_from([one for one in every_place(report) if one[0] != "known_at"]))
    changed = json.loads(canonical(report))
    place = changed
    for name in path[:-1]:
        place = place[name]
    wrong = data.draw(st.sampled_from([one for one in WRONG if one != place[path[-1]]]))
    if data.draw(st.booleans()) and isinstance(place, dict):
        del place[path[-1]]
    else:
        place[path[-1]] = wrong
    assert refusal(canonical(changed))


ASKED = ("report", "contract", "as_of", "known_at", "position", "expiry_basis", "limited", "proof")


@pytest.mark.parametrize(
    "path",
    [
        *((name,) for name in ASKED),
        ("contract", "contract"),
        *(("proof", name) for name in ("form", "checkpoint", "hashes", "streams")),
    ],
    ids=".".join,
)
def test_any_json_for_any_field_that_is_read_is_refused_in_one_line(report, path):
    """Whatever JSON, or what only looks like it, stands there: exit 6, and one short sentence.

    Nobody can know which of two dates was asked for, where the events come to the same.
    """
    whole = json.loads(canonical(report))
    place = whole
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = "\N{SNOWMAN}"
    text = canonical(whole).decode()
    for raw in RAW:
        content = text.replace('"\N{SNOWMAN}"', raw).encode()
        if path not in {("as_of",), ("known_at",)}:
            assert refusal(content)
            continue
        with suppress(ProofFailed):
            verify(Evidence(content, [KEY.verifier]))


@settings(max_examples=100)
@given(data=st.data())
def test_bytes_that_were_changed_are_refused_or_mean_the_same(report, data):
    """A byte changed, added or gone anywhere in the file gives a refusal, never anything else."""
    content = canonical(report)
    at = data.draw(st.integers(0, len(content) - 1))
    changed = content[:at] + data.draw(st.binary(max_size=3)) + content[at + 1 :]
    try:
        same = json.loads(changed) == {**report, "known_at": json.loads(changed).get("known_at")}
    except ValueError:
        same = False
    if not same:
        assert refusal(changed)


def sealed_events(states):
    """A report with a right seal over events that no ledger would have taken in."""
    leaves = [
        leaf_bytes(position, 1, b"contract:K", position, topic.encode(), state.encode())
        for position, (topic, state) in enumerate(states, 1)
    ]
    rows = grow(0, [], leaves)
    root = Tree(lambda positions: [rows[at - 1] for at in positions]).root(len(leaves))
    note = KEY.sign(checkpoint_text(KEY.name, len(leaves), root))
    events = [[at, at, "1", topic, state] for at, (topic, state) in enumerate(states, 1)]
    proof = {"form": "cpod/report-proof/v1", "checkpoint": note, "hashes": []}
    proof["streams"] = [{"stream": "contract:K", "whole": True, "events": events}]
    report = {"report": 1, "contract": {"contract": "K"}, "as_of": "2025-06-30", "known_at": 2}
    report |= {"position": len(leaves), "expiry_basis": "as-of", "proof": proof}
    return canonical(report | {"known_at": len(leaves)})


def state(identifier, type_name, **data):
    event = {"specversion": "1.0", "id": identifier, "source": "s", "type": type_name}
    event |= {"time": "2025-01-01T00:00:00Z", "data": data}
    return type_name, json.dumps(event, separators=(",", ":"))


SIGNED = {"contract": "K", "customer": "C", "name": "N", "starts_on": "2025-01-01"}
REVERSED = {"reverses": {"source": "s", "id": "r"}, "reason": "r", "authorised_by": "a"}
SEALED = {
    "no JSON": [("contract.signed", "{")],
    "no event": [("contract.signed", "[]")],
    "an unknown type": [state("a", "no.such")],
    "another topic": [("contract.mapped", state("a", "contract.signed", **SIGNED)[1])],
    "no contract": [state("a", "workspace.created", workspace="W", customer="C", name="W")],
    "one key twice": [state("a", "contract.signed", **SIGNED)] * 2,
    "a contract and no more": [state("a", "contract.signed", **SIGNED)],
    "what reverses itself": [
        state("a", "contract.signed", **SIGNED),
        state("r", "event.reversed", **REVERSED),
    ],
    "reversed twice": [
        state("a", "contract.signed", **SIGNED),
        *[state(one, "event.reversed", **REVERSED) for one in ("b", "c")],
        state("r", "case.closed", case="x"),
    ],
    "a line twice": [
        state("a", "contract.signed", **SIGNED),
        *[
            state(
                one,
                "entitlement.transferred",
                **{"from": {"package": "P", "entitlement": "E"}},
                to={"package": "P", "entitlement": "E"},
                quantity="1",
                authorised_by="a",
                reason="r",
            )
            for one in "bc"
        ],
    ],
}


@pytest.mark.parametrize("states", SEALED.values(), ids=SEALED)
def test_events_that_no_ledger_takes_in_are_refused_though_they_are_sealed(states):
    """Whoever has the signing key can seal what they like: it gives no report."""
    assert refusal(sealed_events(states))


@pytest.fixture
def bounded():
    """Verifies a file in a process with little time and memory, and returns how it ended."""

    def limited():
        for what, most in ((resource.RLIMIT_AS, MEBIBYTES * 2**20), (resource.RLIMIT_CPU, SECONDS)):
            resource.setrlimit(what, (most, most))

    def verifies(content):
        Path("report").write_bytes(content)
        Path("contoso.vkey").write_text(str(KEY.verifier))
        words = ["-m", "cli", "verify", "report", "--key", "contoso.vkey"]
        ran = subprocess.run(
            [sys.executable, *words],
            env={"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=limited,
        )
        assert ran.stdout == ""
        assert len(ran.stderr.splitlines()) == 1
        assert ran.stderr.startswith("cpod: ")
        return ran.returncode

    return verifies


@pytest.mark.parametrize("name", ["deep", "deep lists", "many values"])
def test_a_report_that_is_huge_takes_little_memory(tmp_path, monkeypatch, bounded, name):
    """The command ends with one line, within its bounds."""
    monkeypatch.chdir(tmp_path)
    assert bounded(FILES[name]) in {2, 6}


def a_pdf(stream, length=None):
    """A small PDF with a compressed attachment."""
    spec = "<< /Type /Filespec /F (report.json) /UF (report.json) /EF << /F 3 0 R >> >>"
    parts = [
        b"<< /Type /Catalog /Pages 4 0 R /Names << /EmbeddedFiles << /Names [(report.json) 2 0 R]"
        b" >> >> >>",
        spec.encode(),
        f"<< /Filter /FlateDecode /Length {len(stream) if length is None else length} >>".encode()
        + b"\nstream\n"
        + stream
        + b"\nendstream",
        b"<< /Type /Pages /Kids [] /Count 0 >>",
    ]
    content, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    start = len(content)
    content += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode()
    content += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    content += f"trailer\n<< /Root 1 0 R /Size {len(parts) + 1} >>\n".encode()
    return content + f"startxref\n{start}\n%%EOF\n".encode()


def test_the_data_of_a_small_pdf_is_found():
    """What these tests make is a PDF, and its data is read."""
    assert report_inside(a_pdf(zlib.compress(b"{}"))) == b"{}"


PDFS = {
    "nothing more": b"%PDF-",
    "no PDF": b"%PDF-1.7\n" + bytes(100_000),
    "no data": a_pdf(b""),
    "a stream that is cut": a_pdf(zlib.compress(b"{}" * 1_000)[:20]),
    "a length that lies": a_pdf(zlib.compress(b"{}"), 10**12),
    "no report": a_pdf(zlib.compress(b"hello")),
    "a circle": a_pdf(zlib.compress(b"{}")).replace(
        b"/Pages 4 0 R /Names <<", b"/Pages 4 0 R /Names 1 0 R /X <<"
    ),
    "what a library warns of": a_pdf(zlib.compress(b"hello")).replace(b" 0 obj\n<<", b"  0 obj<<"),
    "a bomb": a_pdf(zlib.compress(bytes(200 * 2**20))),
}


@pytest.mark.parametrize("name", PDFS)
def test_a_pdf_that_is_none_of_ours_takes_little_memory(tmp_path, monkeypatch, bounded, name):
    """A file that only begins as a PDF, or whose data is a trap, ends with one line."""
    monkeypatch.chdir(tmp_path)
    assert bounded(PDFS[name]) in {2, 6}


@settings(max_examples=60)
@given(data=st.data())
def test_a_pdf_that_was_changed_is_refused_or_has_the_same_data(data):
    """A few bytes changed anywhere give a refusal, never anything else."""
    content = a_pdf(zlib.compress(b'{"report":1}'))
    at = data.draw(st.integers(5, len(content) - 1))
    changed = content[:at] + data.draw(st.binary(max_size=4)) + content[at + 1 :]
    with suppress(ProofFailed):
        assert report_inside(changed)
