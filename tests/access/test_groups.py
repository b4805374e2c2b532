"""Groups are global: who is removed is removed, whichever workspace an event names."""

import itertools

import pytest
from crowds import add, ledger_of
from houses import two_houses

from ledger.errors import NotAllowed

OPS = {"group": "ops", "user": "gus"}
CASE = "north-enterprise n1 PRS"


def told(*members):
    """The events of two customers, of a group that administers one, and of who joins and leaves."""
    events = two_houses()
    role = {"principal": "group:ops", "role": "customer_admin", "scope": "customer:north"}
    add(events, "role.granted", role)
    for change, workspace, day in members:
        data = OPS | {"workspace": workspace}
        add(events, f"group.member_{change}", data, f"2025-01-{day:02}T00:00:00Z")
    return events


def belongs(events):
    """Whether gus belongs to the group, as every way to ask says alike."""
    with ledger_of(events) as ledger:
        groups = ledger.ask("access_show", user="gus")["groups"]
        seeing = {row["user"] for row in ledger.ask("access_who", case=CASE)["users"]}
        try:
            ledger.ask("cases", viewer="gus", case=CASE)
        except NotAllowed:
            assert (groups, "gus" in seeing) == ([], False)
            return False
        assert (groups, "gus" in seeing) == (["ops"], True)
        return True


@pytest.mark.parametrize(
    "members,member",
    [
        ([("added", "n1", 1)], True),
        ([("added", "n1", 1), ("removed", "n2", 2)], False),
        ([("added", "n1", 1), ("removed", "nowhere", 2)], False),
        ([("added", "n1", 1), ("added", "n2", 2), ("removed", "n1", 3)], False),
        ([("added", "n1", 1), ("removed", "n2", 2), ("added", "nowhere", 3)], True),
        ([("removed", "n1", 1), ("added", "n1", 2)], True),
        ([("added", "n1", 1), ("removed", "n2", 1)], False),
        ([("removed", "n2", 1), ("added", "n1", 1)], True),
    ],
)
def test_a_removal_is_from_the_group(members, member):
    """The latest event holds, and at one instant the one that was recorded later."""
    assert belongs(told(*members)) is member


def test_no_order_of_arrival_keeps_a_member():
    """Joined, left and joined elsewhere before: what is effective last holds."""
    members = [("added", "n1", 1), ("added", "n2", 2), ("removed", "n1", 3)]
    for arrived in itertools.permutations(members):
        assert belongs(told(*arrived)) is False


def test_who_was_removed_grants_no_more():
    """`granted_by` is judged by the groups of that time, whichever workspace a removal names."""
    events = told(("added", "n1", 1), ("removed", "n2", 10))
    for user, day in (("before", 5), ("after", 15)):
        role = {"principal": f"user:{user}", "role": "workspace_admin", "scope": "workspace:n1"}
        time = f"2025-01-{day:02}T00:00:00Z"
        add(events, "role.granted", role | {"granted_by": "gus"}, time)
    with ledger_of(events) as ledger:
        assert ledger.ask("access_show", user="before")["roles"] != []
        assert ledger.ask("access_show", user="after")["roles"] == []
        (row,) = ledger.quarantine_list()["rows"]
        assert row["code"] == "not-allowed"


def test_a_removal_that_is_reversed_was_none():
    """The user belongs to the group again, since the day of joining."""
    events = told(("added", "n1", 1), ("removed", "n2", 2))
    wrong = {"source": events[-1]["source"], "id": events[-1]["id"]}
    add(events, "event.reversed", {"reverses": wrong, "reason": "r", "authorised_by": "ada"})
    assert belongs(events) is True
