"""What the rows of each drill-down say, at every stage of what they tell of."""

import pytest
from shops import Shop

from ledger.errors import NotFound, UsageError

SHOPS = {"package": "P", "entitlement": "SHOPS"}
CRED = {"package": "P", "entitlement": "CRED"}


@pytest.fixture
def shop():
    return Shop()


def only(answer):
    """The one row of an answer."""
    (row,) = answer["rows"]
    return row


def test_an_engagement_is_scheduled_begun_and_delivered(shop):
    """Its state, hours, quantity and reservation follow its events, day by day."""
    plan = {"starts_at": "2025-03-10T08:00:00Z", "mode": "onsite", "quantity": 3}
    shop.tell(
        "workshop.scheduled", "03-01", engagement="E", workspace="w1", title="Day", **SHOPS, **plan
    )
    shop.tell("workshop.delivered", "03-10", engagement="E", hours=6, quantity=1, final=False)
    shop.tell("workshop.delivered", "03-12", engagement="E", hours="1.5")
    told = {}
    for day in ("01", "10", "12"):
        row = only(shop.ask("engagements", as_of=f"2025-03-{day}"))
        told[day] = [
            row[key]
            for key in ("state", "delivered_hours", "quantity", "consumed", "reserved", "scheduled")
        ]
    assert told == {
        "01": ["scheduled", "0", "0", "0", "3", "3"],
        "10": ["in_delivery", "6", "1", "1", "2", "3"],
        "12": ["delivered", "7.5", "3", "3", "0", "3"],
    }
    assert shop.ask("engagements", as_of="2025-02-28")["rows"] == []
    assert (row["kind"], row["title"], row["mode"]) == ("workshop", "Day", "onsite")
    assert (row["contract"], row["workspace"], row["unit"]) == ("K", "w1", "engagement")
    assert row["delivered_at"] == "2025-03-12T12:00:00Z"


def test_an_engagement_on_hours_counts_its_hours(shop):
    """The unit of its entitlement says what is consumed and held back."""
    on = {"package": "P", "entitlement": "DSE", "workspace": "w1"}
    shop.tell("dse.scheduled", "03-01", engagement="D", title="Engineer", quantity=8, **on)
    shop.tell("dse.delivered", "03-10", engagement="D", hours=6, final=False)
    row = only(shop.ask("engagements"))
    assert (row["consumed"], row["reserved"], row["unit"]) == ("6", "2", "hour")
    assert row["state"] == "in_delivery"


@pytest.mark.parametrize(
    "charge,state,consumed", [(None, "cancelled", "0"), ("0.5", "cancelled_charged", "0.5")]
)
def test_a_cancelled_engagement_says_its_charge_and_reason(shop, charge, state, consumed):
    """A charge makes another state; planned again it is scheduled, and the charge stays."""
    planned = {"engagement": "E", "workspace": "w1", "title": "Day", "quantity": 2} | SHOPS
    shop.tell("workshop.scheduled", "03-01", **planned)
    cost = {} if charge is None else {"charge": charge}
    shop.tell("workshop.cancelled", "03-02", engagement="E", reason="snow", **cost)
    row = only(shop.ask("engagements"))
    assert (row["state"], row["reason"], row["consumed"]) == (state, "snow", consumed)
    assert (row["reserved"], row["cancelled_at"]) == ("0", "2025-03-02T12:00:00Z")
    shop.tell("workshop.scheduled", "03-03", **planned)
    row = only(shop.ask("engagements"))
    assert (row["state"], row["reason"], row["charge"]) == ("scheduled", None, charge or "0")


def test_an_engagement_is_in_the_workspace_where_it_is(shop):
    """Moved by a delivery, it leaves one scope and comes to another."""
    shop.tell(
        "workshop.scheduled",
        "03-01",
        engagement="E",
        workspace="w1",
        title="Day",
        quantity=1,
        **SHOPS,
    )
    shop.tell("workshop.delivered", "03-05", engagement="E", workspace="w2", hours=4)
    for day, here in (("03-04", "w1"), ("03-05", "w2")):
        for workspace in ("w1", "w2"):
            answer = shop.ask("engagements", as_of=f"2025-{day}", workspaces=[workspace])
            assert answer["total"] == (workspace == here)


def test_a_day_of_an_engagement_ends_in_the_zone_of_its_contract(shop):
    """Half past eleven in the evening of UTC is the next day in Paris."""
    shop.tell(
        "workshop.delivered",
        "2025-03-09T23:30:00Z",
        engagement="E",
        hours=1,
        workspace="w1",
        **SHOPS,
    )
    assert shop.ask("engagements", as_of="2025-03-09")["total"] == 0
    assert shop.ask("engagements", as_of="2025-03-10")["total"] == 1


def test_the_entitlement_asked_for_comes_with_its_balance_and_link(shop):
    """Where it does not count yet it is null; where it never was it is not found."""
    shop.tell("workshop.delivered", "03-09", engagement="E", hours=1, workspace="w1", **SHOPS)
    for view in ("engagements", "credits", "education", "contacts", "assessments", "cases"):
        shown = shop.ask(view, **SHOPS)["entitlement"]
        assert (shown["package"], shown["entitlement"], shown["name"]) == ("P", "SHOPS", "SHOPS")
        assert shown["action_url"] == "https://shop.example/ask"
        assert shown["balance"]["remaining"] == "9"
        assert shop.ask(view, **SHOPS, as_of="2024-01-01")["entitlement"] is None
        assert "entitlement" not in shop.ask(view)
        with pytest.raises(NotFound):
            shop.ask(view, package="P", entitlement="NONE")
        with pytest.raises(UsageError):
            shop.ask(view, entitlement="SHOPS")


def test_a_course_is_counted_at_its_first_start(shop):
    """Later starts are attempts; a completion without a place belongs to what was begun."""
    course = {"learner": "lea", "item": "AZ-1", "workspace": "w1"}
    on = {"package": "P", "entitlement": "COURSES"}
    shop.tell("course.started", "02-01", **course, **on, title="Clouds", level="100")
    shop.tell("course.completed", "02-10", **course, score="81.50")
    shop.tell("course.started", "03-01", **course, **on, title="Clouds II")
    answer = shop.ask("education")
    assert answer["totals"] == {"activities": 1, "learners": 1, "completed": 1}
    row = only(answer)
    assert (row["title"], row["level"], row["attempts"]) == ("Clouds II", "100", 2)
    assert row["started_at"] == "2025-02-01T12:00:00Z"
    assert row["completed_at"] == "2025-02-10T12:00:00Z"
    assert row["last_activity_at"] == "2025-03-01T12:00:00Z"
    assert (row["score"], row["contract"], row["workspace"]) == ("81.5", "K", "w1")
    early = shop.ask("education", as_of="2025-02-05")
    assert early["totals"] == {"activities": 1, "learners": 1, "completed": 0}


def test_a_course_without_a_place_stands_by_itself(shop):
    """Begun nowhere, or completed in a workspace where nothing was begun."""
    shop.tell("course.started", "02-01", learner="lea", item="AZ-1", workspace="w1")
    shop.tell("course.completed", "02-02", learner="lea", item="AZ-1", workspace="w2")
    rows = shop.ask("education")["rows"]
    assert [(row["workspace"], row["package"]) for row in rows] == [("w1", None), ("w2", None)]
    assert [row["completed_at"] is None for row in rows] == [True, False]
    assert shop.ask("education")["totals"] == {"activities": 1, "learners": 1, "completed": 0}
    shop.tell("course.completed", "02-03", learner="lea", item="AZ-1", workspace="w1")
    assert shop.ask("education")["totals"]["completed"] == 1


def test_a_contact_takes_one_seat_in_however_many_workspaces(shop):
    """Its row names those of the scope; what was said last of it is shown."""
    seat = {"package": "P", "entitlement": "SEATS", "contact": "mia"}
    shop.tell("contact.added", "02-01", **seat, workspace="w1", name="Mia", email="mia@x.example")
    shop.tell("contact.added", "02-05", **seat, workspace="w2", name="Mia B.")
    row = only(shop.ask("contacts"))
    assert (row["name"], row["email"]) == ("Mia B.", "mia@x.example")
    assert (row["workspaces"], row["since"]) == (["w1", "w2"], "2025-02-01T12:00:00Z")
    here = shop.ask("contacts", workspaces=["w2"])
    row = only(here)
    assert (row["workspaces"], row["since"], row["email"]) == (["w2"], "2025-02-05T12:00:00Z", None)
    seats = {"package": "P", "entitlement": "SEATS", "name": "SEATS", "used": "1"}
    assert here["seats"] == [seats | {"used_in_scope": "1", "used_elsewhere": "0", "allowed": "10"}]
    shop.tell("contact.removed", "02-10", **seat, workspace="w2")
    assert shop.ask("contacts", workspaces=["w2"])["rows"] == []
    assert shop.ask("contacts", workspaces=["w2"])["seats"][0]["used_elsewhere"] == "1"
    shop.tell("contact.added", "02-20", **seat, workspace="w2")
    row = only(shop.ask("contacts", workspaces=["w2"]))
    assert (row["since"], row["name"]) == ("2025-02-20T12:00:00Z", "Mia B.")


def test_an_assessment_is_configured_run_and_removed(shop):
    """A run without a place belongs to what was configured in that workspace; none consumes."""
    of = {"technology": "AD", "environment": "prod", "workspace": "w1"}
    on = {"package": "P", "entitlement": "ODA"}
    shop.tell("assessment.configured", "02-01", **of, **on)
    shop.tell("assessment.run", "02-08", **of, quality_index="71.50", findings=12)
    shop.tell("assessment.run", "02-15", **of, **on, quality_index=80)
    row = only(shop.ask("assessments"))
    assert (row["state"], row["runs"], row["findings"]) == ("configured", 2, 12)
    assert (row["quality_index"], row["contract"]) == ("80", "K")
    assert row["configured_at"] == "2025-02-01T12:00:00Z"
    assert row["last_run_at"] == "2025-02-15T12:00:00Z"
    shop.tell("assessment.removed", "03-01", **of, **on)
    assert only(shop.ask("assessments"))["state"] == "removed"
    assert only(shop.ask("assessments", as_of="2025-02-28"))["state"] == "configured"
    shop.tell("assessment.configured", "03-05", **of, **on)
    row = only(shop.ask("assessments"))
    assert (row["state"], row["configured_at"]) == ("configured", "2025-02-01T12:00:00Z")
    assert shop.ask("assessments", **on)["entitlement"]["balance"]["consumed"] == "1"


def test_credits_say_what_is_left_and_what_expires_next(shop):
    """Every movement has the balance after it; lots start and expire as movements."""
    shop.tell("entitlement.granted", **CRED, quantity=4, expires_on="2025-03-31", reason="gift")
    spent = {"service": "Check", "quantity": 2, "unit_price": "1.5", "price_list": "2025"}
    shop.tell("credit.consumed", "02-01", **CRED, workspace="w1", credits=3, hours=6, **spent)
    answer = shop.ask("credits", as_of="2025-02-28")
    (account,) = answer["accounts"]
    assert account | {"purchased": "14", "used": "3", "remaining": "11"} == account
    assert (account["next_expiry"], account["next_expiry_quantity"]) == ("2025-03-31", "1")
    assert [(row["what"], row["credits"], row["balance"]) for row in answer["rows"]] == [
        ("lot_started", "4", "4"),
        ("lot_started", "10", "14"),
        ("consumed", "-3", "11"),
    ]
    row = answer["rows"][-1]
    told = ("service", "quantity", "unit_price", "price_list", "hours", "workspace", "type")
    assert [row[key] for key in told] == [
        *("Check", "2", "1.5", "2025", "6", "w1", "credit.consumed")
    ]
    later = shop.ask("credits", as_of="2025-04-30", **CRED)
    assert later["entitlement"]["expired"] == "1"
    assert later["entitlement"]["next_expiry"] == "2025-12-31"
    assert later["rows"][-1]["what"] == "lot_expired"
    assert shop.ask("credits", as_of="2026-12-31")["accounts"][0]["next_expiry"] is None


def test_credits_of_other_workspaces_are_one_number(shop):
    """They are no rows, and the balances count them."""
    for workspace, amount in (("w1", 2), ("w2", 3), ("w1", 1)):
        shop.tell(
            "credit.consumed", "02-01", **CRED, workspace=workspace, credits=amount, service="x"
        )
    answer = shop.ask("credits", workspaces=["w1"])
    assert answer["accounts"][0]["used_elsewhere"] == "3"
    assert [row["balance"] for row in answer["rows"]][:3] == ["10", "8", "4"]
    assert [row["workspace"] for row in answer["rows"]][:3] == [None, "w1", "w1"]


def test_hours_over_the_cap_are_shown(shop):
    """A case beyond the cap of its entitlement counts, and says by how much."""
    opened = {"workspace": "w1", "title": "t", "support_type": "reactive", "contract": "K"}
    shop.tell("case.opened", "02-01", case="C", **opened, package="P", entitlement="SU")
    shop.tell("case.labour_recorded", "02-02", case="C", minutes=200)
    row = only(shop.ask("cases"))
    assert (row["hours"], row["over_cap"]) == ("3.333333333", "1.333333333")


def test_a_summary_of_the_past_knows_no_filter_by_package(shop):
    """A package that is named narrows neither what is shown nor what is counted."""
    shop.tell("workshop.delivered", "03-09", engagement="E", hours=1, workspace="w1", **SHOPS)
    shop.tell("case.opened", "03-10", case="C", workspace="w1", title="t", support_type="other")
    known = {"known_at": len(shop.events) - 1}
    whole = shop.ask("summary", **known)
    assert "1" in {line["consumed"] for line in whole["lines"]}
    assert shop.ask("summary", **known, packages=["NONE"]) == whole
