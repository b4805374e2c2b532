"""`cpod replay`, and history as CloudEvents, on a real ledger."""

import json
from pathlib import Path

import pytest
import story
from story import SOURCE, event, spent

EVENTS = (
    spent("8.50", "2025-02-01T12:00:00+02:00", "first") | {"traceparent": "00-ab", "retry": 2},
    spent(1, "2025-02-15", "late"),
    event("case.opened", "2025-03-01", case="C", workspace="W", title="é", support_type="other"),
)


def test_each_event_stands_with_what_it_changed(cpod):
    story.ledger(cpod, EVENTS)
    asked = ("replay", "--as-of", "2025-06-30", "--package", "P")
    found = cpod(*asked, "--format", "json").json
    changed = [
        (
            row["id"],
            [(each["entitlement"], each["change"]["remaining"]) for each in row["balances"]],
        )
        for row in found["events"]
    ]
    assert changed == [
        ("buy-P", [("CASES", "5"), ("CREDITS", "10")]),
        ("first", [("CREDITS", "-8.5")]),
        ("late", [("CREDITS", "-1")]),
    ]
    lines = cpod(*asked, "--format", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == found["events"]
    table = cpod(*asked).out
    assert "P CREDITS · consumed 0 → 8.5 · remaining 10 → 1.5" in table


def test_the_walk_begins_and_ends_where_one_says(cpod):
    story.ledger(cpod, EVENTS)
    for until in ("10", "2199-01-01"):
        found = cpod("replay", "--from", "9", "--until", until, "--format", "json").json
        assert found["events"][0]["position"] == 9
    assert cpod("replay", "--until", "10", "--from", "9", "--format", "csv").out.count("\n") == 3
    assert cpod("replay", "--from", "99", "--format", "json").json["events"] == []
    assert cpod("replay", "--until", "999").exit == 2
    assert cpod("replay", "--case", "NONE").exit == 4
    assert cpod("replay", "--as", "ada").exit == 3


def test_history_prints_cloudevents_as_they_came(cpod):
    story.ledger(cpod, EVENTS)
    ran = cpod("history", "--package", "P", "--format", "cloudevents")
    assert ran.exit == 0
    first = next(line for line in map(json.loads, ran.out.splitlines()) if line["id"] == "first")
    assert first == EVENTS[0] | {
        "time": "2025-02-01T10:00:00Z",
        "data": EVENTS[0]["data"] | {"credits": "8.5"},
    }


def test_the_whole_ledger_can_be_made_anew_from_its_export(cpod):
    story.ledger(cpod, EVENTS)
    ran = cpod("history", "--all", "--format", "cloudevents")
    Path("export.jsonl").write_text(ran.out, "utf-8")
    other = ("--ledger", "sqlite:///other.db")
    assert cpod("ingest", *other, "--init", "export.jsonl").exit == 0
    assert cpod("history", *other, "--all", "--format", "cloudevents").out == ran.out
    asked = ("packages", "--kind", "all", "--as-of", "2025-06-30", "--format", "json")
    assert cpod(*asked, *other).json["packages"] == cpod(*asked).json["packages"]


@pytest.mark.parametrize("form", ["json", "cloudevents"])
def test_history_is_of_one_thing_or_of_all_and_for_the_operator(cpod, form):
    story.ledger(cpod, EVENTS)
    asked = ("history", "--format", form)
    assert cpod(*asked).exit == 2
    assert cpod(*asked, "--package", "P", "--case", "C").exit == 2
    assert cpod(*asked, "--package", "P", "--all").exit == 2
    assert cpod(*asked, "--case", "C").exit == 0
    assert cpod(*asked, "--case", "NONE").exit == 4
    assert cpod(*asked, "--all", "--as", "ada").exit == 3


def test_an_export_of_a_past_date_ends_there(cpod):
    story.ledger(cpod, EVENTS)
    asked = ("history", "--package", "P", "--format", "cloudevents")
    assert len(cpod(*asked, "--as-of", "2025-02-10").out.splitlines()) == 2
    assert len(cpod(*asked, "--known-at", "8").out.splitlines()) == 1
    assert SOURCE in cpod(*asked, "--known-at", "8").out
