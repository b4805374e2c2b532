"""A package as its terms make it: lines, withdrawals, amendments, states, days left."""

import pytest
from histories import History, contract, day, line, package

from ledger.domain.aggregates.contract import fold_contract
from ledger.domain.aggregates.package import fold_package, withdrawals
from ledger.domain.values.quantities import SCALE

JUNE, JULY = "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"
GONE = {"package": "P", "entitlement": "E", "reason": "r", "authorised_by": "a"}
GRANT = {"package": "P", "entitlement": "E", "quantity": 1, "reason": "r"}


def folded(history, name="P"):
    terms = [t for t in history.in_order() if name in str(t.event)]
    return fold_package(name, terms, withdrawals(history.recorded))


def bought(**more):
    history = History()
    package(history, lines=[line("E"), line("F")], **more)
    return history


def test_a_package_is_what_was_bought():
    found = folded(bought())
    assert (found.package, found.contract, found.kind, found.name) == ("P", "K", "enterprise", "P")
    assert (found.starts_on, found.ends_on) == (day("2025-01-01"), day("2025-12-31"))
    assert (found.deactivated, list(found.lines)) == (False, ["E", "F"])
    assert found.lines["E"].origin.position == 1
    assert found.lines["F"].entitlement.quantity == 10 * SCALE
    assert found.lines["F"].changes == ()


def test_what_an_amendment_names_changes_and_nothing_else():
    for change in (
        {"name": ""},
        {"name": "N"},
        {"starts_on": "2025-02-01"},
        {"ends_on": "2026-01-01"},
    ):
        history = bought()
        history.add("package.amended", package="P", reason="r", **change)
        found = folded(history)
        wanted = {"name": "P", "starts_on": "2025-01-01", "ends_on": "2025-12-31"} | change
        shown = {"name": found.name, "starts_on": found.starts_on.isoformat()}
        assert shown | {"ends_on": found.ends_on.isoformat()} == wanted


def test_the_last_switch_counts_and_the_purchase_comes_first_whatever_its_time():
    history = History()
    history.add("package.deactivated", "2024-06-01T00:00:00Z", package="P", reason="r")
    assert folded(history) is None
    package(history)
    assert folded(history).deactivated
    history.add("package.reactivated", JULY, package="P", reason="r")
    history.add("package.deactivated", JUNE, package="P", reason="r")
    assert not folded(history).deactivated
    history.add("package.deactivated", JULY, package="P", reason="r")
    assert folded(history).deactivated


def test_what_was_recorded_before_a_withdrawal_is_as_if_it_had_never_been():
    """A line added after it is another, with what was given on that alone."""
    history = bought()
    history.add("entitlement.granted", **GRANT)
    history.add("entitlement.granted", **GRANT | {"entitlement": "F"})
    history.add("entitlement.withdrawn", **GONE)
    found = folded(history)
    assert list(found.lines) == ["F"]
    assert len(found.lines["F"].changes) == 1
    added = history.add("entitlement.added", package="P", **line("E", quantity=3))
    granted = history.add("entitlement.granted", "2024-01-01T00:00:00Z", **GRANT)
    again = folded(history).lines["E"]
    assert (again.origin, again.changes) == (added, (granted,))
    assert again.entitlement.quantity == 3 * SCALE
    history.add("entitlement.withdrawn", **GONE)
    assert list(folded(history).lines) == ["F"]


def test_the_last_withdrawal_counts_whatever_its_time_and_place_by_place():
    """The same id in another package, or another id in the same, is another place."""
    history = History()
    for name in ("P", "Q"):
        package(history, name, lines=[line("E"), line("F")])
    history.add("entitlement.withdrawn", JULY, **GONE)
    history.add("entitlement.added", package="P", **line("E"))
    last = history.add("entitlement.withdrawn", JUNE, **GONE)
    assert withdrawals(history.recorded) == {("P", "E"): last.position}
    assert withdrawals(reversed(history.recorded)) == {("P", "E"): last.position}
    terms = [t for t in history.in_order() if getattr(t.event, "package", "") == "Q"]
    assert list(fold_package("Q", terms, withdrawals(history.recorded)).lines) == ["E", "F"]
    assert list(folded(history).lines) == ["F"]


def test_grants_adjustments_and_transfers_are_changes_of_their_line_in_order():
    history = bought()
    grant = history.add("entitlement.granted", JULY, **GRANT)
    adjusted = history.add("entitlement.adjusted", JUNE, **GRANT, approved_by="a")
    legs = {"from_": {"package": "P", "entitlement": "E"}}
    legs["to"] = {"package": "P", "entitlement": "F"}
    within = history.add(
        "entitlement.transferred", JULY, **legs, quantity=1, authorised_by="a", reason="r"
    )
    legs["to"] = {"package": "Q", "entitlement": "F"}
    out = history.add(
        "entitlement.transferred", JULY, **legs, quantity=1, authorised_by="a", reason="r"
    )
    history.add("entitlement.granted", JULY, **GRANT | {"entitlement": "X"})
    found = folded(history)
    assert found.lines["E"].changes == (adjusted, grant, within, out)
    assert found.lines["F"].changes == (within,)
    assert list(found.lines) == ["E", "F"]


def of(starts_on="2025-02-01", ends_on="2025-11-30", switched=False, **of_contract):
    """A package, and its contract."""
    history = History()
    contract(history, **{"starts_on": "2025-01-01", "ends_on": "2025-12-31", **of_contract})
    package(history, starts_on=starts_on, ends_on=ends_on)
    if switched:
        history.add("package.deactivated", package="P", reason="r")
    return folded(history), fold_contract(history.in_order())


@pytest.mark.parametrize(
    "on,reason,left",
    [
        ("2025-01-31", "future", None),
        ("2025-02-01", None, 302),
        ("2025-11-29", None, 1),
        ("2025-11-30", None, 0),
        ("2025-12-01", "expired", None),
        ("2026-01-01", "expired", None),
    ],
)
def test_it_is_active_from_its_first_day_to_its_last(on, reason, left):
    """None is left on the last day; what is inactive has no days left."""
    found, under = of()
    assert found.inactive_because(under, day(on)) == reason
    assert found.days_left(under, day(on)) == left
    switched, _ = of(switched=True)
    assert switched.inactive_because(under, day(on)) == (reason or "deactivated")
    assert switched.days_left(under, day(on)) is None


@pytest.mark.parametrize(
    "starts_on,ends_on,on,reason,left",
    [
        ("2025-03-01", "2025-12-31", "2025-02-28", "future", None),
        ("2025-03-01", "2025-12-31", "2025-03-01", None, 274),
        ("2025-01-01", "2025-06-30", "2025-06-30", None, 0),
        ("2025-01-01", "2025-06-30", "2025-07-01", "contract_ended", None),
        ("2025-01-01", "2025-06-30", "2025-12-01", "expired", None),
        ("2025-12-31", "2025-12-31", "2025-12-01", "future", None),
        ("2025-01-01", None, "2025-11-30", None, 0),
        ("2025-01-01", "2025-11-30", "2025-11-29", None, 1),
    ],
)
def test_its_contract_has_to_allow_it_too(starts_on, ends_on, on, reason, left):
    """The first reason that holds is given; the earlier end counts."""
    found, under = of(starts_on="2025-02-01")
    history = History()
    contract(history, starts_on=starts_on, ends_on=ends_on)
    under = fold_contract(history.in_order())
    assert found.inactive_because(under, day(on)) == reason
    assert found.days_left(under, day(on)) == left


def test_under_a_contract_that_is_not_signed_it_is_in_the_future():
    found, _ = of()
    assert found.inactive_because(None, day("2025-06-01")) == "future"
    assert found.days_left(None, day("2025-06-01")) is None
