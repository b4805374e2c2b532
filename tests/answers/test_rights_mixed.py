"""Viewers with mixed rights: an admin of one workspace and not of another, shares of now."""

import pytest
from small_ledger import line

PLACE = {"contract": "K", "package": "P", "entitlement": "E"}
LIMITED = {"consumed", "consumed_in_scope", "used_elsewhere", "expired", "remaining", "available"}
LIMITED |= {"overage"}


@pytest.fixture
def two(small):
    """Two workspaces of one customer, a case in each; ada administers W and opens V."""
    for name in ("W", "V"):
        small.workspace(name)
    small.contract(to=("W", "V"))
    credits_ = line("CR", "credit", "proactive_credits", 20)
    courses = line("CO", "activity", "on_demand_education", 20)
    small.package(lines=[line(), line("H", "hour", "advisory"), credits_, courses])
    small.role("ada", "workspace_admin", "workspace:W")
    small.role("ada", "customer_activity", "workspace:V")
    small.role("bob", "customer_activity", "customer:C")
    for name in ("W", "V"):
        case = {"case": f"of {name}", "title": "t", "support_type": "reactive", **PLACE}
        small.add("case.opened", workspace=name, **case)
        course = {"learner": f"lea-{name}", "item": "AZ", "package": "P", "entitlement": "CO"}
        small.add("course.started", workspace=name, **course)
    return small


@pytest.mark.parametrize(
    "scope,limited,cases",
    [
        ((), True, ["of W"]),
        (("W", "V"), True, ["of W"]),
        (("V", "W"), True, ["of W"]),
        (("V",), True, []),
        (("W",), False, ["of W"]),
    ],
)
def test_an_admin_of_one_workspace_is_limited_where_another_is_asked_for_too(
    two, scope, limited, cases
):
    """Figures that cases feed are null, others are not; rows are those of the admin's own."""
    question = {"viewer": "ada", "workspaces": scope, "as_of": "2025-06-30"}
    answer = two.ask("summary", **question)
    assert answer["limited"] == limited
    for found in answer["lines"]:
        hidden = {name for name in LIMITED if found[name] is None}
        assert hidden == (LIMITED if limited and found["unit"] in {"case", "hour"} else set())
        assert found["granted"] is not None
        if found["unit"] == "case":
            assert found["cases"] == len(cases)
    assert [row["case"] for row in two.ask("cases", **question)["rows"]] == cases
    learners = {row["learner"] for row in two.ask("education", **question)["rows"]}
    assert learners == ({"lea-W"} if cases else set())


def test_a_statement_of_cases_is_for_admins_of_all_that_is_asked_for(two):
    from ledger.errors import NotAllowed

    asked = {"package": "P", "viewer": "ada", "as_of": "2025-06-30"}
    for view in ("statement", "explain"):
        two.ask(view, entitlement="E", workspaces=["W"], **asked)
        two.ask(view, entitlement="CR", **asked)
        for scope in ((), ("V",), ("W", "V")):
            with pytest.raises(NotAllowed):
                two.ask(view, entitlement="E", workspaces=scope, **asked)


def test_shares_are_judged_now_whatever_is_known(two):
    """A case shared after the position that is asked for is seen; one unshared since is not."""
    before = two.ledger.position
    two.add("case.shared", case="of V", user="bob")

    def seen(**question):
        rows = two.ask("cases", viewer="bob", as_of="2025-06-30", **question)["rows"]
        return [row["case"] for row in rows]

    shared = two.ledger.position
    assert seen() == seen(known_at=before) == seen(known_at=shared) == ["of V"]
    two.add("case.unshared", case="of V", user="bob")
    assert seen() == seen(known_at=shared) == seen(known_at=before) == []


def test_a_share_counts_from_its_very_instant_now(two):
    """Now is the instant at which it is asked."""
    now = "2027-01-15T08:00:00Z"
    later = "2027-01-15T08:00:00.000000001Z"
    two.add("case.shared", now, case="of V", user="bob")
    two.add("case.shared", later, case="of W", user="bob")
    question = {"viewer": "bob", "as_of": "2025-06-30"}
    assert [row["case"] for row in two.ask("cases", **question)["rows"]] == ["of V"]
    two.clock.now += 1
    assert len(two.ask("cases", **question)["rows"]) == 2
    who = [row["user"] for row in two.ask("access_who", case="of V")["users"]]
    assert who == ["bob"]
    two.add("case.unshared", later, case="of V", user="bob")
    assert two.ask("access_who", case="of V")["users"] == []
    assert [row["case"] for row in two.ask("cases", **question)["rows"]] == ["of W"]


def test_roles_and_groups_count_from_their_very_instant_now(two):
    from ledger.errors import NotAllowed

    later = "2027-01-15T08:00:00.000000001Z"
    two.role("eve", "customer_activity", "workspace:W", time=later)
    with pytest.raises(NotAllowed):
        two.ask("summary", viewer="eve")
    two.clock.now += 1
    assert not two.ask("cases", viewer="eve", as_of="2025-06-30")["rows"]
    two.add("case.shared", case="of W", group="g")
    two.add("group.member_added", "2027-01-15T08:00:00.000000002Z", group="g", workspace="V",
            user="eve")  # fmt: skip
    assert not two.ask("cases", viewer="eve", as_of="2025-06-30")["rows"]
    two.clock.now += 1
    assert len(two.ask("cases", viewer="eve", as_of="2025-06-30")["rows"]) == 1
    two.role("eve", "customer_activity", "workspace:W", later, "revoked")
    with pytest.raises(NotAllowed):
        two.ask("summary", viewer="eve")


@pytest.fixture
def moved(two):
    """A case that is opened in W and worked on there, and in V when it moves away and back."""
    two.role("wim", "workspace_admin", "workspace:W")
    case = {"case": "M", "workspace": "W", "title": "t", "support_type": "reactive", **PLACE}
    two.add("case.opened", "2025-02-01T00:00:00Z", **case)
    two.add("case.reassigned", "2025-03-01T00:00:00Z", case="M", workspace="V")
    two.add("case.charge_waived", "2025-04-01T00:00:00Z", case="M", reason="r")
    two.add("case.charge_restored", "2025-05-01T00:00:00Z", case="M", reason="r")
    two.add("case.reassigned", "2025-06-01T00:00:00Z", case="M", workspace="W")
    two.add("case.reassigned", "2025-07-01T00:00:00Z", case="M", entitlement="H")
    two.add("case.reassigned", "2025-08-01T00:00:00Z", case="M", entitlement="E")
    return two


def test_an_event_that_moves_amounts_out_of_the_scope_too_is_shown_as_used_elsewhere(moved):
    """Of it a viewer learns when, and how much; of one that is wholly in scope, all."""
    asked = {"package": "P", "entitlement": "E", "as_of": "2025-12-30"}
    rows = moved.ask("statement", viewer="wim", **asked)["lines"]
    shown = [(row["effective_at"][:7], row["what"], row["id"] is None) for row in rows]
    assert shown == [
        ("2025-01", "lot_started", False), ("2025-01", "consumed", False),
        ("2025-01", "used_elsewhere", True), ("2025-02", "consumed", False),
        ("2025-04", "returned", False), ("2025-05", "used_elsewhere", True),
        ("2025-07", "used_elsewhere", True), ("2025-08", "consumed", False),
    ]  # fmt: skip
    assert [row["id"] is None for row in moved.ask("statement", **asked)["lines"]] == [False] * 8


def test_hours_that_one_event_moves_in_two_workspaces_are_elsewhere(moved):
    """Work was recorded in W and in V; the move to another entitlement takes both along."""
    moved.add("case.labour_recorded", "2025-08-02T00:00:00Z", case="M", minutes=60)
    moved.add("case.reassigned", "2025-08-03T00:00:00Z", case="M", workspace="V", entitlement="H")
    moved.add("case.labour_recorded", "2025-08-04T00:00:00Z", case="M", minutes=30)
    moved.add("case.reassigned", "2025-08-05T00:00:00Z", case="M", workspace="W")
    moved.add("case.labour_recorded", "2025-08-06T00:00:00Z", case="M", minutes=15)
    moved.add("case.reassigned", "2025-08-07T00:00:00Z", case="M", entitlement="E")
    asked = {"package": "P", "entitlement": "H", "as_of": "2025-12-30", "viewer": "wim"}
    rows = moved.ask("statement", **asked)["lines"]
    shown = [(row["what"], row["change"]) for row in rows if row["effective_at"] > "2025-08-01"]
    assert shown == [
        ("used_elsewhere", "-1"), ("used_elsewhere", "-0.5"), ("consumed", "-0.25"),
        ("used_elsewhere", "1.75"),
    ]  # fmt: skip
