"""Edges of sealing and of reports: a nanosecond, a rewritten past, a successor, one event less."""

import json
import sqlite3

import pytest
from sessions import envelope, foundation, openings
from tampering import behind, hash_anew

from cli.documents.report.formats import canonical
from ledger import Ledger
from ledger.audit.verify_report import verify_report
from ledger.domain.values.instants import format_instant
from ledger.errors import Damaged, ProofFailed
from ledger.proof.forms import new_key

KEY = new_key("ledger.example", bytes(range(32)))
START = 1_800_000_000 * 10**9
PERIOD = {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}


class Clock:
    """A clock that shows what it was set to."""

    now = START

    def __call__(self):
        return self.now


def ingest(ledger, folder, events):
    file = folder / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    assert ledger.ingest([str(file)]).refused == 0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    with Ledger.create(f"sqlite:///{tmp_path}/l.db", clock=clock) as found:
        renewed = [
            envelope(5, "contract.signed", contract="NEXT", customer="A", name="N", **PERIOD),
            envelope(6, "contract.renewed", contract="K", successor="NEXT"),
        ]
        ingest(found, tmp_path, [*foundation(), *renewed, *openings(10, 5)])
        yield found


def changed(known_at, proven):
    return canonical({**proven, "known_at": known_at})


def test_an_event_recorded_a_nanosecond_after_what_a_report_is_known_at_is_found(
    ledger, tmp_path, clock
):
    """At the very instant it was known; a nanosecond before it was not."""
    clock.now = START + 10**9
    ingest(ledger, tmp_path, openings(20, 2))
    ledger.seal(KEY)
    clock.now += 10**9
    known_at = format_instant(START + 10**9)
    proven = ledger.prove_report("K", as_of="2025-06-30", known_at=known_at)
    report = proven if isinstance(proven, dict) else json.loads(proven)
    assert verify_report(canonical(report), [KEY.verifier])["known_at"] == known_at
    early = format_instant(START + 10**9 - 1)
    with pytest.raises(ProofFailed, match="was recorded at"):
        verify_report(changed(early, report), [KEY.verifier])


def test_the_report_of_a_renewed_contract_carries_the_signing_of_its_successor(ledger):
    """No case names it, and without it the report would not be the same."""
    ledger.seal(KEY)
    report = ledger.prove_report("K", as_of="2025-06-30", known_at=None)
    streams = {stream["stream"]: stream["events"] for stream in report["proof"]["streams"]}
    (signing,) = streams["contract:NEXT"]
    assert json.loads(signing[4])["type"] == "contract.signed"
    verify_report(canonical(report), [KEY.verifier])


@pytest.mark.parametrize("position", [1, 7])
def test_a_past_that_was_rewritten_with_its_hashes_is_not_sealed_again(ledger, tmp_path, position):
    """All hashes fit what the events are now; only the seal before tells what they were."""
    ledger.seal(KEY)
    ledger.close()
    with behind(tmp_path / "l.db") as file:
        file.execute(
            "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = ?", (position,)
        )
        hash_anew(file)
    with Ledger.open(f"sqlite:///{tmp_path}/l.db") as again:
        with pytest.raises(Damaged, match="the events are not those of seal 1"):
            again.seal(KEY)
        ingest(again, tmp_path, openings(30, 2))
        with pytest.raises(Damaged, match="the events are not those of seal 1"):
            again.seal(KEY)
    with sqlite3.connect(tmp_path / "l.db") as file:
        assert file.execute("SELECT count(*) FROM seals").fetchone() == (1,)


def test_a_ledger_that_was_cut_below_its_seal_is_not_sealed(ledger, tmp_path):
    """One event less than were sealed."""
    ledger.seal(KEY)
    last = ledger.position
    ledger.close()
    with behind(tmp_path / "l.db") as file:
        file.execute("DELETE FROM events WHERE position = ?", (last,))
        hash_anew(file)
    with (
        Ledger.open(f"sqlite:///{tmp_path}/l.db") as again,
        pytest.raises(Damaged, match=f"is of {last} events, and there are {last - 1}"),
    ):
        again.seal(KEY)
