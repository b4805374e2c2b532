"""`cpod explain` on a real ledger: what it shows, and to whom."""

import story
from story import event, spent

DELIVERIES = (
    spent(8, "2025-02-01", "first"),
    spent(5, "2025-03-01", "second"),
    event(
        "entitlement.granted",
        "2025-04-01",
        id="more",
        package="P",
        entitlement="CREDITS",
        quantity=4,
        starts_on="2025-04-01",
        reason="more",
    ),
    event(
        "credit.consumed",
        "2025-05-01",
        id="elsewhere",
        package="P",
        entitlement="CREDITS",
        workspace="V",
        credits="0.5",
        service="advice",
    ),
)


def test_a_later_lot_covers_the_overage_of_the_delivery_that_made_it(cpod):
    story.ledger(cpod, DELIVERIES)
    found = cpod("explain", "P", "CREDITS", "--as-of", "2025-06-30", "--format", "json").json
    assert found["balance"]["remaining"] == "0.5"
    assert [(lot["id"], lot["burned"], lot["left"]) for lot in found["lots"]] == [
        ("buy-P", "10", "0"),
        ("more", "3.5", "0.5"),
    ]
    assert [(line["id"], line["what"], line["change"]) for line in found["lines"]] == [
        ("buy-P", "lot_started", "10"),
        ("first", "consumed", "-8"),
        ("second", "consumed", "-2"),
        ("more", "lot_started", "4"),
        ("second", "overage_covered", "-3"),
        ("elsewhere", "consumed", "-0.5"),
        ("second", "consumed", "-3"),
        ("second", "overage_covered", "3"),
    ]


def test_a_table_stands_lot_by_lot(cpod):
    story.ledger(cpod, DELIVERIES)
    ran = cpod("explain", "P", "CREDITS", "--as-of", "2025-06-30")
    assert ran.exit == 0
    order = ("0.5 left", "Lots", "package.purchased · buy-P", "entitlement.granted · more")
    places = [ran.out.index(text) for text in (*order, "Covered by no lot")]
    assert places == sorted(places)


def test_what_a_booking_holds_back_is_named(cpod):
    planned = event(
        "workshop.scheduled",
        "2025-02-01",
        id="plan",
        engagement="E",
        workspace="W",
        package="P",
        entitlement="CREDITS",
        title="Review",
        quantity=2,
    )
    story.ledger(cpod, [planned])
    found = cpod("explain", "P", "CREDITS", "--as-of", "2025-06-30", "--format", "json").json
    assert found["balance"]["available"] == "8"
    assert [(held["id"], held["quantity"]) for held in found["reservations"]] == [("plan", "2")]


def test_who_may_not_see_every_case_gets_no_explanation_of_what_cases_feed(cpod):
    story.ledger(cpod, DELIVERIES)
    asked = ("explain", "P", "CASES", "--as-of", "2025-06-30")
    assert cpod(*asked).exit == 0
    assert cpod(*asked, "--as", "ada").exit == 0
    assert cpod(*asked, "--as", "eve").exit == 3
    assert cpod("explain", "P", "CREDITS", "--as", "eve").exit == 0
    assert cpod("explain", "P", "CREDITS", "--as", "nobody").exit == 3


def test_what_happened_out_of_scope_names_no_event_to_a_viewer(cpod):
    story.ledger(cpod, DELIVERIES)
    asked = ("explain", "P", "CREDITS", "--as-of", "2025-06-30", "--as", "ada")
    lines = cpod(*asked, "--format", "json").json["lines"]
    hidden = [line for line in lines if line["what"] == "used_elsewhere"]
    assert [(line["id"], line["position"], line["change"]) for line in hidden] == [
        (None, None, "-0.5")
    ]
    assert "elsewhere" not in {line["id"] for line in lines}


def test_what_is_not_there_is_not_found(cpod):
    story.ledger(cpod)
    assert cpod("explain", "NONE", "CREDITS").exit == 4
    assert cpod("explain", "P", "NONE").exit == 4
