"""Engagements that wander: what is in no balance has consumed nothing, and grids show balances."""

import pytest
from shops import Shop

SHOPS = {"package": "P", "entitlement": "SHOPS"}
CRED = {"package": "P", "entitlement": "CRED"}
HOURS = {"package": "P", "entitlement": "DSE"}
NOWHERE = [
    {},
    {"package": "P"},
    {"package": "P-none", "entitlement": "SHOPS"},
    {"package": "P", "entitlement": "NONE"},
    {"package": "P", "entitlement": "PRS"},
    {"package": "P", "entitlement": "SEATS"},
    {"package": "P", "entitlement": "SDM"},
]
"""Places that are no balance of engagements: unnamed, unknown, of another unit, a benefit."""


@pytest.fixture
def shop():
    made = Shop()
    benefit = {"entitlement": "SDM", "service": "other", "class": "benefit", "name": "SDM"}
    made.tell("entitlement.added", package="P", **benefit)
    return made


def deliver(shop, day, where, **given):
    shop.tell("workshop.delivered", day, engagement="E", **where, **given)


def plan(shop, day, where, quantity):
    plan = {"workspace": "w1", "title": "Day", "quantity": quantity}
    shop.tell("workshop.scheduled", day, engagement="E", **where, **plan)


def figures(shop, **when):
    """(consumed, reserved, hours) of every balance that has any, as its rows have them too."""
    names = ("consumed", "reserved", "delivered_hours")
    found = {}
    with shop.ledger() as ledger:
        dates = {"as_of": "2025-12-31"} | when
        rows = ledger.ask("engagements", **dates)["rows"]
        for package in ledger.ask("packages", **dates, kind="all", state="all")["packages"]:
            for line in package["consumables"]:
                place = (package["package"], line["entitlement"])
                balance = [line[name] for name in names]
                own = [row for row in rows if (row["package"], row["entitlement"]) == place]
                assert balance == [row[name] for row in own for name in names] or (
                    balance == ["0"] * 3 and len(own) <= 1
                )
                if balance != ["0"] * 3:
                    found[line["entitlement"]] = tuple(balance)
    return found


@pytest.mark.parametrize("nowhere", NOWHERE, ids=str)
def test_what_was_delivered_in_no_balance_leaves_the_default_whole(shop, nowhere):
    """A final delivery that names no quantity consumes one, as if nothing had been before."""
    deliver(shop, "05-05", nowhere, hours=1, quantity=2, final=False)
    deliver(shop, "05-13", SHOPS, hours=2, workspace="w1")
    assert figures(shop) == {"SHOPS": ("1", "0", "2")}
    assert figures(shop, as_of="2025-05-12") == {}
    assert len(shop.ask("unplaced", everything=True)["facts"]) == 1


@pytest.mark.parametrize("nowhere", NOWHERE[2:], ids=str)
def test_what_was_delivered_in_no_balance_leaves_the_reservation_whole(shop, nowhere):
    """What was planned stays held back, and a later final delivery consumes all of it."""
    plan(shop, "04-01", SHOPS, 5)
    deliver(shop, "05-05", nowhere, hours=1, quantity=2, final=False)
    assert figures(shop) == {"SHOPS": ("0", "5", "0")}
    deliver(shop, "05-13", SHOPS, hours=2)
    assert figures(shop) == {"SHOPS": ("5", "0", "2")}


@pytest.mark.parametrize("nowhere", NOWHERE, ids=str)
def test_a_charge_in_no_balance_is_none(shop, nowhere):
    """Delivered elsewhere after all, it consumes as if it had not been cancelled."""
    deliver(shop, "05-01", nowhere, hours=0, quantity=0, final=False)
    shop.tell("workshop.cancelled", "05-05", engagement="E", charge=3)
    deliver(shop, "05-13", SHOPS, hours=2)
    assert figures(shop) == {"SHOPS": ("1", "0", "2")}


def test_what_was_delivered_in_another_balance_counts(shop):
    """The rest of what was planned is consumed where it ends, and each balance has its row."""
    plan(shop, "04-01", SHOPS, 5)
    deliver(shop, "05-05", SHOPS, hours=1, quantity=2, final=False)
    assert figures(shop) == {"SHOPS": ("2", "3", "1")}
    deliver(shop, "05-06", CRED, hours=3, quantity="0.5", final=False)
    assert figures(shop) == {"SHOPS": ("2", "2.5", "1"), "CRED": ("0.5", "0", "3")}
    deliver(shop, "05-13", HOURS, hours=4)
    assert figures(shop) == {
        "SHOPS": ("2", "0", "1"),
        "CRED": ("0.5", "0", "3"),
        "DSE": ("4", "0", "4"),
    }
    rows = shop.ask("engagements")["rows"]
    assert {(row["engagement"], row["state"], row["title"]) for row in rows} == {
        ("E", "delivered", "Day")
    }
    (row,) = shop.ask("engagements", **HOURS)["rows"]
    assert row["quantity"] == "2.5"


def test_a_schedule_that_comes_late_or_is_reversed_moves_the_default(shop):
    """With it the rest of the plan is consumed, and without it one."""
    deliver(shop, "05-05", {}, hours=1, quantity=2, final=False)
    deliver(shop, "05-13", CRED, hours=2, workspace="w1")
    assert figures(shop) == {"CRED": ("1", "0", "2")}
    plan(shop, "04-01", SHOPS, 5)
    assert figures(shop) == {"SHOPS": ("2", "0", "1"), "CRED": ("3", "0", "2")}
    last = shop.events[-1]
    wrong = {"reverses": {"source": last["source"], "id": last["id"]}, "reason": "r"}
    shop.tell("event.reversed", **wrong, authorised_by="ada")
    assert figures(shop) == {"CRED": ("1", "0", "2")}


def buy(shop, time, package="LATE"):
    line = {"entitlement": "SHOPS", "service": "workshop", "class": "consumable", "name": "S"}
    period = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    bought = {"contract": "K", "package": package, "kind": "addon", "name": "Late"} | period
    lines = [line | {"unit": "engagement", "quantity": 9}]
    shop.tell("package.purchased", time, **bought, entitlements=lines)


def test_a_package_that_becomes_known_takes_its_part(shop):
    """Whatever is asked of before it was known, or as of before it was bought, stays as it was."""
    deliver(shop, "05-05", {"package": "LATE", "entitlement": "SHOPS"}, hours=1, quantity="0.25")
    deliver(shop, "05-13", SHOPS, hours=2, workspace="w1")
    before = len(shop.events)
    assert figures(shop) == {"SHOPS": ("1", "0", "2")}
    buy(shop, "06-01")
    known = {"as_of": "2025-05-31"}
    assert figures(shop, **known) == {"SHOPS": ("1", "0", "2")}
    with shop.ledger() as ledger:
        dates = {"as_of": "2025-12-31", "known_at": before}
        (row,) = ledger.ask("engagements", **dates)["rows"]
        assert (row["consumed"], row["entitlement"]) == ("1", "SHOPS")
        packages = ledger.ask("packages", as_of="2025-12-31", kind="all")["packages"]
        consumed = {
            (package["package"], line["entitlement"]): line["consumed"]
            for package in packages
            for line in package["consumables"]
            if line["consumed"] != "0"
        }
        assert consumed == {("P", "SHOPS"): "0.75", ("LATE", "SHOPS"): "0.25"}
        statement = ledger.ask("statement", **SHOPS, as_of="2025-12-31")["lines"]
        assert statement[-1]["change"] == "-0.75"
        (move,) = ledger.diff("2025-05-31", "2025-12-31", packages=["P"])["moves"]
        assert (move["figure"], move["change"]) == ("consumed", "-0.25")
        assert [each["position"] for each in move["because"]] == [before + 1]
        answer = ledger.trace("urn:shop", shop.events[before]["id"])
        assert ("P", "SHOPS") in {
            (balance["package"], balance["entitlement"]) for balance in answer["balances"]
        }
        assert ledger.check(books=True)["damage"] == []


def test_a_line_that_is_withdrawn_gives_its_part_back(shop):
    """As if it had never been there: the rest is consumed where the engagement ended."""
    buy(shop, "01-02")
    late = {"package": "LATE", "entitlement": "SHOPS"}
    deliver(shop, "05-05", late, hours=1, quantity="0.25", workspace="w1")
    deliver(shop, "05-13", CRED, hours=2)
    assert figures(shop) == {"SHOPS": ("0.25", "0", "1"), "CRED": ("0.75", "0", "2")}
    shop.tell("entitlement.withdrawn", **late, reason="wrong", authorised_by="ada")
    assert figures(shop) == {"CRED": ("1", "0", "2")}


def test_one_that_wanders_through_very_many_places_is_counted_in_time(shop):
    """A thousand unfinished deliveries, each somewhere else, and a final one in a balance."""
    for number in range(1_000):
        where = {"package": f"X{number}", "entitlement": "SHOPS"}
        deliver(shop, "05-05", where, hours=1, quantity="0.001", final=False)
    deliver(shop, "05-13", SHOPS, hours=2)
    assert figures(shop) == {"SHOPS": ("1", "0", "2")}
