"""Every grid, list and figure changes at the very instant of its event, not a nanosecond before."""

import pytest
from small_ledger import line

NOON = "2025-06-01T12:00:00Z"
BESIDE = {
    -1: "2025-06-01T11:59:59.999999999Z",
    0: NOON,
    1: "2025-06-01T12:00:00.000000001Z",
}
EDGES = pytest.mark.parametrize("beside,after", [(-1, False), (0, True), (1, True)])
MAY = "2025-05-01T00:00:00Z"
LINES = (
    line("E"),
    line("H", "hour", "advisory"),
    line("CR", "credit", "proactive_credits"),
    line("WS", "engagement", "workshop"),
    line("CO", "activity", "on_demand_education"),
    line("SE", "seat", "support_contacts"),
    line("AS", "assessment", "on_demand_assessment"),
    {"entitlement": "B", "service": "other", "class": "benefit", "name": "B"},
)


def on(entitlement):
    return {"package": "P", "entitlement": entitlement}


CASE = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive", "contract": "K"}
SHOP = {"engagement": "1", "workspace": "W", "title": "t", **on("WS")}
COURSE = {"learner": "lea", "item": "AZ", "workspace": "W", **on("CO")}
SEAT = {"contact": "mia", "workspace": "W", **on("SE")}
CHECK = {"technology": "AD", "environment": "prod", "workspace": "W", **on("AS")}


@pytest.fixture
def house(small):
    small.workspace()
    small.contract()
    small.package(lines=LINES)
    return small


@EDGES
@pytest.mark.parametrize(
    "view,before,event,field,values",
    [
        ("cases", [], ("case.opened", CASE | on("E")), "status", [None, "open"]),
        ("cases", [("case.opened", CASE | on("E"))], ("case.closed", {"case": "C"}),
         "status", ["open", "closed"]),
        ("cases", [("case.opened", CASE | on("E"))], ("case.cancelled", {"case": "C"}),
         "status", ["open", None]),
        ("cases", [("case.opened", CASE | on("E"))],
         ("case.labour_recorded", {"case": "C", "minutes": 30}), "hours", ["0", "0.5"]),
        ("engagements", [], ("workshop.scheduled", SHOP | {"quantity": 2}),
         "state", [None, "scheduled"]),
        ("engagements", [("workshop.scheduled", SHOP | {"quantity": 2})],
         ("workshop.delivered", {"engagement": "1", "hours": 3}),
         "state", ["scheduled", "delivered"]),
        ("engagements", [("workshop.scheduled", SHOP | {"quantity": 2})],
         ("workshop.cancelled", {"engagement": "1", "charge": 1}),
         "state", ["scheduled", "cancelled_charged"]),
        ("education", [("course.started", COURSE)], ("course.started", COURSE),
         "attempts", [1, 2]),
        ("contacts", [], ("contact.added", SEAT | {"name": "Mia"}), "name", [None, "Mia"]),
        ("contacts", [("contact.added", SEAT)], ("contact.removed", SEAT),
         "contact", ["mia", None]),
        ("assessments", [("assessment.configured", CHECK)], ("assessment.run", CHECK),
         "runs", [0, 1]),
    ],
)  # fmt: skip
def test_a_row_changes_at_the_instant_of_its_event(
    house, beside, after, view, before, event, field, values
):
    for type_name, data in before:
        house.add(type_name, MAY, **data)
    house.add(event[0], NOON, **event[1])
    rows = house.ask(view, as_of=BESIDE[beside])["rows"]
    assert [row[field] for row in rows] == [values[after]] * (values[after] is not None)


@EDGES
def test_figures_change_at_the_instant_of_their_event(house, beside, after):
    """What is consumed, held back, delivered, granted, taken; by every unit."""
    house.add("workshop.scheduled", NOON, **SHOP, quantity=2)
    house.add("case.opened", NOON, **CASE, **on("E"))
    spent = {"credits": "1.5", "service": "s", "workspace": "W", "hours": 2, **on("CR")}
    house.add("credit.consumed", NOON, **spent)
    house.add("course.started", NOON, **COURSE)
    house.add("contact.added", NOON, **SEAT)
    house.add("assessment.configured", NOON, **CHECK)
    given = {"reason": "r", "approved_by": "a"}
    house.add("entitlement.adjusted", NOON, **on("H"), **given, quantity=-3)
    house.add("entitlement.adjusted", NOON, **on("WS"), **given, quantity=3)

    def figures(entitlement, *names):
        found = house.line(entitlement, as_of=BESIDE[beside])
        return [found[name] for name in names]

    for entitlement in ("E", "CO", "SE", "AS"):
        assert figures(entitlement, "consumed", "remaining") == (
            ["1", "9"] if after else ["0", "10"]
        )
    assert figures("WS", "granted", "reserved", "available") == (
        ["13", "2", "11"] if after else ["10", "0", "10"]
    )
    assert figures("CR", "consumed", "delivered_hours") == (["1.5", "2"] if after else ["0", "0"])
    assert figures("H", "granted", "remaining") == (["7", "7"] if after else ["10", "10"])


@EDGES
def test_terms_change_at_their_instant(house, beside, after):
    """The name of a contract and of a package, a mapping, an end, a switch."""
    as_of = BESIDE[beside]
    house.add("contract.amended", NOON, contract="K", name="New", reason="r")
    house.add("package.amended", NOON, package="P", name="Newer", reason="r")
    house.add("contract.mapped", NOON, contract="K", workspace="W")
    house.workspace("V")
    house.add("contract.mapped", NOON, contract="K", workspace="V")
    (found,) = house.ask("contracts", as_of=as_of)["contracts"]
    assert (found["name"], found["workspaces"]) == (("New", ["V", "W"]) if after else ("K", ["W"]))
    (found,) = house.ask("packages", as_of=as_of, kind="all")["packages"]
    assert found["name"] == ("Newer" if after else "P")
    house.add("package.deactivated", NOON, package="P", reason="r")
    rows = house.ask("packages", as_of=as_of, kind="all", state="all")["packages"]
    assert [row["reason"] for row in rows] == ["deactivated" if after else None]


@EDGES
@pytest.mark.parametrize(
    "before,event,reasons",
    [
        ([], ("credit.consumed", {"credits": 1, "service": "s", "workspace": "W",
                                  "package": "X", "entitlement": "E"}), [[], ["unknown_package"]]),
        ([], ("contact.added", SEAT | on("X")), [[], ["unknown_entitlement"]]),
        ([("contact.added", SEAT | on("X"))], ("contact.removed", SEAT | on("X")),
         [["unknown_entitlement"], []]),
        ([], ("contact.added", SEAT | on("B")), [[], ["not_consumable"]]),
        ([], ("course.started", COURSE | on("E")), [[], ["wrong_unit"]]),
        ([], ("case.opened", CASE | on("WS")), [[], ["wrong_unit"]]),
        ([("case.opened", CASE | on("WS"))], ("case.cancelled", {"case": "C"}),
         [["wrong_unit"], []]),
        ([("case.opened", CASE | on("WS"))], ("case.reassigned", {"case": "C", "entitlement": "E"}),
         [["wrong_unit"], []]),
        ([("case.labour_recorded", {"case": "C", "minutes": 5})],
         ("case.opened", CASE | on("E")), [["not_opened"], []]),
        ([], ("workshop.delivered", {"engagement": "9", "hours": 1}), [[], ["no_place"]]),
        ([], ("workshop.cancelled", {"engagement": "9", "charge": 1}), [[], ["no_place"]]),
        ([], ("workshop.cancelled", {"engagement": "9"}), [[], []]),
        ([("course.started", COURSE | on("X"))], ("course.started", COURSE | on("X")),
         [["unknown_entitlement"], ["unknown_entitlement"]]),
        ([("assessment.configured", CHECK | on("E"))], ("assessment.run", CHECK | on("E")),
         [["wrong_unit"], ["wrong_unit"]]),
    ],
)  # fmt: skip
def test_what_cannot_count_is_listed_from_its_instant_until_it_no_longer_should(
    house, beside, after, before, event, reasons
):
    for type_name, data in before:
        house.add(type_name, MAY, **data)
    house.add(event[0], NOON, **event[1])
    facts = house.ask("unplaced", as_of=BESIDE[beside], everything=True)["facts"]
    assert [fact["reason"] for fact in facts] == reasons[after]
    named = house.ask("unplaced", as_of=BESIDE[beside])["facts"]
    left_out = {"no_place", "not_opened"}
    assert named == [fact for fact in facts if fact["reason"] not in left_out]


def test_known_at_is_the_last_position_recorded_by_then(house):
    """At the very stamp it is known; a nanosecond before it is not; a date ends in UTC."""
    from ledger.domain.values.instants import format_instant
    from ledger.errors import UsageError

    stamp = house.clock.now = house.clock.now + 86_400 * 10**9
    position = house.add("case.opened", NOON, **CASE, **on("E"))
    house.clock.now += 3 * 86_400 * 10**9

    def known(at):
        answer = house.ask("packages", known_at=at, as_of="2025-06-30", kind="all")
        return answer["position"], answer["known_at"]

    assert known(format_instant(stamp)) == (position, format_instant(stamp))
    assert known(format_instant(stamp - 1))[0] == position - 1
    assert known(position) == (position, position)
    assert known(0) == (0, 0)
    assert known(format_instant(stamp)[:10]) == (position, format_instant(stamp)[:10])
    assert known("2027-01-15")[0] == position - 1
    assert known("2027-01-14")[0] == 0
    now = format_instant(house.clock.now)
    assert known(now) == (position, now)
    assert known("2099-01-01") == (position, "2099-01-01")
    for wrong in (str(position + 1), format_instant(house.clock.now + 1), "-1", "+1", "now"):
        with pytest.raises(UsageError):
            known(wrong)
