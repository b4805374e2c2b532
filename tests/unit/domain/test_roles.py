"""Roles: which grants are in force, what they reach, and who may grant."""

import pytest
from histories import History

from ledger.domain.roles import (
    Grant,
    administers,
    grants_held,
    grants_in_force,
    reaches,
    roles_on,
)


def told(*steps):
    """Role terms: (granted or revoked, principal, role, scope), in this order."""
    history = History()
    for step, principal, role, scope in steps:
        history.add(f"role.{step}", principal=principal, role=role, scope=scope)
    return history.in_order()


ADMIN = ("user:ada", "workspace_admin", "customer:C")


def test_what_was_granted_or_revoked_last_holds():
    """Granted twice and revoked once is revoked; granted again, the last grant gave it."""
    twice = told(("granted", *ADMIN), ("granted", *ADMIN))
    assert grants_in_force(twice) == {Grant(*ADMIN): twice[1]}
    assert (
        grants_in_force(told(("granted", *ADMIN), ("granted", *ADMIN), ("revoked", *ADMIN))) == {}
    )
    assert grants_in_force(told(("revoked", *ADMIN))) == {}
    again = told(("granted", *ADMIN), ("revoked", *ADMIN), ("granted", *ADMIN))
    assert grants_in_force(again) == {Grant(*ADMIN): again[2]}


@pytest.mark.parametrize(
    "other",
    [
        ("user:bob", "workspace_admin", "customer:C"),
        ("group:ada", "workspace_admin", "customer:C"),
        ("user:ada", "customer_activity", "customer:C"),
        ("user:ada", "workspace_admin", "customer:D"),
        ("user:ada", "workspace_admin", "workspace:C"),
    ],
)
def test_a_grant_that_differs_in_one_part_is_another(other):
    """To revoke a role takes the same principal, role and scope."""
    terms = told(("granted", *ADMIN), ("revoked", *other))
    assert set(grants_in_force(terms)) == {Grant(*ADMIN)}


def test_a_user_holds_what_they_and_their_groups_were_granted():
    terms = told(
        ("granted", *ADMIN),
        ("granted", "group:g", "customer_activity", "workspace:W"),
        ("granted", "group:ada", "view_all_requests", "workspace:W"),
        ("granted", "user:g", "learning_manager", "workspace:W"),
    )
    assert {grant.role for grant in grants_held("ada", (), terms)} == {"workspace_admin"}
    held = grants_held("ada", ("g",), terms)
    assert {grant.role for grant in held} == {"workspace_admin", "customer_activity"}
    assert list(held.values()) == terms[:2]


def test_a_role_over_a_customer_reaches_its_workspaces_and_one_on_a_workspace_that_alone():
    """The same name as customer and as workspace is two things."""
    over, on = Grant("user:a", "r", "customer:X"), Grant("user:a", "s", "workspace:X")
    assert reaches(over, "X", "W")
    assert reaches(over, "X", None)
    assert not reaches(over, "Y", "X")
    assert not reaches(over, "Y", None)
    assert reaches(on, "Y", "X")
    assert not reaches(on, "X", "W")
    assert not reaches(on, "X", None)
    assert not reaches(Grant("user:a", "s", "workspace:None"), "X", None)
    assert roles_on([over, on], "X", "X") == {"r", "s"}
    assert roles_on([over, on], "X", None) == {"r"}


@pytest.mark.parametrize(
    "role,scope,of_workspace,of_customer",
    [
        ("customer_admin", "customer:C", True, True),
        ("workspace_admin", "workspace:W", True, False),
        ("workspace_admin", "customer:C", True, False),
        ("customer_activity", "customer:C", False, False),
        ("customer_admin", "customer:D", False, False),
        ("workspace_admin", "workspace:V", False, False),
    ],
)
def test_who_administers_a_workspace_and_who_a_customer(role, scope, of_workspace, of_customer):
    """A workspace_admin granted on a customer administers its workspaces, and not the customer."""
    terms = told(("granted", "user:ada", role, scope))
    assert administers("ada", (), terms, "C", "W") == of_workspace
    assert administers("ada", (), terms, "C", None) == of_customer
    by_group = told(("granted", "group:g", role, scope))
    assert administers("ada", ("g",), by_group, "C", "W") == of_workspace
    assert not administers("ada", ("h",), by_group, "C", "W")
