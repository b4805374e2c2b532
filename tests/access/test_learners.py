"""Learners: one who may not see them is told totals and own rows, and nothing in between."""

import json

import pytest
from crowds import add, examples, ledger_of, questions
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ledger.errors import CpodError, NotAllowed

EDU = {"package": "P", "entitlement": "EDU"}
PLACES = ("EDU", "MORE")
END = "2025-12-31"
HIDDEN = ("lea-1", "mal-2", "zed-3")
USERS = ("nadia", "lou", "wim")


def told(hidden, at_the_end=()):
    """A customer with two workspaces; nadia starts two courses among `hidden`: (day, place)."""
    events = []
    for workspace in ("w1", "w2"):
        data = {"workspace": workspace, "customer": "c", "name": workspace}
        add(events, "workspace.created", data)
    period = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    add(events, "contract.signed", {"contract": "K", "customer": "c", "name": "K"} | period)
    for workspace in ("w1", "w2"):
        add(events, "contract.mapped", {"contract": "K", "workspace": workspace})
    line = {"service": "on_demand_education", "class": "consumable", "unit": "activity"}
    lines = [
        line | {"entitlement": "EDU", "name": "Courses", "quantity": 3},
        line | {"entitlement": "MORE", "name": "More courses"},
    ]
    bought = {"contract": "K", "package": "P", "kind": "enterprise", "name": "P"} | period
    add(events, "package.purchased", bought | {"entitlements": lines})
    for quantity, first, last, priority in ((3, 3, 6, -1), (1, 5, 8, 0), (2, 10, 12, 1)):
        days = {"starts_on": f"2025-{first:02}-01", "expires_on": f"2025-{last:02}-28"}
        more = {"quantity": quantity, "priority": priority, "reason": "more"}
        add(events, "entitlement.granted", EDU | more | days)
    for user, role in (
        ("nadia", "customer_activity"),
        ("lou", "customer_activity"),
        ("lou", "learning_manager"),
        ("wim", "workspace_admin"),
    ):
        scope = {"principal": f"user:{user}", "role": role, "scope": "workspace:w1"}
        add(events, "role.granted", scope)
    for number, (day, place) in enumerate(hidden):
        learner = HIDDEN[number % len(HIDDEN)]
        start(events, learner, f"item {number}", day, place)
        if number in (0, 2):
            start(events, "nadia", f"item {number}", f"2025-0{number + 3}-15", "EDU")
    for event in at_the_end:
        add(events, *event)
    return events


def start(events, learner, item, day, place="EDU"):
    data = {"learner": learner, "item": item, "package": "P", "entitlement": place}
    data["workspace"] = "w2" if learner == "zed-3" else "w1"
    add(events, "course.started", data, f"{day}T09:00:00Z")


STARTED = [("2025-02-10", "EDU"), ("2025-04-10", "EDU"), ("2025-09-10", "EDU")]


@pytest.fixture(scope="module")
def ledger():
    with ledger_of(told(STARTED)) as ledger:
        assert ledger.quarantine_list()["rows"] == []
        yield ledger


def test_a_statement_has_own_starts_and_one_line_for_the_others(ledger):
    """Lots and own starts as they are; then what others used and what expired, without a time."""
    lines = ledger.ask("statement", **EDU, as_of=END, viewer="nadia")["lines"]
    assert [
        (line["what"], line["effective_at"], line["change"], line["balance"]) for line in lines
    ] == [
        ("lot_started", "2025-01-01T00:00:00Z", "3", "3"),
        ("lot_started", "2025-03-01T00:00:00Z", "3", "6"),
        ("consumed", "2025-03-15T09:00:00Z", "-1", "5"),
        ("lot_started", "2025-05-01T00:00:00Z", "1", "6"),
        ("consumed", "2025-05-15T09:00:00Z", "-1", "5"),
        ("lot_started", "2025-10-01T00:00:00Z", "2", "7"),
        ("used_by_others", None, "-3", "4"),
        ("lot_expired", None, "-3", "1"),
    ]
    for line in lines[-2:]:
        untold = ("position", "source", "id", "type", "recorded_at")
        assert [line[key] for key in untold] == [None] * len(untold)
    whole = ledger.ask("statement", **EDU, as_of=END)["lines"]
    assert whole[-1]["balance"] == lines[-1]["balance"]
    own = [line for line in lines if line["what"] == "consumed"]
    assert [line | {"balance": None} for line in own] == [
        line | {"balance": None}
        for line in whole
        if line["position"] in {own[0]["position"], own[1]["position"]}
    ]


def test_a_period_is_brought_forward_with_what_others_used_before(ledger):
    """The balance at its start is the one of that day; the sums are of the period."""
    lines = ledger.ask("statement", **EDU, as_of=END, viewer="nadia", from_day="2025-04-01")[
        "lines"
    ]
    assert [(line["what"], line["change"], line["balance"]) for line in lines] == [
        ("brought_forward", None, "4"),
        ("lot_started", "1", "5"),
        ("consumed", "-1", "4"),
        ("lot_started", "2", "6"),
        ("used_by_others", "-2", "4"),
        ("lot_expired", "-3", "1"),
    ]


def test_an_explanation_says_of_no_lot_what_burned_it(ledger):
    """Lots with what was granted; lines without a lot but their starts; the balance is true."""
    found = ledger.ask("explain", **EDU, as_of=END, viewer="nadia")
    whole = ledger.ask("explain", **EDU, as_of=END)
    assert found["balance"] == whole["balance"]
    untold = dict.fromkeys(("burned", "returned", "expired", "left"))
    assert found["lots"] == [lot | untold for lot in whole["lots"]]
    assert [(line["what"], line["lot"] is None, line["change"]) for line in found["lines"]] == [
        *[("lot_started", False, quantity) for quantity in ("3", "3", "1", "2")],
        ("consumed", True, "-1"),
        ("consumed", True, "-1"),
        ("used_by_others", True, "-3"),
        ("lot_expired", True, "-3"),
    ]
    assert all(line["left"] is None and line["of"] is None for line in found["lines"])


def test_a_report_has_no_course_over_time_of_it(ledger):
    """Balances and the statement stand in it; what has days or months in it is left out."""
    found = ledger.ask("report", contracts=["K"], as_of=END, viewer="nadia")
    assert found["left_out"] == []
    place = {"package": "P", "entitlement": "EDU", "name": "Courses", "unit": "activity"}
    assert found["summed"] == [place]
    assert "summed" not in ledger.ask("report", contracts=["K"], as_of=END)
    assert [found[part] for part in ("burn_downs", "expiring", "deliveries")] == [[], [], []]
    (statement,) = found["statements"]
    assert statement["lines"] == ledger.ask("statement", **EDU, as_of=END, viewer="nadia")["lines"]


def test_a_chart_is_not_drawn_of_it(ledger):
    """Asked for by itself it is not allowed; with its package it is named as left out."""
    with pytest.raises(NotAllowed, match="learners"):
        ledger.ask("chart", **EDU, as_of=END, viewer="nadia")
    answer = ledger.ask("chart", package="P", as_of=END, viewer="nadia")
    assert (answer["series"], [row["entitlement"] for row in answer["left_out"]]) == ([], ["EDU"])
    assert ledger.ask("chart", **EDU, as_of="2025-01-31", viewer="nadia")["series"] != []


def test_a_difference_has_one_move_for_the_others(ledger):
    """Its own starts with their events; what others moved, and what expired, without a time."""
    found = ledger.diff("2025-01-31", END, viewer="nadia", packages=["P"])
    moves = [(move["figure"], move["effective_at"], move["change"]) for move in found["moves"]]
    assert moves[-2:] == [("consumed", None, "3"), ("expired", None, "3")]
    assert [move for move in moves if move[0] == "consumed"][:2] == [
        ("consumed", "2025-03-15T09:00:00Z", "1"),
        ("consumed", "2025-05-15T09:00:00Z", "1"),
    ]
    for move in found["moves"][-2:]:
        untold = ("position", "source", "id", "type", "recorded_at", "lot")
        assert [move[key] for key in untold] == [None] * len(untold)
        assert move["because"] == []
    sums = {}
    for figure, _at, change in moves:
        sums[figure] = sums.get(figure, 0) + int(change)
    (entitlement,) = found["entitlements"]
    assert {figure: str(total) for figure, total in sums.items()} == {
        figure: entitlement["change"][figure] for figure in sums
    }


def test_an_administrator_sees_the_starts_of_their_workspace_alone(ledger):
    """What was started elsewhere is a sum for them, too: it is not theirs to see."""
    for user in ("wim", "lou"):
        lines = ledger.ask("statement", **EDU, as_of=END, viewer=user)["lines"]
        seen = [line["effective_at"][:10] for line in lines if line["what"] == "consumed"]
        assert seen == ["2025-02-10", "2025-03-15", "2025-04-10", "2025-05-15"]
        assert [line["change"] for line in lines if line["what"] == "used_by_others"] == ["-1"]


def test_where_nothing_is_hidden_nothing_is_summed(ledger):
    """An administrator of all of the customer is told what the operator is."""
    for as_of, viewer in ((END, None), ("2025-01-31", "nadia")):
        lines = ledger.ask("statement", **EDU, as_of=as_of, viewer=viewer)["lines"]
        assert all(line["effective_at"] for line in lines)
    role = {"principal": "user:ada", "role": "customer_admin", "scope": "customer:c"}
    with ledger_of(told(STARTED, [("role.granted", role)])) as other:
        for view in ("statement", "explain", "chart"):
            mine, whole = (other.ask(view, **EDU, as_of=END, viewer=who) for who in ("ada", None))
            assert mine == whole


def everything(ledger, as_of, viewer):
    """Every answer that a viewer may have of courses, as bytes."""
    found = questions(ledger, as_of, viewer, ())
    scope = {"as_of": as_of, "viewer": viewer}
    for place in PLACES:
        on = {"package": "P", "entitlement": place}
        for view in ("explain", "chart", "education"):
            found[f"{view} {place}"] = said(ledger.ask, view, **on, **scope)
    found["chart"] = said(ledger.ask, "chart", package="P", **scope)
    found["report"] = said(ledger.ask, "report", contracts=["K"], **scope)
    found["diff"] = said(ledger.diff, "2024-12-31", as_of, viewer=viewer, packages=["P"])
    return found


def said(ask, *given, **question):
    try:
        return json.dumps(ask(*given, **question))
    except CpodError as error:
        return f"{error.code}: {error}"


DAYS = st.sampled_from(
    [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 15, 28)]
)
STARTS = st.lists(st.tuples(DAYS, st.sampled_from(PLACES)), min_size=1, max_size=5)


@example(hidden=[("2025-04-28", "EDU")], others=[("2025-07-15", "EDU")], viewer="nadia", as_of=END)
@examples(0.5)
@given(
    hidden=STARTS,
    others=STARTS,
    viewer=st.sampled_from(USERS),
    as_of=st.sampled_from(("2025-06-30", "2025-09-30", END, "2026-01-31")),
)
def test_hidden_starts_of_the_same_totals_change_no_byte(hidden, others, viewer, as_of):
    """When others started, and so which lots they burned, stands in no answer of any view."""
    others = (others + hidden)[: len(hidden)]
    one, other = told(hidden), told(others)
    if viewer != "nadia":  # who sees the learners of w1: only those of w2 may differ
        other = [
            theirs if theirs["data"].get("learner") == "zed-3" else mine
            for mine, theirs in zip(one, other, strict=True)
        ]
    with ledger_of(one) as first, ledger_of(other) as second:
        totals = [
            [
                ledger.ask("packages", as_of=as_of, kind="all", state="all"),
                ledger.ask("summary", as_of=as_of, viewer=viewer, from_day="2018-01-01"),
                ledger.ask("education", as_of=as_of, viewer=viewer)["totals"],
                [
                    ledger.ask("education", as_of=as_of, package="P", entitlement=place)["totals"]
                    for place in PLACES
                ],
            ]
            for ledger in (first, second)
        ]
        assume(totals[0] == totals[1])
        mine, theirs = (everything(ledger, as_of, viewer) for ledger in (first, second))
        for name, answer in mine.items():
            assert answer == theirs[name], name
