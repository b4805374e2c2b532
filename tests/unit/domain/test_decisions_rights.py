"""Whether a term may be recorded: customers, what is available to transfer, and who may grant."""

import pytest
from histories import a_house, contract, instant, line, package, verdict, workspace

from ledger.domain.values.quantities import SCALE

JUNE, JULY = "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"


def two_customers():
    history = a_house()
    workspace(history, "W2", "D")
    contract(history, "K2", "D")
    package(history, "P2", "K2", [line("E"), line("F", quantity=None)])
    package(history, "P3", "K")
    return history


def test_a_contract_is_mapped_to_workspaces_of_its_customer():
    """To unmap is no matter of customers."""
    history = two_customers()
    for contract_, workspace_, code in (
        *(("K", "W", None), ("K2", "W2", None)),
        *(("K", "W2", "other-customer"), ("K2", "W", "other-customer")),
    ):
        data = {"contract": contract_, "workspace": workspace_}
        assert verdict(history, "contract.mapped", **data) == code
        assert verdict(history, "contract.unmapped", **data) is None


def transfer(history, origin, target, quantity="10", time=JUNE):
    legs = [dict(zip(("package", "entitlement"), leg, strict=True)) for leg in (origin, target)]
    told = {"from": legs[0], "to": legs[1], "quantity": quantity}
    return verdict(history, "entitlement.transferred", time, **told, authorised_by="a", reason="r")


def test_a_transfer_takes_no_more_than_is_available_at_its_time():
    """Exactly all of it may go; a billionth more may not; what comes later does not help."""
    history = two_customers()
    history.balances["P", "E", 0] = 10 * SCALE
    assert transfer(history, ("P", "E"), ("P3", "E")) is None
    assert transfer(history, ("P", "E"), ("P3", "E"), "10.000000001") == "insufficient-balance"
    assert transfer(history, ("P", "E"), ("P3", "E"), "9.999999999") is None
    history.balances["P", "E", instant(JULY)] = 20 * SCALE
    at = instant(JULY)
    assert transfer(history, ("P", "E"), ("P3", "E"), 20, at - 1) == "insufficient-balance"
    assert transfer(history, ("P", "E"), ("P3", "E"), 20, at) is None
    history.balances["P", "E", 0] = -SCALE
    assert transfer(history, ("P", "E"), ("P3", "E"), "0.000000001") == "insufficient-balance"


def test_the_codes_of_a_transfer_come_in_their_order():
    """Packages, entitlements, the balance, what is limited, the customer."""
    history = two_customers()
    history.balances["P", "E", 0] = 10 * SCALE
    for origin, target, code in (
        (("P", "X"), ("X", "E"), "unknown-package"),
        (("X", "E"), ("P", "X"), "unknown-package"),
        (("P", "X"), ("P3", "E"), "unknown-entitlement"),
        (("P", "E"), ("P3", "X"), "unknown-entitlement"),
        (("P", "E"), ("P2", "F"), "not-limited"),
        (("P2", "F"), ("P", "E"), "not-limited"),
        (("P", "E"), ("P2", "E"), "other-customer"),
        (("P", "E"), ("P", "E"), None),
    ):
        assert transfer(history, origin, target) == code
    assert transfer(history, ("P", "E"), ("P2", "F"), 11) == "insufficient-balance"
    assert transfer(history, ("P", "E"), ("P2", "E"), 11) == "insufficient-balance"


# who may grant


def grant_role(history, scope, by, role="customer_activity", time=JUNE, step="granted"):
    told = {"principal": "user:new", "role": role, "scope": scope, "granted_by": by}
    return verdict(history, f"role.{step}", time, **told)


def admin(history, role, scope, principal="user:ada", time=JUNE, step="granted"):
    history.add(f"role.{step}", time, principal=principal, role=role, scope=scope)


@pytest.mark.parametrize("by", ["ada", "user:ada"])
@pytest.mark.parametrize("step", ["granted", "revoked"])
def test_who_grants_is_an_admin_of_that_scope(by, step):
    """A workspace_admin of a whole customer may grant on its workspaces, not on the customer."""
    for role, held, of_workspace, of_customer in (
        ("customer_admin", "customer:C", None, None),
        ("workspace_admin", "customer:C", None, "not-allowed"),
        ("workspace_admin", "workspace:W", None, "not-allowed"),
        ("customer_activity", "customer:C", "not-allowed", "not-allowed"),
        ("workspace_admin", "workspace:W2", "not-allowed", "not-allowed"),
        ("customer_admin", "customer:D", "not-allowed", "not-allowed"),
    ):
        history = two_customers()
        admin(history, role, held)
        assert grant_role(history, "workspace:W", by, step=step) == of_workspace
        assert grant_role(history, "customer:C", by, step=step) == of_customer


def test_without_a_granter_nobody_is_asked():
    history = two_customers()
    assert grant_role(history, "workspace:W", None) is None
    assert grant_role(history, "customer:nobody", None) is None
    assert grant_role(history, "workspace:X", None) == "unknown-workspace"
    assert grant_role(history, "workspace:X", "ada") == "unknown-workspace"
    assert grant_role(history, "customer:nobody", "ada") == "not-allowed"


def test_an_admin_is_one_at_the_time_of_the_event():
    """From the very instant of the grant, and a nanosecond before not yet; until a revocation."""
    at = instant(JULY)
    history = two_customers()
    admin(history, "workspace_admin", "workspace:W", time=at)
    admin(history, "workspace_admin", "workspace:W", time=at + 9, step="revoked")
    assert grant_role(history, "workspace:W", "ada", time=at - 1) == "not-allowed"
    assert grant_role(history, "workspace:W", "ada", time=at) is None
    assert grant_role(history, "workspace:W", "ada", time=at + 8) is None
    assert grant_role(history, "workspace:W", "ada", time=at + 9) == "not-allowed"


def test_an_admin_by_a_group_is_one_while_in_the_group():
    at = instant(JULY)
    history = two_customers()
    admin(history, "customer_admin", "customer:C", "group:ops", time=0)
    history.members["ada", at] = {"ops"}
    for scope in ("workspace:W", "customer:C"):
        assert grant_role(history, scope, "ada", time=at - 1) == "not-allowed"
        assert grant_role(history, scope, "ada", time=at) is None
        assert grant_role(history, scope, "ops", time=at) == "not-allowed"
