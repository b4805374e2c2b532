"""Ingest: what the size of a batch and the place of a cut do not change, and where events go."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sending import (
    FOUNDATION,
    SOURCE,
    Desk,
    as_lines,
    contract,
    counts,
    event,
    grant,
    labour,
    line,
    mapping,
    opening,
    package,
    reversal,
    transfer,
    workspace,
)

from ledger.errors import UsageError


def test_equal_values_are_duplicates():
    """12.50 is 12.5, +01:00 is the same instant in UTC, and the order of keys says nothing."""
    desk = Desk()
    desk.send(*FOUNDATION, grant(quantity=12.5))
    told = json.loads(grant(quantity=12.5))
    turned = json.dumps({name: told[name] for name in reversed(told)}, indent=1).replace("\n", " ")
    others = [
        grant(quantity="12.50"),
        grant(quantity=12.5).replace(b"12.5", b"12.500"),
        grant(quantity=12.5).replace(b"12.5", b"0.125E2"),
        grant(quantity=12.5).replace(b"09:00:00Z", b"10:00:00+01:00"),
        grant(quantity=12.5).replace(b"09:00:00Z", b"09:00:00.000Z"),
        grant(quantity=12.5, priority=None),
        grant(quantity=12.5).replace(b'"specversion"', b'"dataschema": null, "specversion"'),
        turned.encode(),
    ]
    assert counts(desk.send(*others)) == (8, 0, 0, 8, 0)


def test_a_leap_second_is_the_nanosecond_before_the_next_day():
    """However it is spelled, in the envelope and in data, of a fact and of a plain one."""
    planned = {"engagement": "G", "workspace": "W", "package": "P", "entitlement": "E"}
    planned |= {"title": "t", "quantity": 1, "starts_at": "2016-12-31T23:59:60Z"}
    desk = Desk()
    sent = [
        event("workshop.scheduled", planned, "g", time="2016-12-31T18:59:60-05:00"),
        event("case.closed", {"case": "C"}, "c", time="2016-12-31T23:59:60Z"),
    ]
    assert counts(desk.send(*sent)) == (2, 2, 0, 0, 0)
    last = b"2016-12-31T23:59:59.999999999Z"
    assert [row.state.count(last) for row in desk.log.read(0)] == [2, 1]
    again = [line.replace(b"2016-12-31T18:59:60-05:00", last) for line in sent]
    again = [line.replace(b"2016-12-31T23:59:60Z", last) for line in again]
    assert counts(desk.send(*again)) == (2, 0, 0, 2, 0)
    (row,) = desk.ledger.ask("engagements", as_of="2016-12-31T23:59:60Z")["rows"]
    assert row["starts_at"] == row["scheduled_at"] == last.decode()
    assert desk.ledger.ask("engagements", as_of="2016-12-31T23:59:59.999999998Z")["rows"] == []


@pytest.mark.parametrize(
    "other",
    [
        grant(quantity=12.51),
        grant(quantity=12.5, priority=1),
        grant(quantity=12.5).replace(b"09:00:00Z", b"09:00:00.000000001Z"),
        grant(quantity=12.5).replace(b'"specversion"', b'"extra": 1, "specversion"'),
        grant(quantity=12.5).replace(b"more", b"More"),
    ],
)
def test_other_values_are_conflicts_and_the_stored_event_stays(other):
    """The same key with other content is refused, and changes nothing."""
    desk = Desk()
    desk.send(*FOUNDATION, grant(quantity=12.5))
    before = desk.rows()
    desk.send(other)
    assert desk.codes() == ["conflict"]
    assert desk.rows() == before


def test_an_extension_is_kept_and_compared_as_a_value():
    """10 and 10.0 are the same extension; true is not 1."""
    desk = Desk()
    raw = event("case.closed", {"case": "C"}, extra=10)
    assert counts(desk.send(raw, raw.replace(b"10,", b"10.0,"))) == (2, 1, 0, 1, 0)
    assert json.loads(desk.log.read(0)[0].state)["extra"] == 10
    desk.send(raw.replace(b"10,", b"true,"))
    assert desk.codes() == ["conflict"]


def test_ids_are_text():
    """007 is not 7, and the same id of another source is another event."""
    desk = Desk()
    first = event("case.closed", {"case": "7"}, id="7")
    other = first.replace(SOURCE.encode(), b"urn:other")
    assert counts(desk.send(first, first.replace(b'"7"', b'"007"'), other)) == (3, 3, 0, 0, 0)


def test_facts_are_appended_whatever_they_name():
    """A well-formed fact is never refused for what is or is not recorded."""
    raw = opening(contract="NONE", package="NONE", entitlement="NONE")
    assert counts(Desk().send(raw, labour())) == (2, 2, 0, 0, 0)


def test_events_go_to_their_streams():
    """Package, else contract, else where the case lives, else workspace, else unattributed."""
    desk = Desk()
    raws = {
        "workspace:W": [workspace(), opening("C1"), labour("C1", id="l1")],
        "contract:K": [contract(), mapping(), opening("C2", contract="K"), labour("C2", id="l2")],
        "package:P": [package(), opening("C3", contract="K", package="P"), labour("C3", id="l3")],
        "unattributed": [labour("C4", id="l4")],
    }
    every = [raw for stream in raws.values() for raw in stream]
    assert desk.send(*every).refused == 0
    for stream, mine in raws.items():
        assert [json.loads(row.state)["id"] for row in desk.log.stream(stream)] == [
            json.loads(raw)["id"] for raw in mine
        ]
    desk.send(reversal("l3"), opening("C4", package="P"), labour("C4", id="l5"))
    assert [row.version for row in desk.log.stream("package:P")] == [1, 2, 3, 4, 5, 6]


def test_a_transfer_stands_with_the_package_that_it_leaves():
    """The stream of a transfer is that of its origin."""
    desk = Desk()
    desk.send(*FOUNDATION, package("Q", lines=[line("E2")]), transfer(target=("Q", "E2")))
    assert json.loads(desk.log.stream("package:P")[-1].state)["id"] == "transfer"


def test_a_transfer_sees_what_its_own_batch_has_taken():
    """Two transfers of twelve hours out of twenty: the second finds too little, in one batch."""
    desk = Desk()
    receipt = desk.send(
        *FOUNDATION,
        package("Q", lines=[line("E2")]),
        transfer(12, target=("Q", "E2")),
        transfer(12, target=("Q", "E2"), id="second"),
    )
    assert counts(receipt) == (7, 6, 0, 0, 1)
    assert receipt.refusals[0].code == "insufficient-balance"


STORY = (
    *FOUNDATION,
    package("Q", lines=[line("E2")]),
    grant(),
    grant(),
    mapping("NONE"),
    opening(contract="K", package="P", entitlement="E"),
    labour(minutes=600),
    reversal("labour"),
    transfer(16, target=("Q", "E2")),
    transfer(16, target=("Q", "E2"), id="second"),
    grant(quantity=6),
    b"no json",
    b"no json",
    opening("C", id="later"),
    reversal("labour", id="again"),
    labour("C5", id="l5"),
    opening("C5", package="P"),
)
"""Of everything a little; nothing in it waits for what comes later."""


def held_plainly(desk):
    return [(held.code, held.line, held.raw, held.waits_for) for held in desk.held()]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 1000])
def test_a_batch_of_many_is_many_batches_of_one(batch_size):
    """The size of a batch changes neither what is stored nor any verdict."""
    one, other = Desk(), Desk()
    first, second = one.send(*STORY, batch_size=1), other.send(*STORY, batch_size=batch_size)
    assert counts(first) == counts(second)
    assert one.rows() == other.rows()
    assert held_plainly(one) == held_plainly(other)


@given(st.lists(st.integers(0, len(STORY)), max_size=5).map(sorted))
def test_a_file_split_anywhere_adds_nothing(cuts):
    """The parts of a file, sent one after the other, come to what the whole file does."""
    whole, parts = Desk(), Desk()
    whole.send(*STORY)
    for start, end in zip([0, *cuts], [*cuts, len(STORY)], strict=True):
        counts(parts.send(lines=as_lines(STORY)[start:end]))
    assert parts.rows() == whole.rows()
    assert held_plainly(parts) == held_plainly(whole)


def test_a_file_sent_twice_adds_nothing():
    """The second time what was appended is a duplicate, and what was refused is refused."""
    desk = Desk()
    first = desk.send(*STORY)
    before, held = desk.rows(), held_plainly(desk)
    second = desk.send(*STORY)
    assert second.appended == 0
    assert second.duplicates == first.appended + first.duplicates
    assert second.refused == first.refused
    assert desk.rows() == before
    assert held_plainly(desk) == held


def test_a_batch_has_one_line_or_more():
    """A batch size of nothing is wrong usage."""
    with pytest.raises(UsageError):
        Desk().send(workspace(), batch_size=0)


def test_a_transaction_has_one_stamp_and_the_next_a_later_one():
    """Each batch is recorded at one moment."""
    desk = Desk()
    desk.send(*FOUNDATION, batch_size=2)
    stamps = [row.recorded_at for row in desk.log.read(0)]
    assert stamps[0] == stamps[1] < stamps[2] == stamps[3]


def test_progress_is_told_after_each_batch():
    """Whoever watches is told the lines that are done."""
    told = []
    Desk().send(*FOUNDATION, batch_size=3, on_progress=lambda done, _: told.append(done))
    assert told == [3, 4]


def test_the_receipt_is_printed_in_its_order():
    """The receipt has the keys of the contract and positions that were assigned."""
    answer = Desk().send(*FOUNDATION, b"x").answer()
    assert list(answer) == [
        "read", "appended", "released", "duplicates", "refused",
        "first_position", "last_position", "seconds", "taken_over", "refused_before",
    ]  # fmt: skip
    assert (answer["first_position"], answer["last_position"]) == (1, 4)
    empty = Desk().send().answer()
    assert (empty["first_position"], empty["last_position"]) == (None, None)


def test_others_may_write_between_two_batches():
    """What another writer appends between two runs is seen by the next one."""
    desk = Desk()
    desk.send(workspace())
    desk.send(contract())
    desk.send(mapping())
    assert desk.ids() == ["ws-W", "ct-K", "map-K-W"]
