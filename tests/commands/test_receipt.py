"""The receipt: every line is counted once, and a dry run counts as the run would."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from sending import Desk, as_lines, contract, counts, mapping, opening, workspace
from worlds import worlds


def test_a_dry_run_tells_every_verdict_and_writes_nothing():
    """It is judged as the run would be, to the end, and then undone."""
    desk = Desk()
    desk.send(workspace("V"))
    before, held = desk.rows(), desk.held()
    raws = (b"x", mapping(), mapping(), workspace(), contract(), contract(), mapping("NONE"))
    receipt = desk.send(*raws, dry_run=True, batch_size=2)
    assert [(told.line, told.verdict, told.code) for told in receipt.verdicts] == [
        (1, "refused", "bad-json"),
        (2, "appended", None),
        (3, "duplicate", None),
        (4, "appended", None),
        (5, "appended", None),
        (6, "duplicate", None),
        (7, "refused", "unknown-contract"),
    ]
    assert all((told.reason is None) == (told.code is None) for told in receipt.verdicts)
    assert (desk.rows(), desk.held()) == (before, held)
    real = desk.send(*raws, batch_size=2)
    assert real.verdicts == ()
    assert counts(real) == counts(receipt) == (7, 3, 0, 2, 2)
    assert (real.first_position, real.last_position) == (2, 4)
    assert (receipt.first_position, receipt.last_position) == (2, 4)


def test_a_dry_run_sees_what_waits_from_earlier_runs():
    """What it would release is counted, and waits on."""
    desk = Desk()
    desk.send(mapping(), workspace())
    receipt = desk.send(contract(), mapping(), mapping("NONE"), dry_run=True)
    assert counts(receipt) == (3, 2, 0, 0, 1)
    assert counts(desk.send(contract(), dry_run=True)) == (1, 2, 1, 0, 0)
    assert desk.codes() == ["unknown-contract"]
    assert desk.ids() == ["ws-W"]


@st.composite
def runs(draw):
    """Some runs of one world, in any order, with lines sent again, and a size of batch."""
    events = draw(worlds())
    raws = [json.dumps(event).encode() for event in events]
    again = draw(st.lists(st.sampled_from(raws), max_size=6))
    noise = draw(st.lists(st.sampled_from([b"{", b"{}", b"[1]"]), max_size=2))
    mixed = draw(st.permutations([*raws, *again, *noise])) if draw(st.booleans()) else raws + again
    cuts = sorted(draw(st.lists(st.integers(0, len(mixed)), max_size=3)))
    parts = [mixed[a:b] for a, b in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]
    return parts, draw(st.sampled_from([1, 3, 1000]))


@given(runs())
@settings(max_examples=40)
def test_every_line_is_counted_once_in_any_history(history):
    """read + released = appended + duplicates + refused, and the numbers agree with the log."""
    parts, batch_size = history
    desk, rehearsed = Desk(), Desk()
    for part in parts:
        before, waited = desk.log.head().position, {held.raw for held in desk.held()}
        rehearsal = rehearsed.send(*part, batch_size=batch_size, dry_run=True)
        rehearsed.send(*part, batch_size=1)
        receipt = desk.send(*part, batch_size=batch_size)
        assert counts(receipt) == counts(rehearsal)
        assert receipt.read == len(part) == len(rehearsal.verdicts)
        assert receipt.appended == desk.log.head().position - before
        waits = {held.raw: held.code for held in desk.held()}
        assert receipt.refused == sum(raw in waits for raw in part)
        assert receipt.released <= len(waited - waits.keys())
        assert sum(group.lines for group in receipt.refusals) == receipt.refused
        for raw, told in zip(part, rehearsal.verdicts, strict=True):
            assert told.code == waits.get(raw)
    assert rehearsed.rows() == desk.rows()
    for held in desk.held():
        if held.waits_for is not None:
            assert counts(desk.send(lines=as_lines([held.raw]))) == (1, 0, 0, 0, 1)


def test_a_dry_run_of_nothing_but_facts_tells_each_of_them():
    """What is appended all at once is told line by line, too."""
    desk = Desk()
    raws = [opening(f"C{number}") for number in range(5)]
    receipt = desk.send(*raws, dry_run=True)
    assert [(told.line, told.verdict) for told in receipt.verdicts] == [
        (number, "appended") for number in range(1, 6)
    ]
    assert counts(receipt) == counts(desk.send(*raws)) == (5, 5, 0, 0, 0)
