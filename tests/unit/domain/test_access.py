"""The scope of a viewer: what is open, what is limited, which rows are seen, and by which rule."""

from itertools import combinations

import pytest
from histories import History

from ledger.domain.access import Denied, Scope, case_rules, scope_of

CUSTOMERS = {"W1": "C", "W2": "C", "W3": "D"}
ROLES = (
    *("customer_admin", "workspace_admin", "customer_activity"),
    *("view_all_requests", "learning_manager"),
)
OPENS_PAGE = {"customer_admin", "workspace_admin", "customer_activity"}
ADMINS = {"customer_admin", "workspace_admin"}
SEES_CASES = ADMINS | {"view_all_requests"}
SEES_LEARNERS = ADMINS | {"learning_manager"}


def scope(*grants, requested=(), groups=(), viewer="ada"):
    """The scope of a viewer with these (role, scope) of their own, or (role, scope, principal)."""
    history = History()
    for role, where, *principal in grants:
        who = principal[0] if principal else f"user:{viewer}"
        history.add("role.granted", role=role, scope=where, principal=who)
    return scope_of(viewer, requested, CUSTOMERS, history.in_order(), frozenset(groups))


def test_an_admin_of_one_workspace_who_also_asks_for_another_is_limited():
    """Being an admin means of every workspace in the scope."""
    grants = (("workspace_admin", "workspace:W1"), ("customer_activity", "workspace:W2"))
    assert scope(*grants).limited
    assert scope(*grants, requested=("W1", "W2")).limited
    assert scope(*grants, requested=("W2", "W1")).limited
    assert scope(*grants, requested=("W2",)).limited
    assert not scope(*grants, requested=("W1",)).limited


def test_an_admin_of_all_that_is_asked_for_is_not_limited():
    """By one role over the customer, or by one on each workspace."""
    assert not scope(("customer_admin", "customer:C")).limited
    both = (("workspace_admin", "workspace:W1"), ("customer_admin", "customer:D"))
    assert not scope(*both).limited
    assert scope(*both).workspaces == {"W1", "W3"}


def test_the_operator_is_never_limited_and_holds_everything():
    assert not Scope().limited
    assert not Scope(workspaces=frozenset({"W1"})).limited
    assert Scope().holds("W1")
    assert Scope().holds(None)
    assert not Scope(workspaces=frozenset({"W1"})).holds("W2")
    assert not Scope(workspaces=frozenset({"W1"})).holds(None)
    assert Scope().sees_all_learners(None)
    assert Scope().sees_case("anywhere", None, ())
    assert not Scope(workspaces=frozenset({"W1"})).sees_case("W2", None, ())


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_should(role):
    """The page, all cases, all learners: each by its own roles, and by no other."""
    where = "customer:D" if role == "customer_admin" else "workspace:W3"
    found = scope((role, where), requested=("W3",))
    assert isinstance(found, Scope) == (role in OPENS_PAGE)
    beside = scope((role, where), ("customer_activity", "workspace:W3"))
    assert beside.limited == (role not in ADMINS)
    assert beside.sees_case("W3", None, ()) == (role in SEES_CASES)
    assert beside.sees_all_learners("W3") == (role in SEES_LEARNERS)
    assert beside.roles == {"W3": {role, "customer_activity"}}


@pytest.mark.parametrize("roles", [*combinations(ROLES[1:], 2)])
def test_of_two_roles_on_two_workspaces_each_counts_on_its_own(roles):
    """A role on one workspace opens nothing on the other."""
    page = "customer_activity"
    grants = [(role, f"workspace:W{n}") for n, role in enumerate(roles, 1)]
    found = scope(*grants, (page, "workspace:W1"), (page, "workspace:W2"))
    assert found.workspaces == {"W1", "W2"}
    assert found.limited == (not ADMINS.issuperset(roles))
    for number, role in enumerate(roles, 1):
        assert found.sees_case(f"W{number}", "eve", ()) == (role in SEES_CASES)
        assert found.sees_all_learners(f"W{number}") == (role in SEES_LEARNERS)
    assert not found.sees_case("W3", "ada", ("user:ada",))
    assert not found.sees_all_learners("W3")
    assert not found.sees_all_learners(None)


def test_what_is_not_allowed_is_refused_and_never_left_out():
    """One workspace of several that is closed, or that does not exist, refuses the question."""
    page = ("customer_activity", "workspace:W1")
    for closed in ("W2", "W9"):
        for requested in (("W1", closed), (closed, "W1"), (closed,)):
            found = scope(page, requested=requested)
            assert isinstance(found, Denied)
            assert closed in found.reason
    assert isinstance(scope(), Denied)
    assert isinstance(scope(("view_all_requests", "customer:C")), Denied)


def test_roles_come_by_groups_too_and_only_by_those_one_is_in():
    """A role of a group counts for its members."""
    grant = ("customer_activity", "workspace:W2", "group:ops")
    assert scope(grant, groups=("ops", "other")).workspaces == {"W2"}
    assert scope(grant, groups=("ops",)).groups == {"ops"}
    assert isinstance(scope(grant, groups=("other",)), Denied)
    assert isinstance(scope(("customer_activity", "workspace:W2", "user:ops")), Denied)


def test_every_rule_by_which_a_case_is_seen_is_given_once_in_their_order():
    """The roles, the group, the share, the contact named at the opening."""
    roles = {"view_all_requests", "workspace_admin", "customer_admin", "learning_manager"}
    found = case_rules("ada", roles, ("g", "h"), "ada", {"group:h", "user:ada"})
    assert list(found) == [
        *("customer_admin", "workspace_admin", "view_all_requests"),
        *("group", "shared", "primary_contact"),
    ]
    assert not list(case_rules("ada", {"customer_activity"}, ("g",), None, {"user:g"}))
    assert not list(case_rules("ada", (), ("g",), "bob", {"group:ada", "user:bob"}))
    assert list(case_rules("ada", (), (), "ada", ())) == ["primary_contact"]
    assert list(case_rules("g", (), (), None, {"user:g", "group:g"})) == ["shared"]


def test_one_rule_is_enough_to_see_a_case_and_the_workspace_must_be_in_scope():
    page = ("customer_activity", "workspace:W1")
    found = scope(page, groups=("g",))
    assert not found.sees_case("W1", None, ())
    assert not found.sees_case("W1", "bob", ("user:bob", "group:h"))
    assert found.sees_case("W1", "ada", ())
    assert found.sees_case("W1", None, ("user:ada",))
    assert found.sees_case("W1", None, ("group:g",))
    assert not found.sees_case("W2", "ada", ("user:ada", "group:g"))
    assert not found.sees_case(None, "ada", ("user:ada", "group:g"))


def test_a_learner_is_seen_in_scope_by_who_sees_all_or_by_themselves():
    """Out of the scope nobody is, oneself neither."""
    page = ("customer_activity", "workspace:W1")
    found = scope(page, ("learning_manager", "workspace:W2"), ("customer_activity", "workspace:W2"))
    assert found.sees_learner("W1", "ada")
    assert not found.sees_learner("W1", "bob")
    assert found.sees_learner("W2", "bob")
    for workspace in ("W3", None):
        assert not found.sees_learner(workspace, "ada")
    assert Scope().sees_learner(None, "bob")
    assert not Scope(workspaces=frozenset({"W1"})).sees_learner("W2", "bob")
