"""Edges where several zones are in use, where now is the edge, and where a period begins late."""

import pytest
from small_ledger import line

from ledger.domain.values.instants import format_instant
from ledger.errors import NotAllowed, UsageError

LAST = "2025-05-31T23:59:59.999999999Z"
PLACE = {"package": "P", "entitlement": "E"}
CASE = {"workspace": "W", "title": "before", "support_type": "reactive"}
NOW = "2027-01-15T08:00:00Z"


@pytest.fixture
def zones(small):
    """A contract of UTC with ten cases and credits; another of Tokyo, and a workspace of Apia."""
    small.workspace()
    small.workspace("V", timezone="Pacific/Apia")
    small.contract()
    small.contract("T", timezone="Asia/Tokyo")
    small.package(lines=[line(), line("CR", "credit", "proactive_credits")])
    return small


@pytest.mark.parametrize("view,key", [("cases", "rows"), ("additional", "cases")])
def test_what_happens_in_the_last_nanosecond_of_a_date_is_within_it_once(zones, view, key):
    """One case is opened then, another changes then: each is one row, as it is after that."""
    contract = {"contract": "K", **PLACE} if view == "cases" else {}
    zones.add("case.opened", "2025-05-01T00:00:00Z", case="old", **CASE, **contract)
    zones.add("case.updated", LAST, case="old", title="after")
    zones.add("case.opened", LAST, case="new", **CASE, **contract)
    zones.add("case.updated", "2025-06-01T00:00:00Z", case="new", title="too late")

    def shown(as_of):
        return [(row["case"], row["title"]) for row in zones.ask(view, as_of=as_of)[key]]

    assert shown("2025-05-31") == [("old", "after"), ("new", "before")]
    assert shown(LAST) == [("old", "after"), ("new", "before")]
    assert shown("2025-05-31T23:59:59.999999998Z") == [("old", "before")]
    assert shown("2025-06-01") == [("old", "after"), ("new", "too late")]
    if view == "cases":
        lines = zones.ask("summary", as_of="2025-05-31")["lines"]
        assert next(found["cases"] for found in lines if found["unit"] == "case") == 2


def test_history_takes_in_the_very_instant(zones):
    zones.add("case.opened", LAST, case="C", **CASE, contract="K", **PLACE)

    def listed(as_of, **what):
        rows = zones.ask("history", as_of=as_of, **what)["events"]
        return [row["type"] for row in rows if row["type"] == "case.opened"]

    for what in ({"case": "C"}, {"packages": ["P"]}):
        assert listed(LAST, **what) == listed("2025-05-31", **what) == ["case.opened"]
        assert listed("2025-05-31T23:59:59.999999998Z", **what) == []


def test_who_sees_a_case_is_known_from_the_instant_of_its_opening(zones):
    """One that is opened at its very stamp is there at its position."""
    zones.role("ada")
    stamp = zones.clock.now + zones.ledger.position
    position = zones.add("case.opened", format_instant(stamp), case="C", **CASE)
    found = zones.ask("access_who", case="C", known_at=position)
    assert (found["moment"], found["workspace"]) == (format_instant(stamp), "W")
    assert [row["user"] for row in found["users"]] == ["ada"]
    zones.add("case.opened", "2027-01-15T08:00:00.9Z", case="later", **CASE)
    answer = zones.ask("access_who", case="later")
    assert (answer["workspace"], answer["users"], answer["without_page"]) == (None, [], [])


def test_a_member_who_is_removed_now_is_none_now(zones):
    """At the very instant of the removal the group gives nothing any more."""
    zones.add("role.granted", principal="group:g", role="workspace_admin", scope="workspace:W")
    member = {"group": "g", "workspace": "W", "user": "ada"}
    zones.add("group.member_added", **member)
    zones.add("case.opened", case="C", **CASE)
    assert [row["user"] for row in zones.ask("access_who", case="C")["users"]] == ["ada"]
    assert zones.ask("summary", viewer="ada")["limited"] is False
    zones.add("group.member_removed", NOW, **member)
    with pytest.raises(NotAllowed):
        zones.ask("summary", viewer="ada")
    assert zones.ask("access_who", case="C")["users"] == []
    assert zones.ask("access_show", user="ada")["groups"] == []


@pytest.mark.parametrize(
    "as_of,first,right",
    [
        ("2025-05-31", "2025-05-31", True),
        ("2025-05-31", "2025-06-01", False),
        ("2025-05-31T20:00:00Z", "2025-05-31", True),
        ("2025-05-31T20:00:00Z", "2025-06-01", True),  # it has begun somewhere
        ("2025-05-31T20:00:00Z", "2025-06-02", False),
        ("2025-05-31", "soon", False),
    ],
)
def test_a_period_begins_on_the_day_of_the_as_of_at_the_latest(zones, as_of, first, right):
    if right:
        assert zones.ask("summary", as_of=as_of, from_day=first)["from"] == first
    else:
        with pytest.raises(UsageError):
            zones.ask("summary", as_of=as_of, from_day=first)


def test_a_period_that_has_not_begun_in_the_zone_of_a_contract_holds_nothing(zones):
    """What happens between the as-of and its first day is neither in it nor taken from it."""
    spent = {"package": "P", "entitlement": "CR", "workspace": "W", "credits": 2, "service": "s"}
    zones.add("credit.consumed", "2025-05-31T19:00:00Z", **spent, hours=1)
    zones.add("credit.consumed", "2025-05-31T22:00:00Z", **spent, hours=1)
    asked = {"as_of": "2025-05-31T20:00:00Z", "from_day": "2025-06-01", "workspaces": ["W"]}
    lines = zones.ask("summary", **asked)["lines"]
    found = next(found for found in lines if found["unit"] == "credit")
    assert found["consumed"] == "2"
    assert (found["consumed_in_period"], found["consumed_in_scope_in_period"]) == ("0", "0")
    assert found["delivered_hours_in_period"] == "0"


def at_its_stamp(small, type_name, **data):
    """Record an event that takes effect when it is recorded; return its position."""
    stamp = small.clock.now + small.ledger.position
    return small.add(type_name, format_instant(stamp), **data)


def test_roles_and_shares_of_a_past_moment_count_from_their_very_stamp(zones):
    zones.add("case.opened", case="C", **CASE)
    role = {"principal": "user:ada", "role": "workspace_admin", "scope": "workspace:W"}
    granted = at_its_stamp(zones, "role.granted", **role)
    shared = at_its_stamp(zones, "case.shared", case="C", user="bob")

    def users(known_at):
        answer = zones.ask("access_who", case="C", known_at=known_at)
        return [row["user"] for row in (*answer["users"], *answer["without_page"])]

    assert users(granted - 1) == []
    assert users(granted) == ["ada"]
    assert users(shared) == ["ada", "bob"]
    for known_at, roles in ((granted - 1, 0), (granted, 1)):
        assert len(zones.ask("access_show", user="ada", known_at=known_at)["roles"]) == roles


@pytest.mark.parametrize("as_of,there", [(LAST, True), ("2025-05-31T23:59:59.999999998Z", False)])
def test_a_workspace_and_what_is_held_back_are_there_from_their_very_instant(zones, as_of, there):
    zones.add("workspace.created", LAST, workspace="NEW", customer="C", name="New")
    names = [row["workspace"] for row in zones.ask("workspaces", as_of=as_of)["workspaces"]]
    assert ("NEW" in names) == there
    place = {"package": "P", "entitlement": "CR"}
    plan = {"engagement": "1", "workspace": "W", "title": "t", "quantity": 2, **place}
    zones.add("workshop.scheduled", LAST, **plan)
    found = zones.ask("explain", as_of=as_of, **place)
    assert len(found["reservations"]) == there
    assert found["balance"]["reserved"] == ("2" if there else "0")


@pytest.mark.parametrize(
    "as_of,days",
    [
        ("2024-12-31", []),
        ("2025-01-01", ["2025-01-01"]),
        ("2025-01-02", ["2025-01-01", "2025-01-02"]),
        ("2025-12-31", ["2025-01-01", "2025-12-31"]),
        ("2026-01-01", ["2025-01-01"]),
    ],
)
def test_a_chart_goes_from_the_first_day_to_the_as_of_and_not_beyond_the_last(zones, as_of, days):
    """Of what is as needed and was not used: nothing but the two ends of the line."""
    zones.contract("OLD", starts_on="2024-01-01")
    told = {"contract": "OLD", "kind": "addon", "name": "n", "entitlements": [line(quantity=None)]}
    period = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    zones.add("package.purchased", "2024-06-01T00:00:00Z", package="EARLY", **told, **period)
    chart = zones.ask("chart", as_of=as_of, package="EARLY", entitlement="E")["series"][0]
    assert [point["on"] for point in chart["points"]] == days


@pytest.mark.parametrize("as_of,change", [(LAST, "1"), ("2025-05-31T23:59:59.999999998Z", None)])
def test_what_others_start_at_the_very_instant_is_a_sum_to_who_may_not_see_learners(
    zones, as_of, change
):
    zones.role("bob", "customer_activity")
    entitlement = line("CO", "activity", "on_demand_education", None)
    zones.add("entitlement.added", package="P", **entitlement)
    place = {"package": "P", "entitlement": "CO"}
    zones.add("course.started", LAST, workspace="W", learner="lea", item="AZ", **place)
    lines = zones.ask("statement", viewer="bob", as_of=as_of, **place)["lines"]
    shown = [(row["change"], row["position"], row["id"], row["effective_at"]) for row in lines]
    assert shown == ([(change, None, None, None)] if change else [])


def test_a_difference_takes_in_its_end_and_not_its_beginning(zones):
    """An event at the very instant of the first date was there before."""
    first, last = "2025-05-30T12:00:00Z", "2025-05-31T12:00:00Z"
    spent = {"package": "P", "entitlement": "CR", "workspace": "W", "credits": 2, "service": "s"}
    for time in (first, last, "2025-05-31T12:00:00.000000001Z"):
        zones.add("credit.consumed", time, **spent)
    found = zones.ledger.diff(first, last)
    moves = [(move["effective_at"], move["change"]) for move in found["moves"]]
    assert moves == [(last, "2")]
    (changed,) = found["entitlements"]
    assert changed["change"]["consumed"] == "2"
