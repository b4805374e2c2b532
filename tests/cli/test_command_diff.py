"""`cpod diff` on a real ledger: what was learned later, what happened since, and its exit."""

import story
from story import event, spent

MARCH = (spent(8, "2025-02-01", "first"),)
LATER = (
    spent(1, "2025-02-15", "late"),
    spent(2, "2025-04-10", "april"),
    event(
        "event.reversed",
        "2025-04-15",
        id="undo",
        reverses={"source": story.SOURCE, "id": "first"},
        reason="counted twice",
        authorised_by="ada",
    ),
    event("contract.terminated", "2025-05-01", id="end", contract="K", on="2025-05-31", reason="x"),
)
CASE = (
    event(
        "case.opened",
        "2025-02-03",
        id="open",
        case="C",
        workspace="W",
        title="T",
        support_type="reactive",
        contract="K",
        package="P",
        entitlement="CASES",
    ),
)


def moves(answer):
    return [
        (move["stride"], move["id"], move["figure"], move["change"], move["because"])
        for move in answer["moves"]
    ]


def test_what_is_known_later_stands_apart_from_what_happened_since(cpod):
    story.ledger(cpod, MARCH, LATER)
    known = len(story.FOUNDATION) + len(MARCH)
    ran = cpod("diff", "--from", f"2025-03-31@{known}", "--to", "2025-04-30", "--format", "json")
    assert ran.exit == 1
    undo = {"position": known + 3, "source": story.SOURCE, "id": "undo"}
    assert moves(ran.json) == [
        ("later_knowledge", "first", "consumed", "-8", [undo]),
        ("later_knowledge", "late", "consumed", "1", []),
        ("new_business", "april", "consumed", "2", []),
    ]
    (balance,) = ran.json["entitlements"]
    assert (balance["from"]["remaining"], balance["to"]["remaining"]) == ("2", "7")
    assert balance["change"]["remaining"] == "5"
    assert ran.json["from"] == {"as_of": "2025-03-31", "known_at": known, "position": known}


def test_states_and_additional_cases_are_compared(cpod):
    story.ledger(cpod, MARCH, LATER, CASE)
    ran = cpod("diff", "--from", "2025-05-31", "--to", "2025-06-01", "--format", "json")
    assert ran.exit == 1
    assert ran.json["contracts"] == [
        {"contract": "K", "from": {"state": "active"}, "to": {"state": "terminated"}}
    ]
    assert {package["package"] for package in ran.json["packages"]} == {"P", "Q"}
    assert ran.json["additional"] == [{"case": "C", "from": None, "to": ["contract_expired"]}]
    assert ran.json["entitlements"] == []


def test_no_difference_ends_with_nothing(cpod):
    story.ledger(cpod, MARCH)
    ran = cpod("diff", "--from", "2025-02-02", "--to", "2025-02-03")
    assert (ran.exit, ran.err) == (0, "")
    assert "No balance has changed." in ran.out


def test_a_table_names_what_moved_each_balance(cpod):
    story.ledger(cpod, MARCH, LATER)
    ran = cpod("diff", "--from", "2025-02-02@12", "--to", "2025-04-30")
    assert ran.exit == 1
    for text in ("P CREDITS · new business", "april", "8 → 3", "What moved them"):
        assert text in ran.out


def test_csv_has_a_section_for_balances(cpod):
    story.ledger(cpod, MARCH, LATER)
    asked = ("diff", "--from", "2025-02-02", "--to", "2025-04-30", "--format", "csv")
    header, *rows = cpod(*asked, "--section", "entitlements").out.splitlines()
    assert header.startswith("package,entitlement,unit,from_granted,")
    assert len(rows) == 1
    assert cpod(*asked[:-1], "json", "--section", "moves").exit == 2


def test_filters_that_name_nothing_are_not_found(cpod):
    story.ledger(cpod, MARCH)
    asked = ("diff", "--from", "2025-02-02")
    assert cpod(*asked, "--package", "NONE").exit == 4
    assert cpod(*asked, "--package", "P", "--entitlement", "NONE").exit == 4
    assert cpod(*asked, "--package", "P", "--entitlement", "CASES").exit in {0, 1}


def test_dates_that_are_none_are_wrong_usage(cpod):
    story.ledger(cpod, MARCH)
    for text in ("2025-02-30", "2025-02-02@", "2025-02-02@999", "@2199-01-01T00:00:00Z"):
        assert cpod("diff", "--from", text).exit == 2


def test_who_may_not_see_every_case_gets_no_difference_of_what_cases_feed(cpod):
    story.ledger(cpod, MARCH, CASE)
    asked = ("diff", "--from", "2025-01-15", "--to", "2025-04-30")
    assert cpod(*asked, "--as", "ada").exit == 1
    assert cpod(*asked, "--as", "eve").exit == 3
    ran = cpod(*asked, "--as", "eve", "--package", "P", "--entitlement", "CREDITS")
    assert ran.exit == 1
