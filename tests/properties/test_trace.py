"""A trace shows balances as if one event had never been, on any world, and changes nothing."""

import worlds
from figures import figures, figures_of
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from playing import a_ledger, in_bytes, records, send


def balances(oracle, asked):
    """What the oracle shows of every consumable, by its place."""
    return figures(oracle.packages(**asked, kind="all", state="all")["packages"])


@given(data=st.data())
def test_without_an_event_balances_are_those_of_a_ledger_that_never_had_it(data):
    """Every balance that differs without the event is shown, on both sides as the oracle has it."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        found = records(ledger, events)
        asked = data.draw(worlds.questions(events, len(found)))
        known = [record for record in found if record.position <= (asked["known_at"] or len(found))]
        choice = [record for record in known if record.event["type"] != "contract.signed"]
        if not choice:
            return
        record = data.draw(st.sampled_from(choice))
        having = balances(Oracle(found), asked)
        lacking = balances(Oracle([other for other in found if other is not record]), asked)
        differ = {
            place
            for place in having.keys() | lacking.keys()
            if having.get(place) != lacking.get(place)
        }
        before = in_bytes(ledger.ask("packages", kind="all", state="all", **asked))
        traced = ledger.trace(record.event["source"], record.event["id"], **asked)
        shown = {(row["package"], row["entitlement"]): row for row in traced["balances"]}
        assert shown.keys() >= differ
        for place, row in shown.items():
            if place not in differ:
                continue
            assert figures_of(row["with"]) == having.get(place)
            assert figures_of(row["without"]) == lacking.get(place)
        assert in_bytes(ledger.ask("packages", kind="all", state="all", **asked)) == before


@given(data=st.data())
def test_every_event_and_every_refused_line_is_found(data):
    """What was sent is either recorded at a position, or waits with its reason, or both."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        held = {row["raw"] for row in ledger.quarantine_list()["rows"]}
        for event in events:
            traced = ledger.trace(event["source"], event["id"], as_of="2026-01-01")
            assert traced["event"] is not None or traced["refused"]
            assert {row["raw"] for row in traced["refused"] + traced["waiting"]} <= held
            if traced["event"] is not None:
                assert traced["event"]["type"] == event["type"]
