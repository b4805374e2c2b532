"""What a search for counterexamples has found, shrunk, and kept as plain examples."""

import pytest
from playing import Clock, a_ledger, played, refused, send

EARLY, NOON = "2025-01-01T00:00:00Z", "2025-03-10T12:00:00Z"
BEFORE, LATER, END = "2025-03-10T11:00:00Z", "2025-03-10T13:00:00Z", "2025-12-31"


def event(id_, type_name, time=EARLY, **data):
    """One CloudEvent."""
    told = {"specversion": "1.0", "id": id_, "source": "urn:found", "type": type_name}
    return told | {"time": time, "data": data}


def line(name, unit, quantity="10", **more):
    """An entitlement of a package."""
    told = {"entitlement": name, "service": "other", "class": "consumable", "name": name}
    return told | {"unit": unit, "quantity": quantity} | more


def terms(*lines, signed_at=EARLY):
    """A workspace, a contract that is mapped to it, and a package with some entitlements."""
    period = {"contract": "K", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    bought = period | {"package": "P", "kind": "addon", "name": "P", "entitlements": list(lines)}
    return [
        event("w", "workspace.created", workspace="W", customer="A", name="W"),
        event("k", "contract.signed", signed_at, customer="A", name="K", **period),
        event("m", "contract.mapped", contract="K", workspace="W"),
        event("p", "package.purchased", **bought),
    ]


def opened(case, time=NOON, entitlement="E"):
    """A case on an entitlement."""
    told = {"case": case, "workspace": "W", "title": case, "support_type": "reactive"}
    place = {"contract": "K", "package": "P", "entitlement": entitlement}
    return event(f"open-{case}", "case.opened", time, **told, **place)


def labour(case, time, id_):
    """Half an hour of work on a case."""
    return event(id_, "case.labour_recorded", time, case=case, minutes=30)


def statement(ledger, *names, entitlement="E", as_of=END):
    """Some fields of each line of a statement."""
    answer = ledger.ask("statement", as_of=as_of, package="P", entitlement=entitlement)
    return [tuple(told[name] for name in names) for told in answer["lines"]]


def row(ledger, entitlement="E"):
    """The figures of an entitlement in the end."""
    (package,) = ledger.ask("packages", as_of=END)["packages"]
    (found,) = (one for one in package["consumables"] if one["entitlement"] == entitlement)
    return found


def test_a_lot_of_nothing_has_no_line():
    """A line of a statement is something that moved the balance."""
    with played(terms(line("E", "case", 0))) as ledger:
        assert statement(ledger, "change") == []


@pytest.mark.parametrize("arrival", ["first", "last"])
def test_work_before_an_opening_counts_right_after_it_in_any_arrival(arrival):
    """At the instant of the opening it stands by the opening's position, and names itself."""
    early, others = [labour("C", BEFORE, "early")], [
        opened("C"), opened("D", BEFORE), labour("D", NOON, "other")
    ]  # fmt: skip
    facts = early + others if arrival == "first" else others + early
    with played(terms(line("E", "hour")) + facts) as ledger:
        assert statement(ledger, "id", "effective_at", "balance") == [
            ("p", EARLY, "10"),
            ("early", NOON, "9.5"),
            ("other", NOON, "9"),
        ]


def test_what_was_cancelled_before_its_opening_is_debited_and_given_back_at_it():
    """What comes before an opening is applied right after it, in its order."""
    cancelled = event("gone", "case.cancelled", BEFORE, case="C")
    with played([*terms(line("E", "case")), cancelled, opened("C")]) as ledger:
        lines = statement(ledger, "id", "effective_at", "change")
        assert lines[1:] == [("open-C", NOON, "-1"), ("gone", NOON, "1")]


def test_a_contract_that_is_not_signed_yet_may_be_mapped():
    """A mapping counts from its own time: `--workspace` shows the package, which is inactive."""
    with played(terms(line("E", "case"), signed_at=NOON)) as ledger:
        asked = {"as_of": "2025-02-01", "state": "all"}
        assert (
            ledger.ask("packages", **asked, workspaces=["W"])["packages"]
            == (ledger.ask("packages", **asked)["packages"])
        )
        assert [one["reason"] for one in ledger.ask("packages", **asked)["packages"]] == ["future"]


def test_hours_of_credits_count_on_credits_only():
    """What cannot count on an entitlement adds no delivered hours to it, and is unplaced."""
    place = {"package": "P", "entitlement": "E", "workspace": "W"}
    spent = event("c", "credit.consumed", NOON, **place, credits=1, service="S", hours="1.5")
    with played([*terms(line("E", "engagement")), spent]) as ledger:
        assert row(ledger)["delivered_hours"] == "0"
        assert ledger.ask("unplaced", as_of=END)["facts"][0]["reason"] == "wrong_unit"
    with played([*terms(line("E", "credit")), spent]) as ledger:
        assert row(ledger)["delivered_hours"] == "1.5"


def test_a_transfer_may_arrive_where_it_left():
    """It takes from the lots first, then brings one in, at its rate: two lines."""
    place = {"package": "P", "entitlement": "E"}
    moved = {"from": place, "to": place, "quantity": 4, "rate": "0.5"}
    told = event("t", "entitlement.transferred", NOON, **moved, authorised_by="ada", reason="r")
    with played([*terms(line("E", "case")), told]) as ledger:
        assert refused(ledger) == []
        lines = statement(ledger, "what", "change", "balance", as_of="2025-06-30")
        assert lines[1:] == [("transferred_out", "-4", "6"), ("transferred_in", "2", "8")]


def test_a_contract_may_be_unmapped_from_a_workspace_of_another_customer():
    """Only a mapping contradicts what is recorded; taking one away never does."""
    other = event("x", "workspace.created", workspace="X", customer="B", name="X")
    mapped = event("on", "contract.mapped", contract="K", workspace="X")
    unmapped = event("off", "contract.unmapped", contract="K", workspace="X")
    with played([*terms(), other, mapped, unmapped]) as ledger:
        assert refused(ledger) == [("on", "other-customer")]


def test_an_answer_can_be_asked_again_by_its_own_stamp_when_the_clock_went_back():
    """Stamps only go on: the ledger's time is never before its last one."""
    clock = Clock()
    with a_ledger(clock=clock) as ledger:
        send(ledger, terms(line("E", "case")))
        clock.now -= 3_600 * 10**9
        send(ledger, [opened("C")])
        answer = ledger.ask("summary", as_of=END)
        assert ledger.ask("summary", as_of=END, known_at=answer["known_at"]) == answer


def test_seats_know_no_burn_order():
    """Lots of seats start in the order in which they were recorded, whatever their priority."""
    given = {"package": "P", "entitlement": "E", "quantity": 2, "reason": "r", "priority": -1}
    granted = event("g", "entitlement.granted", **given)
    with played([*terms(line("E", "seat")), granted]) as ledger:
        assert statement(ledger, "id", "balance") == [("p", "10"), ("g", "12")]
