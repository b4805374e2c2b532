"""What each field of an event takes: limits at their very edge, and null where it clears."""

import pytest
from histories import event, line
from pydantic import ValidationError

from ledger.domain.events import BY_NAME, EVENTS
from ledger.domain.persons import (
    is_sent_on,
    marks_erased,
    person_of,
    personal_fields,
    personal_values,
)
from ledger.domain.values.quantities import SCALE

CASE = {"case": "C", "workspace": "W", "title": "t", "support_type": "reactive"}
ROLE = {"principal": "user:a", "role": "workspace_admin", "scope": "workspace:W"}
LABOUR = {"case": "C", "minutes": 1}
TRANSFER = {
    "from": {"package": "P", "entitlement": "E"},
    "to": {"package": "Q", "entitlement": "E"},
}
TRANSFER |= {"quantity": 1, "authorised_by": "a", "reason": "r"}
GRANT = {"package": "P", "entitlement": "E", "quantity": 1, "reason": "r"}
WORKSHOP = {"engagement": "1", "workspace": "W", "package": "P", "entitlement": "E", "title": "t"}
WORKSHOP |= {"quantity": 1}
BOUGHT = {"contract": "K", "package": "P", "kind": "addon", "name": "n", "entitlements": []}
BOUGHT |= {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
CREDITS = {"package": "P", "entitlement": "E", "workspace": "W", "credits": 1, "service": "s"}
COURSE = {"workspace": "W", "learner": "l", "item": "i"}
CHECKED = {"workspace": "W", "technology": "t", "environment": "e"}
SIGNED = {"contract": "K", "customer": "C", "name": "n", "starts_on": "2025-01-01"}
LONGEST = "x" * 200


def takes(type_name, data):
    """Whether an event of this type may say this."""
    try:
        BY_NAME[type_name].model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "type_name,data,field,right,wrong",
    [
        ("case.opened", CASE, "case", ["1", LONGEST, "é\u00a0 x"],
         ["", LONGEST + "x", "a\x00", "a\x1f", "a\x7f", "a\x9f", "\n", 1, None]),
        ("case.opened", CASE, "group", [LONGEST, None], ["", LONGEST + "x"]),
        ("case.opened", CASE, "title", ["", "a\nb", LONGEST + "x"], [1, None]),
        ("case.opened", CASE, "support_type", ["reactive", "advisory", "other"], ["Other", None]),
        ("case.labour_recorded", LABOUR, "minutes", [1, "@1", 999_999_999],
         [0, -1, "1", 1.5, "@1.5", True, None, 10**9]),
        ("role.granted", ROLE, "principal",
         ["user:a", "group:a", f"user:{LONGEST}", f"group:{LONGEST}"],
         ["a", "user:", "group:", f"user:{LONGEST}x", f"group:{LONGEST}x", "role:a", "user:a\x00"]),
        ("role.granted", ROLE, "scope",
         ["workspace:W", f"workspace:{LONGEST}", f"customer:{LONGEST}"],
         ["W", "workspace:", f"workspace:{LONGEST}x", f"customer:{LONGEST}x", "group:W"]),
        ("entitlement.granted", GRANT, "quantity", ["0.000000001", 999_999_999], [0, "-1", 10**9]),
        ("entitlement.granted", GRANT, "priority", [0, -1, 999_999_999, -999_999_999, None],
         ["1", "0.5", 10**9, -(10**9), True]),
        ("entitlement.adjusted", {**GRANT, "approved_by": "a"}, "quantity",
         ["0.000000001", "-0.000000001", -1], [0, "0.0", 10**9]),
        ("entitlement.transferred", TRANSFER, "quantity", ["0.000000001"], [0, -1]),
        ("entitlement.transferred", TRANSFER, "rate", ["0.000000001", None], [0, -1]),
        ("workshop.scheduled", WORKSHOP, "quantity", [0, "0.5"], ["-0.000000001", None]),
        ("workshop.scheduled", WORKSHOP, "mode", ["remote", "onsite", None], ["Remote", ""]),
        ("workshop.scheduled", WORKSHOP, "starts_at",
         ["2025-01-01T00:00:00Z", None], ["2025-01-01"]),
        ("workshop.delivered", {"engagement": "1", "hours": 0}, "hours", [0, "0.5"], [-1, None]),
        ("workshop.delivered", {"engagement": "1", "hours": 0}, "final",
         [True, False, None], [1, "true"]),
        ("workshop.delivered", {"engagement": "1", "hours": 0}, "quantity", [0, None], [-1]),
        ("workshop.cancelled", {"engagement": "1"}, "charge", [0, 1, None], ["-0.000000001"]),
        ("credit.consumed", CREDITS, "credits", ["0.000000001"], [0, -1, None]),
        ("credit.consumed", CREDITS, "hours", [0, None], [-1]),
        ("credit.consumed", CREDITS, "unit_price", [0, None], [-1]),
        ("course.started", COURSE, "score", ["-1.5", 0, None], ["x"]),
        ("assessment.run", CHECKED, "findings", [0, 1, None], [-1, "1", "0.5"]),
        ("assessment.run", CHECKED, "quality_index", [-1, "0.5", None], ["x"]),
        ("contract.signed", SIGNED, "timezone", ["Europe/Paris", "UTC", None], ["CEST", "", 1]),
        ("contract.signed", SIGNED, "ends_on", ["2025-01-01", None], ["", "2025-02-29", 20250101]),
        ("package.purchased", BOUGHT, "kind", ["addon", "enterprise"], ["add-on", None]),
        ("package.purchased", BOUGHT, "ends_on", ["2025-01-01"], [None]),
    ],
)  # fmt: skip
def test_a_field_takes_what_the_contract_says_and_not_the_value_beside_it(
    type_name, data, field, right, wrong
):
    from decimal import Decimal

    assert takes(type_name, data)
    for value in right:
        value = Decimal("1.0") if value == "@1" else value  # noqa: PLW2901 - a number of JSON
        assert takes(type_name, {**data, field: value}), value
    for value in wrong:
        value = Decimal("1.5") if value == "@1.5" else value  # noqa: PLW2901 - a number of JSON
        assert not takes(type_name, {**data, field: value}), value
    assert not takes(type_name, {**data, "unheard": 1})


@pytest.mark.parametrize(
    "changes_,right",
    [
        ({}, True),
        ({"unit": None}, False),
        ({"quantity": None}, True),
        ({"quantity": 0}, True),
        ({"quantity": -1}, False),
        ({"draw_increment": 0}, False),
        ({"draw_increment": "0.25"}, True),
        ({"cap_per_case": 0}, True),
        ({"cap_per_case": -1}, False),
        ({"class": "benefit"}, False),
        ({"class": "benefit", "unit": None}, False),
        ({"class": "benefit", "quantity": None}, False),
        ({"class": "benefit", "unit": None, "quantity": None}, True),
        ({"class": "other"}, False),
        ({"unit": "hours"}, False),
        ({"service": "others"}, False),
    ],
)
def test_a_consumable_has_a_unit_and_a_benefit_neither_unit_nor_quantity(changes_, right):
    for type_name, data in (
        ("entitlement.added", {"package": "P", **line("E"), **changes_}),
        ("package.purchased", {**BOUGHT, "entitlements": [{**line("E"), **changes_}]}),
    ):
        assert takes(type_name, data) == right


def test_an_entitlement_stands_once_in_a_package():
    twice = {**BOUGHT, "entitlements": [line("E"), line("F"), line("E", unit="case")]}
    assert not takes("package.purchased", twice)
    assert takes("package.purchased", {**BOUGHT, "entitlements": [line("E"), line("e")]})


def test_tracked_and_limited():
    """A consumable is tracked; one with a quantity, be it 0, is limited."""
    for quantity, limited in ((None, False), (0, True), (1, True)):
        said = event("entitlement.added", package="P", **line("E", quantity=quantity))
        assert (said.tracked, said.limited) == (True, limited)


@pytest.mark.parametrize("step", ["shared", "unshared"])
def test_a_case_is_shared_with_exactly_one(step):
    assert takes(f"case.{step}", {"case": "C", "user": "u"})
    assert takes(f"case.{step}", {"case": "C", "group": "g"})
    assert takes(f"case.{step}", {"case": "C", "group": "g", "user": None})
    assert not takes(f"case.{step}", {"case": "C"})
    assert not takes(f"case.{step}", {"case": "C", "user": None})
    assert not takes(f"case.{step}", {"case": "C", "user": "u", "group": "g"})


def test_a_case_is_reassigned_in_one_part_or_more_and_null_is_one():
    for part in ("workspace", "contract", "package", "entitlement"):
        assert takes("case.reassigned", {"case": "C", part: None})
        said = event("case.reassigned", case="C", **{part: None})
        assert [name for name in said.clears if said.given(name)] == [part]
    assert not takes("case.reassigned", {"case": "C"})


def test_null_clears_where_the_contract_says_so_and_is_absent_elsewhere():
    said = event("contract.amended", contract="K", reason="r", ends_on=None, name=None, plan=None)
    assert [name for name in ("ends_on", "name", "plan", "starts_on") if said.given(name)] == [
        "ends_on"
    ]
    said = event("case.reclassified", case="C", reason="r", service_code=None, support_type=None)
    assert [name for name in ("service_code", "support_type") if said.given(name)] == [
        "service_code"
    ]
    assert event("contract.amended", contract="K", reason="r", name="").given("name")


@pytest.mark.parametrize("role,scope,right", [
    ("customer_admin", "customer:C", True),
    ("customer_admin", "workspace:W", False),
    ("workspace_admin", "workspace:W", True),
    ("workspace_admin", "customer:C", True),
    ("customer_activity", "customer:C", True),
    ("view_all_requests", "workspace:W", True),
    ("learning_manager", "workspace:W", True),
    ("king", "workspace:W", False),
])  # fmt: skip
def test_only_an_admin_of_a_customer_is_bound_to_a_scope(role, scope, right):
    for step in ("granted", "revoked"):
        assert takes(f"role.{step}", {**ROLE, "role": role, "scope": scope}) == right


def test_a_transfer_names_two_places():
    said = event(
        "entitlement.transferred", **{"from_" if k == "from" else k: v for k, v in TRANSFER.items()}
    )
    assert [(place.package, place.entitlement) for place in said.places] == [("P", "E"), ("Q", "E")]
    assert said.quantity == SCALE
    assert not takes("entitlement.transferred", {k: v for k, v in TRANSFER.items() if k != "from"})


def test_every_type_has_a_name_of_its_own_and_is_a_fact_or_a_term():
    facts = {"case", "workshop", "dse", "proactive_service", "credit", "course", "contact"}
    facts |= {"assessment", "group"}
    assert len(BY_NAME) == len(EVENTS) == 51
    for name, kind in BY_NAME.items():
        assert kind.is_fact == (name.partition(".")[0] in facts)


def test_an_event_names_the_contract_the_package_and_the_workspace_that_it_says():
    assert event("case.opened", **CASE).names() == {"workspace": "W"}
    said = event("case.opened", **CASE, contract="K", package="P")
    assert said.names() == {"package": "P", "contract": "K", "workspace": "W"}
    assert event("case.closed", case="C").names() == {}
    assert event("contract.mapped", contract="K", workspace="W").names() == {
        "contract": "K", "workspace": "W",
    }  # fmt: skip


# persons


def persons(type_name, **data):
    said = event(type_name, **data)
    return [tuple(value) for value in personal_values(said, personal_fields(type(said)))]


def test_whose_fields_say_who_somebody_is():
    """`ada` and `user:ada` are one person; a group is none; texts belong to the contact."""
    assert persons("role.granted", **ROLE, granted_by="ada") == [
        ("granted_by", "ada", "", "ada"), ("principal", "a", "user:", "a"),
    ]  # fmt: skip
    assert persons("role.granted", **{**ROLE, "principal": "group:g"}, granted_by="group:g") == []
    added = {"package": "P", "entitlement": "E", "workspace": "W", "contact": "user:mia"}
    assert persons("contact.added", **added, name="Mia", email="") == [
        ("contact", "mia", "user:", "mia"), ("name", "mia", "", "Mia"),
    ]  # fmt: skip
    assert persons("case.opened", **CASE, primary_contact="user:") == [
        ("primary_contact", "user:", "", "user:")
    ]
    assert persons("case.opened", **CASE, primary_contact="group:x") == [
        ("primary_contact", "group:x", "", "group:x")
    ]
    assert persons("course.started", **COURSE) == [("learner", "l", "", "l")]
    assert persons("group.member_added", group="g", workspace="W", user="u") == [
        ("user", "u", "", "u")
    ]
    assert persons("workspace.created", workspace="W", customer="C", name="n") == []


def test_a_person_is_the_id_without_its_prefix():
    written = ("ada", "user:ada", "user:user:ada", "user:", "users:a")
    assert [*map(person_of, written)] == ["ada", "ada", "user:ada", "user:", "users:a"]


@pytest.mark.parametrize(
    "text,erased",
    [
        *((text, True) for text in ("(erased)", "(ERASED)", "(effac\u00e9)", "(erased: why)")),
        *((text, True) for text in ("user:(erased)", "( erased )", "\uff08erased\uff09")),
        *((text, True) for text in ("(erased:0123456789abcdef)", "\ufdd0x", "x\ufdd0")),
        *((text, False) for text in ("ada", "erased", "(ada)", "\u00e9va", "", "(", "x(erased)")),
    ],
)
def test_what_marks_an_erased_person_is_known_however_it_is_spelled(text, erased):
    assert marks_erased(text) == erased


def test_what_an_export_writes_for_an_erased_person_is_sent_on():
    assert is_sent_on("(erased:0123456789abcdef)")
    for other in ("(erased:0123456789abcde)", "(erased:0123456789ABCDEF)", "(erased)"):
        assert not is_sent_on(other)
    assert not is_sent_on("user:(erased:0123456789abcdef)")
    assert not is_sent_on("(erased:0123456789abcdef)\n")
