"""A contract as its terms make it: amendments, null that clears, ends, states, mappings."""

import pytest
from histories import History, contract, day

from ledger.domain.aggregates.contract import fold_contract, mapped_workspaces

JUNE, JULY = "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"


def folded(history):
    return fold_contract(history.in_order())


def test_a_contract_is_what_was_signed():
    history = History()
    contract(history, plan="Gold", timezone="Europe/Paris")
    found = folded(history)
    assert (found.contract, found.customer, found.name, found.plan) == ("K", "C", "K", "Gold")
    assert (found.starts_on, found.ends_on) == (day("2025-01-01"), day("2025-12-31"))
    assert (found.zone, found.successors, found.workspaces) == ("Europe/Paris", (), frozenset())
    assert (found.end, found.terminated_early) == (day("2025-12-31"), False)


def test_without_a_zone_it_is_utc_and_without_a_signing_there_is_none():
    history = History()
    history.add("contract.amended", contract="K", name="New", reason="r")
    history.add("contract.mapped", contract="K", workspace="W")
    assert folded(history) is None
    contract(history)
    assert folded(history).zone == "UTC"


def test_what_an_amendment_names_changes_and_nothing_else():
    """Each field by itself; an empty name is a name."""
    for change in (
        {"name": "New"},
        {"name": ""},
        {"plan": "Silver"},
        {"plan": ""},
        {"starts_on": "2025-02-01"},
        {"ends_on": "2026-01-31"},
    ):
        history = History()
        contract(history, plan="Gold")
        history.add("contract.amended", contract="K", reason="r", **change)
        found = folded(history)
        before = {"name": "K", "plan": "Gold"} | {
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
        }
        wanted = before | change
        shown = {name: getattr(found, name) for name in ("name", "plan")}
        shown |= {name: getattr(found, name).isoformat() for name in ("starts_on", "ends_on")}
        assert shown == wanted


def test_null_clears_the_end_and_absence_does_not():
    """An amendment with ends_on null makes it open-ended; null elsewhere means absent."""
    history = History()
    contract(history)
    history.add("contract.amended", contract="K", reason="r", name=None, starts_on=None)
    assert (folded(history).ends_on, folded(history).name) == (day("2025-12-31"), "K")
    assert folded(history).starts_on == day("2025-01-01")
    history.add("contract.amended", contract="K", reason="r", ends_on=None)
    assert folded(history).ends_on is None
    assert folded(history).end is None
    assert folded(history).state(day("2999-12-31")) == "active"
    history.add("contract.amended", contract="K", reason="r", name="N")
    assert folded(history).ends_on is None
    history.add("contract.amended", contract="K", reason="r", ends_on="2026-06-30")
    assert folded(history).end == day("2026-06-30")


def test_amendments_apply_in_order_of_their_time_and_the_signing_first():
    """What is recorded later with an earlier time is replaced by the later one."""
    history = History()
    history.add("contract.amended", "2024-01-01T00:00:00Z", contract="K", reason="r", plan="Early")
    contract(history, plan="Gold")
    assert folded(history).plan == "Early"
    history.add("contract.amended", JULY, contract="K", reason="r", name="July")
    history.add("contract.amended", JUNE, contract="K", reason="r", name="June")
    assert folded(history).name == "July"
    history.add("contract.amended", JULY, contract="K", reason="r", name="July again")
    assert folded(history).name == "July again"


@pytest.mark.parametrize(
    "ends_on,terminated_on,end,early",
    [
        ("2025-12-31", "2025-12-30", "2025-12-30", True),
        ("2025-12-31", "2025-12-31", "2025-12-31", False),
        ("2025-12-31", "2026-01-01", "2025-12-31", False),
        (None, "2026-01-01", "2026-01-01", True),
        ("2025-12-31", None, "2025-12-31", False),
        (None, None, None, False),
    ],
)
def test_a_termination_is_the_end_where_it_comes_before_it(ends_on, terminated_on, end, early):
    """Inclusive to the day, on both sides of the end."""
    history = History()
    contract(history, ends_on=ends_on)
    if terminated_on:
        history.add("contract.terminated", contract="K", on=terminated_on, reason="r")
    found = folded(history)
    assert found.end == (day(end) if end else None)
    assert found.terminated_early == early
    assert found.state(day("2024-12-31")) == "future"
    assert found.state(day("2025-01-01")) == "active"
    if end:
        after = day(end).toordinal() + 1
        assert found.state(day(end)) == "active"
        assert found.state(type(day(end)).fromordinal(after)) == (
            "terminated" if early else "expired"
        )


def test_the_last_termination_counts():
    history = History()
    contract(history)
    history.add("contract.terminated", JULY, contract="K", on="2025-09-30", reason="r")
    history.add("contract.terminated", JUNE, contract="K", on="2025-06-30", reason="r")
    assert folded(history).end == day("2025-09-30")


@pytest.mark.parametrize(
    "starts_on,ends_on,terminated_on,sound",
    [
        ("2025-01-01", "2025-01-01", None, True),
        ("2025-01-02", "2025-01-01", None, False),
        ("2025-01-01", None, None, True),
        ("2025-01-01", None, "2025-01-01", True),
        ("2025-01-02", None, "2025-01-01", False),
        ("2025-01-02", "2025-12-31", "2025-01-01", False),
        ("2025-01-02", "2025-01-01", "2025-12-31", False),
        ("2025-01-02", "2025-01-02", "2025-01-02", True),
    ],
)
def test_a_period_is_sound_when_neither_end_is_before_its_start(
    starts_on, ends_on, terminated_on, sound
):
    history = History()
    contract(history, starts_on=starts_on, ends_on=ends_on)
    if terminated_on:
        history.add("contract.terminated", contract="K", on=terminated_on, reason="r")
    assert folded(history).period_is_sound() == sound


def test_mappings_are_those_of_its_terms_each_workspace_by_itself():
    """Mapped twice and unmapped once is not mapped; to unmap what is not mapped is nothing."""
    history = History()
    contract(history)
    for step, name in (
        *(("mapped", "W1"), ("mapped", "W1"), ("mapped", "W2"), ("unmapped", "W1")),
        *(("unmapped", "W3"), ("mapped", "W4"), ("unmapped", "W4"), ("mapped", "W4")),
    ):
        history.add(f"contract.{step}", contract="K", workspace=name)
    assert folded(history).workspaces == {"W2", "W4"}
    assert mapped_workspaces(history.in_order()) == {"W2", "W4"}
    assert mapped_workspaces([]) == frozenset()


def test_every_renewal_is_kept_in_order():
    history = History()
    contract(history)
    history.add("contract.renewed", JULY, contract="K", successor="K3")
    history.add("contract.renewed", JUNE, contract="K", successor="K2")
    assert folded(history).successors == ("K2", "K3")
