"""Answers at edges: the very instant, the nanosecond beside it, the first and the last day."""

import pytest
from small_ledger import line

NOON = "2025-06-01T12:00:00Z"
BESIDE = {
    -1: "2025-06-01T11:59:59.999999999Z",
    0: NOON,
    1: "2025-06-01T12:00:00.000000001Z",
}
PLACE = {"package": "P", "entitlement": "E"}


@pytest.fixture
def seats(small):
    """Seats in two workspaces; mia sits in W, and leaves it at noon."""
    small.workspace()
    small.workspace("V")
    small.contract(to=("W", "V"))
    small.package(lines=[line(unit="seat", service="support_contacts")])
    small.add("contact.added", **PLACE, workspace="W", contact="mia")
    small.add("contact.added", **PLACE, workspace="V", contact="tom")
    small.add("contact.removed", NOON, **PLACE, workspace="W", contact="mia")
    return small


@pytest.mark.parametrize("beside,taken", [(-1, 2), (0, 1), (1, 1)])
def test_a_seat_left_at_the_very_instant_of_the_as_of_is_free(seats, beside, taken):
    """For all workspaces, in those of the scope, in the grid, and in what is unplaced of it."""
    as_of = BESIDE[beside]
    found = seats.line(as_of=as_of)
    assert (found["consumed"], found["remaining"]) == (str(taken), str(10 - taken))
    here = seats.line(as_of=as_of, workspaces=["W"])
    assert (here["consumed"], here["consumed_in_scope"]) == (str(taken), str(taken - 1))
    assert here["used_elsewhere"] == "1"
    rows = seats.ask("contacts", as_of=as_of, workspaces=["W"])["rows"]
    assert len(rows) == taken - 1


@pytest.fixture
def in_tokyo(small):
    return holding(small, "Asia/Tokyo")


def holding(small, zone):
    """A contract of a zone with ten cases, twenty credits and ten hours as needed."""
    small.workspace()
    small.contract(timezone=zone)
    credits_ = line("CR", "credit", "proactive_credits", 20)
    small.package(lines=[line(), credits_, line("H", "hour", "advisory", None)])
    return small


IN_UTC = {
    -1: "2025-05-31T23:59:59.999999999Z",
    0: "2025-06-01T00:00:00Z",
    1: "2025-06-01T00:00:00.000000001Z",
}
MIDNIGHT = {  # around 00:00 of the first of June in Tokyo
    -1: "2025-05-31T14:59:59.999999999Z",
    0: "2025-05-31T15:00:00Z",
    1: "2025-05-31T15:00:00.000000001Z",
}


@pytest.mark.parametrize("beside,within", [(-1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("scope", [(), ("W",)])
@pytest.mark.parametrize("zone,instants", [("Asia/Tokyo", MIDNIGHT), ("UTC", IN_UTC)])
def test_what_happens_at_the_first_instant_of_a_period_is_in_it(
    small, zone, instants, beside, within, scope
):
    """Cases, what they consume, credits and hours: from 00:00 of the first day, local."""
    holding(small, zone)
    case = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive"}
    small.add("case.opened", instants[beside], **case, contract="K", **PLACE)
    spent = {"package": "P", "entitlement": "CR", "workspace": "W", "credits": 2, "service": "s"}
    small.add("credit.consumed", instants[beside], **spent, hours="1.5")
    question = {"as_of": "2025-06-30", "from_day": "2025-06-01", "workspaces": scope}
    lines = {found["unit"]: found for found in small.ask("summary", **question)["lines"]}
    cases, credits_ = lines["case"], lines["credit"]
    assert (cases["cases"], cases["cases_in_period"]) == (1, within)
    assert (cases["consumed"], cases["consumed_in_period"]) == ("1", str(within))
    assert credits_["consumed_in_period"] == str(2 * within)
    assert credits_["consumed_in_scope_in_period"] == str(2 * within)
    assert credits_["delivered_hours_in_period"] == ("1.5" if within else "0")
    asked = {"package": "P", "entitlement": "CR", **question}
    statement = small.ask("statement", **asked)["lines"]
    assert [found["what"] for found in statement] == ["brought_forward", *["consumed"] * within]
    assert statement[0]["balance"] == ("20" if within else "18")


@pytest.mark.parametrize("beside,there", [(-1, True), (0, False), (1, False)])
def test_a_date_ends_just_before_the_next_begins_in_the_zone_of_the_contract(
    in_tokyo, beside, there
):
    """A case is cut in the zone of its contract; so is what it consumes, and its hours."""
    case = {"case": "C", "workspace": "W", "title": "t", "support_type": "advisory"}
    place = {"contract": "K", "package": "P", "entitlement": "H"}
    in_tokyo.add("case.opened", MIDNIGHT[beside], **case, **place)
    in_tokyo.add("case.labour_recorded", MIDNIGHT[beside], case="C", minutes=30)
    found = in_tokyo.line("H", as_of="2025-05-31")
    assert found["consumed"] == ("0.5" if there else "0")
    rows = in_tokyo.ask("cases", as_of="2025-05-31")["rows"]
    assert [row["hours"] for row in rows] == ["0.5"] * there
    assert len(in_tokyo.ask("cases", as_of="2025-06-01")["rows"]) == 1


@pytest.mark.parametrize("contract", [None, "gone"])
@pytest.mark.parametrize("beside,there", [(-1, True), (0, False)])
def test_a_case_without_a_known_contract_is_cut_in_the_zone_of_its_workspace(
    small, contract, beside, there
):
    """Opened between the midnights of Tokyo and of UTC, asked by date."""
    small.workspace(timezone="Asia/Tokyo")
    case = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive"}
    small.add("case.opened", MIDNIGHT[beside], **case, contract=contract)
    for number, day in enumerate(("2025-05-31", "2025-06-01")):
        found = small.ask("additional", as_of=day)["cases"]
        assert len(found) == (there or number)


def test_credits_that_end_on_the_same_day_expire_together(in_tokyo):
    """The next expiry is the earliest day, and all that is left then of however many lots."""
    grant = {"package": "P", "entitlement": "CR", "reason": "r"}
    for quantity, last in ((3, "2025-03-31"), (4, "2025-03-31"), (5, "2025-04-30")):
        in_tokyo.add("entitlement.granted", **grant, quantity=quantity, expires_on=last)
    spent = {"package": "P", "entitlement": "CR", "workspace": "W", "credits": 1, "service": "s"}
    in_tokyo.add("credit.consumed", "2025-02-01T00:00:00Z", **spent)

    def next_expiry(as_of):
        (account,) = in_tokyo.ask("credits", as_of=as_of)["accounts"]
        return account["next_expiry"], account["next_expiry_quantity"]

    assert next_expiry("2025-02-28") == ("2025-03-31", "6")
    assert next_expiry("2025-03-31") == ("2025-03-31", "6")
    assert next_expiry("2025-04-01") == ("2025-04-30", "5")
    assert next_expiry("2025-05-01") == ("2025-12-31", "20")
    assert next_expiry("2026-01-01") == (None, None)


def test_what_is_left_is_listed_by_its_last_day_and_what_was_used_by_its_month(in_tokyo):
    """A report: lots of one day are one row; the instant of midnight begins the next month."""
    grant = {"package": "P", "entitlement": "CR", "reason": "r"}
    for quantity in (3, 4):
        in_tokyo.add("entitlement.granted", **grant, quantity=quantity, expires_on="2025-07-31")
    spent = {"package": "P", "entitlement": "CR", "workspace": "W", "credits": 1, "service": "s"}
    for beside in (-1, 0, 1):
        in_tokyo.add("credit.consumed", MIDNIGHT[beside], **spent)
    report = in_tokyo.ask("report", contracts=["K"], as_of="2025-06-30")
    expiring = [
        (row["on"], row["quantity"]) for row in report["expiring"] if row["unit"] == "credit"
    ]
    assert expiring == [("2025-07-31", "4"), ("2025-12-31", "20")]
    used = [(row["month"], row["consumed"]) for row in report["deliveries"]]
    assert used == [("2025-05", "1"), ("2025-06", "2")]


@pytest.mark.parametrize("days,names", [(0, ["A"]), (1, ["A", "B"]), (2, ["A", "B", "C"])])
def test_expiring_takes_in_the_very_day(small, days, names):
    small.workspace()
    small.contract()
    for name, last in (("A", "2025-06-30"), ("B", "2025-07-01"), ("C", "2025-07-02")):
        small.package(name, lines=[line()], ends_on=last)
    found = small.ask("packages", as_of="2025-06-30", kind="all", expiring=days)["packages"]
    assert [row["package"] for row in found] == names


def test_packages_come_by_contract_and_then_by_name(small):
    small.workspace()
    for contract, names in (("L", ("A", "C")), ("K", ("D", "B"))):
        small.contract(contract)
        for name in names:
            small.package(name, contract, lines=[line()])
    rows = small.ask("packages", as_of="2025-06-30", kind="all")["packages"]
    found = [(row["contract"], row["package"]) for row in rows]
    assert found == [("K", "B"), ("K", "D"), ("L", "A"), ("L", "C")]


def test_what_waits_is_shown_whole(small):
    """Where it came from, why it waits and for what, and since when."""
    told = {"package": "P", "entitlement": "E", "quantity": 1, "reason": "r"}
    small.add("entitlement.granted", refused=1, **told)
    (row,) = small.ledger.quarantine_list()["rows"]
    assert row.pop("raw").startswith('{"specversion": "1.0"')
    assert row.pop("file").endswith("event.jsonl")
    assert row == {
        "number": 1,
        "code": "unknown-package",
        "line": 1,
        "reason": "package P is not recorded",
        "waits_for": "package:P",
        "received_at": "2027-01-15T08:00:00Z",
    }
