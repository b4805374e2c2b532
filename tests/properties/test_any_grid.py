"""A grid shows what is in the balance: its rows are the oracle's, and come to the figures."""

from fractions import Fraction

import worlds
from drawing import a_question, examples
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle
from playing import played, records

FIGURES = ("consumed", "reserved", "delivered_hours")
TAKING = {"hour", "engagement", "credit", "each"}


def rows_of(answer):
    """The figures of a grid of engagements, by engagement and place, where there are any."""
    return {
        (row["engagement"], row["package"], row["entitlement"]): figures
        for row in answer["rows"]
        if any((figures := {name: row[name] for name in FIGURES})[name] != "0" for name in FIGURES)
    }


@st.composite
def wandering(draw):
    """A world in which engagements wander between places that are balances, are not, or come."""
    world = worlds.World(draw)
    worlds.add_workspaces_and_contracts(world)
    worlds.add_packages(world)
    for _ in range(draw(st.integers(0, 3))):
        world.pick((worlds.withdraw, worlds.add_line, worlds.transfer, worlds.deactivate))(world)
    for _ in range(draw(st.integers(2, 4))):
        worlds.an_engagement(world)
    if world.rarely(2):
        worlds.add_reversals(world)
    return world.in_arrival_order()


@examples()
@given(events=wandering() | worlds.worlds(), data=st.data())
def test_rows_of_engagements_are_what_the_balances_hold(events, data):
    """Of each engagement what the oracle finds on each entitlement, and no row twice."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        when = {"as_of": asked["as_of"], "known_at": asked["known_at"]}
        answer = ledger.ask("engagements", **when)
        assert rows_of(answer) == Oracle(records(ledger, events)).engagements(**when)
        places = [(row["engagement"], row["package"], row["entitlement"]) for row in answer["rows"]]
        assert len(set(places)) == len(places)


@examples()
@given(events=wandering(), data=st.data())
def test_rows_come_to_the_figures_of_every_balance(events, data):
    """What is consumed, held back and delivered on a line that engagements alone feed."""
    with played(events) as ledger:
        asked = a_question(data, ledger, events)
        when = {"as_of": asked["as_of"], "known_at": asked["known_at"]}
        rows = ledger.ask("engagements", **when)["rows"]
        for package in ledger.ask("packages", **when, kind="all", state="all")["packages"]:
            for line in package["consumables"]:
                place = (package["package"], line["entitlement"])
                own = [row for row in rows if (row["package"], row["entitlement"]) == place]
                narrowed = dict(zip(("package", "entitlement"), place, strict=True))
                assert ledger.ask("engagements", **when, **narrowed)["rows"] == own
                for figure in FIGURES:
                    total = sum((Fraction(row[figure]) for row in own), Fraction(0))
                    assert total == Fraction(line[figure]), (place, figure)
