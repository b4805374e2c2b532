"""What the database adds up and counts is what the plain way comes to, one row at a time."""

from collections import Counter
from contextlib import closing
from types import SimpleNamespace

import pytest
from drawing import a_question, examples
from hypothesis import given
from hypothesis import strategies as st
from playing import START, a_ledger, send
from worlds import worlds

from ledger.domain.balance.burndown import burn_down
from ledger.domain.balance.lots import Change, Lot, Supply
from ledger.domain.values.calendar import day_start
from ledger.domain.values.quantities import SCALE
from ledger.projections.balances import consumption as sums
from ledger.projections.balances.consumption import consumed_until, flows, summed_flows
from ledger.projections.books.sqlite import open_books
from ledger.projections.cases import listing as case_list
from ledger.projections.cases.counts import count_cases
from ledger.projections.cases.listing import listed_cases, zone_of_case
from ledger.projections.filters import Filters

VIEWERS = st.sampled_from((None, None, "ada", "bob"))


def asked(ledger, view, question, viewer=None, **filters):
    """What a function of a question returns."""
    return ledger._asking.ask(
        view,
        Filters(expiry_basis=question["basis"], **filters),
        as_of=question["as_of"],
        known_at=None if question["known_at"] is None else str(question["known_at"]),
        viewer=viewer,
        workspaces=question["workspaces"] or (),
        now=START,
    )


TIMES = st.integers(0, 9)
AMOUNTS = st.integers(1, 5)


@st.composite
def lots(draw, position):
    """A lot that starts with a day or with an event, and ends some time."""
    start = draw(TIMES)
    end = start + draw(st.integers(1, 9))
    return Lot(draw(st.integers(0, 1)), end, start, position, draw(AMOUNTS), None)


@st.composite
def supplies(draw):
    """All that gives and takes, each at a position that no delivery has."""
    positions = iter(range(1, 99, 3))
    dated, arriving = (
        tuple(draw(lots(next(positions))) for _ in range(draw(st.integers(0, 3)))) for _ in "ab"
    )
    taken = tuple(
        Change(draw(TIMES), next(positions), -draw(AMOUNTS), None)
        for _ in range(draw(st.integers(0, 2)))
    )
    return Supply(dated, tuple(lot._replace(priority=0) for lot in arriving), taken)


@st.composite
def postings(draw):
    """Deliveries, and what goes back, by events of several postings each."""
    found = []
    for event in range(draw(st.integers(0, 8))):
        at, position = draw(TIMES), 3 * draw(st.integers(1, 33)) + 2
        turn = position if draw(st.booleans()) else position + 1000
        for entry, amount in enumerate(draw(st.lists(AMOUNTS, min_size=1, max_size=2))):
            sign = draw(st.sampled_from((1, 1, -1)))
            row = (at, turn, entry, 100 * event + position, "P", "E", "labour", "W")
            found.append((event, *row, *divmod(sign * amount, SCALE)))
    return found


@examples(10)
@given(
    supply=supplies(),
    rows=postings(),
    cut=TIMES,
    increment=st.none() | st.integers(2, 3),
    few=st.sampled_from((0, 1, 20)),
)
def test_a_sum_of_deliveries_leaves_the_balance_that_each_by_itself_leaves(
    supply, rows, cut, increment, few
):
    """Runs of deliveries may be added up, but not across what a lot, a term or a refund does."""
    entitlement = SimpleNamespace(entitlement="E", unit="hour", draw_increment=increment)
    package, line = SimpleNamespace(package="P"), SimpleNamespace(entitlement=entitlement)
    with closing(open_books(None, "L")) as books, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "_FEW", few)
        books.insert("postings", rows)
        alone = flows(books, package, line, cut)
        summed = summed_flows(books, package, line, cut, supply)
        assert burn_down(supply, summed, cut) == burn_down(supply, alone, cut)
        assert consumed_until(books, package, line, cut) == sum(flow.amount for flow in alone)


ROLES = (
    ("customer_activity", "workspace:W0"),
    ("workspace_admin", "workspace:W1"),
    ("customer_activity", "customer:acme"),
    ("view_all_requests", "workspace:W0"),
)


def role_of(user, role, scope):
    """The event that gives a role, before everything."""
    data = {"principal": f"user:{user}", "role": role, "scope": scope}
    event = {"specversion": "1.0", "id": f"{role}-{scope}", "source": "urn:roles"}
    return event | {"type": "role.granted", "time": "2000-01-01T00:00:00Z", "data": data}


@examples()
@given(events=worlds(), viewer=VIEWERS, roles=st.permutations(ROLES), data=st.data())
def test_cases_that_are_counted_are_those_that_are_listed(events, viewer, roles, data):
    """For every scope, viewer and period; and every list holds what its name says."""

    def compare(question):
        found = listed_cases(question)
        for which in ("main", "additional"):
            listed = [one for one in found if getattr(one, which)]
            assert listed_cases(question, which) == listed
        main = [one.row for one in found if one.main]
        counts = count_cases(question)
        assert +counts.listed == Counter((row.package, row.entitlement) for row in main)
        if question.period_day is not None:
            late = [
                row
                for row in main
                if row.opened_at >= day_start(question.period_day, zone_of_case(question, row))
            ]
            assert +counts.in_period == Counter((row.package, row.entitlement) for row in late)

    with a_ledger() as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_list, "_KINDS_READ", data.draw(st.sampled_from((1, 200))))
        if viewer is not None:
            events = [*events, *(role_of(viewer, *each) for each in roles[:3])]
        send(ledger, events)
        question = a_question(data, ledger, events)
        if viewer is not None:
            question |= {"workspaces": None, "known_at": None}
        day = data.draw(st.none() | st.just(question["as_of"][:10]), label="from")
        asked(ledger, compare, question, viewer, from_day=day)
