"""Nothing depends on how a world arrives: its verdicts, its positions, its answers."""

import worlds
from drawing import a_question, arrivals, examples, is_fact
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import Verdicts
from oracle.verdicts import WAITING
from playing import (
    LATER,
    a_ledger,
    ask_everything,
    but_for_positions,
    ids,
    in_bytes,
    played,
    records,
    refused,
    send,
)


@examples(2)
@given(events=worlds.worlds())
def test_verdicts_are_the_oracles(events):
    """What is appended, in which order, and what is refused with which code, is the oracle's."""
    accepted, waiting = Verdicts.ingest(events)
    with played(events) as ledger:
        assert refused(ledger) == sorted((event["id"], code) for event, code in waiting)
        assert ids(records(ledger, events)) == ids(accepted)


@examples()
@given(events=worlds.worlds(), data=st.data())
def test_the_order_of_facts_changes_no_answer(events, data):
    """Facts of different instants give the same answers in whatever order they arrive."""
    other = data.draw(arrivals(events), label="arrival")
    with played(events) as ledger, played(other) as shuffled:
        assume(refused(ledger) == refused(shuffled))  # a decision may see other facts
        asked = a_question(data, ledger, events) | {"known_at": None}
        expected = but_for_positions(ask_everything(ledger, **asked))
        assert but_for_positions(ask_everything(shuffled, **asked)) == expected


@examples(0.5)
@given(events=worlds.worlds(), size=st.integers(1, 30), data=st.data())
def test_a_batch_is_as_many_batches_of_one(events, size, data):
    """However many lines a transaction has, the same is appended, refused and answered."""
    with played(events) as ledger, a_ledger() as other:
        receipt = send(other, events, batch_size=size)
        assert receipt.read + receipt.released == (
            receipt.appended + receipt.duplicates + receipt.refused
        )
        assert ids(records(other, events)) == ids(records(ledger, events))
        assert refused(other) == refused(ledger)
        asked = a_question(data, ledger, events) | {"known_at": None}
        stamped = ask_everything(other, **asked)
        assert but_for_positions(stamped) == but_for_positions(ask_everything(ledger, **asked))


@examples(0.5)
@given(events=worlds.worlds())
def test_a_run_is_as_many_runs_of_one_line(events):
    """Where nothing waits, lines sent one by one are appended as those sent at once."""
    with played(events) as ledger, a_ledger() as other:
        for event in events:
            receipt = send(other, [event])
            assume(not any(found.code in WAITING for found in receipt.refusals))
        assert ids(records(other, events)) == ids(records(ledger, events))
        assert refused(other) == refused(ledger)


@examples(0.5)
@given(events=worlds.worlds(), data=st.data())
def test_what_is_sent_again_adds_nothing(events, data):
    """A file sent twice, or in pieces that overlap, counts duplicates and changes no byte."""
    with played(events) as ledger:
        held = records(ledger, events)
        again = [record.event for record in held]
        asked = a_question(data, ledger, events)
        before = in_bytes(ask_everything(ledger, **asked))
        cut = data.draw(st.integers(0, len(again)), label="cut")
        overlap = data.draw(st.integers(0, cut), label="overlap")
        for piece in (again, again[:cut], again[overlap:]):
            receipt = send(ledger, piece)
            assert (receipt.read, receipt.appended) == (len(piece), receipt.released)
            assert receipt.duplicates == len(piece)
        assume(records(ledger, events) == held)  # what waited may have found its time
        assert in_bytes(ask_everything(ledger, **asked)) == before


@examples(0.8)
@given(events=worlds.worlds(), data=st.data())
def test_a_fact_and_its_reversal_are_as_if_never_sent(events, data):
    """What was reversed leaves no trace in any answer, but for the positions of the others."""
    facts = [event for event in events if is_fact(event)]
    gone = data.draw(st.lists(st.sampled_from(facts), min_size=1, max_size=3, unique_by=id_of))
    kept = [event for event in events if event not in gone and not reverses(event, gone)]
    sent = [event for event in events if event in kept or event in gone]
    sent += [reversal(event) for event in gone]
    with played(kept) as without, played(sent) as ledger:
        added = {*ids(records(ledger, sent))} - {*ids(records(without, kept))}
        assume(added == {*map(id_of, gone), *(f"not-{id_of(event)}" for event in gone)})
        asked = a_question(data, without, kept) | {"known_at": None}
        expected = but_for_positions(ask_everything(without, **asked))
        assert but_for_positions(ask_everything(ledger, **asked)) == expected


def id_of(event):
    return event["id"]


def reverses(event, gone):
    """Whether an event reverses one of those."""
    return event["type"] == "event.reversed" and event["data"]["reverses"]["id"] in map(id_of, gone)


def reversal(event):
    """What takes an event back, whenever."""
    data = {"reverses": {"source": event["source"], "id": event["id"]}}
    data |= {"reason": "typo", "authorised_by": "ada"}
    told = {"id": f"not-{event['id']}", "type": "event.reversed", "data": data}
    return event | told | {"time": f"{LATER}T00:00:00Z"}
