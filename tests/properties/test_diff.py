"""What moved a balance comes to the difference of the balances, on any world, exactly."""

from fractions import Fraction

import worlds
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from oracle.accounts import account
from playing import a_ledger, records, send

from ledger.domain.values.quantities import SCALE
from ledger.projections.filters import Filters
from ledger.projections.history.diff import FIGURES, changed
from ledger.projections.history.diff_answer import difference, is_different

NONE = dict.fromkeys((*FIGURES, "remaining"), Fraction(0))


def with_dates(ledger, before, after, look):
    """What a function finds of the questions of a difference."""
    now = ledger._clock()
    found = []

    def answer(question):
        found.append(look(ledger._dates(question, before, now)))
        return {}

    asked = {"as_of": after[0], "known_at": after[1]}
    nobody = {"viewer": None, "workspaces": (), "now": now}
    ledger._asking.ask(answer, Filters(), **asked, **nobody)
    return found[0]


def figures(oracle, asked):
    """The exact figures of every consumable, by its place."""
    question = oracle.question(asked["as_of"], asked["known_at"])
    return {
        (package["package"], line["entitlement"]): account(question, package["package"], line)
        for package in question.all_packages()
        for line in question.entitlements(package["package"])
        if line["consumable"]
    }


def pair(asked):
    known_at = asked["known_at"]
    return asked["as_of"], None if known_at is None else str(known_at)


def total(moves, *names):
    return Fraction(sum(move.change for move in moves if move.key.figure in names), SCALE)


@given(data=st.data())
def test_the_moves_come_to_the_difference_exactly(data):
    """For any two pairs of dates each figure of the oracle differs by the sum of its moves."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        oracle = Oracle(records(ledger, events))
        last = len(oracle.records)
        first, second = (data.draw(worlds.questions(events, last)) for _ in range(2))
        was, now = figures(oracle, first), figures(oracle, second)

        def look(dates):
            found = {(one.package, one.entitlement): one.moves for one in changed(dates)}
            for place in was.keys() | now.keys():
                moves = found.get(place, [])
                before, after = was.get(place, NONE), now.get(place, NONE)
                for name in FIGURES:
                    expected = (after[name] or 0) - (before[name] or 0)
                    assert total(moves, name) == expected, (place, name)
                remaining = (after["remaining"] or 0) - (before["remaining"] or 0)
                if after["granted"] is not None and before["granted"] is not None:
                    spent = total(moves, "consumed", "expired")
                    assert total(moves, "granted") - spent == remaining

        with_dates(ledger, pair(first), pair(second), look)


@given(data=st.data())
def test_moves_stand_where_their_events_belong(data):
    """Later knowledge was recorded since; new business took effect since; else it says why."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        last = ledger.log.head().position
        first, second = (data.draw(worlds.questions(events, last)) for _ in range(2))

        def look(dates):
            known = sorted((dates.before.position, dates.after.position))
            for move in difference(dates)["moves"]:
                if move["stride"] != "later_knowledge" or move["position"] is None:
                    continue
                if known[0] < move["position"] <= known[1]:
                    assert move["because"] == []
                else:
                    causes = [cause["position"] for cause in move["because"]]
                    assert causes
                    assert all(known[0] < cause <= known[1] for cause in causes)

        with_dates(ledger, pair(first), pair(second), look)


@given(data=st.data())
def test_nothing_differs_from_itself_and_back_is_the_opposite(data):
    """A question has no difference from itself; the other way round each change is negated."""
    events = data.draw(worlds.worlds())
    with a_ledger() as ledger:
        send(ledger, events)
        last = ledger.log.head().position
        first, second = (data.draw(worlds.questions(events, last)) for _ in range(2))
        assert not is_different(with_dates(ledger, pair(first), pair(first), difference))
        there = with_dates(ledger, pair(first), pair(second), difference)
        back = with_dates(ledger, pair(second), pair(first), difference)
        changes = [
            {
                (line["package"], line["entitlement"], name): Fraction(change)
                for line in answer["entitlements"]
                for name, change in line["change"].items()
                if Fraction(change)
            }
            for answer in (there, back)
        ]
        assert changes[0] == {key: -change for key, change in changes[1].items()}
        for key in ("contracts", "packages", "additional"):
            flipped = [line | {"from": line["to"], "to": line["from"]} for line in back[key]]
            assert there[key] == flipped
