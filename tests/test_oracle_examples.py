"""The oracle gives the worked answers of the shared examples, and keeps the laws on any world."""

import argparse
import json
import os
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Oracle, Verdicts
from oracle.civil import day_start, instant, instant_text
from oracle.matching import matches

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / os.environ.get("CPOD_SHARED", "../shared") / "examples"
NAMES = ("balances", "cases", "additional", "access")
ROUNDING = Fraction(3, 10**9)


def parsed(text):
    """JSON with exact numbers."""
    return json.loads(text, parse_float=Decimal)


def questions():
    """The operator's questions of every example that is there."""
    for name in NAMES:
        path = EXAMPLES / f"{name}.expected.json"
        for number, asked in enumerate(parsed(path.read_text("utf-8")) if path.exists() else []):
            if "--as" not in asked["argv"]:
                yield pytest.param(name, asked, id=f"{name}-{number}")


def records(name):
    """The accepted records of an example: all its lines but the one that is sent a second time."""
    lines = (EXAMPLES / f"{name}.jsonl").read_text("utf-8").splitlines()
    first_of_key = {}
    for event in map(parsed, lines):
        first_of_key.setdefault((event["source"], event["id"]), event)
    return Verdicts.ingest(first_of_key.values())


def answer(oracle, argv):
    """The oracle's answer to a question as it is typed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("view")
    parser.add_argument("names", nargs="*")
    for option in (
        "--as-of",
        "--known-at",
        "--format",
        "--kind",
        "--state",
        "--contract",
        "--package",
    ):
        parser.add_argument(option)
    parser.add_argument("--expiry-basis")
    parser.add_argument("--list", dest="which")
    parser.add_argument("--workspace", action="append", dest="workspaces")
    asked = {
        name: value
        for name, value in vars(parser.parse_intermixed_args(argv)).items()
        if value is not None
    }
    view, names, _ = asked.pop("view"), asked.pop("names"), asked.pop("format")
    if "known_at" in asked:
        asked["known_at"] = int(asked["known_at"])
    if view == "summary" and "contract" in asked:
        asked["contracts"] = [asked.pop("contract")]
    return getattr(oracle, view)(*names, **asked)


def test_examples_are_there_or_said_to_be_missing(capsys):
    """A run without the shared examples says what it skipped."""
    missing = [name for name in NAMES if not (EXAMPLES / f"{name}.expected.json").exists()]
    if missing:
        with capsys.disabled():
            names = ", ".join(missing)
            print(f"\nskipped: no shared examples {names}; CPOD_SHARED names the folder of them")


@pytest.mark.parametrize("name,asked", list(questions()))
def test_oracle_gives_the_worked_answer(name, asked):
    """Every answer that was worked by hand is the oracle's too."""
    accepted, refused = records(name)
    assert refused == []
    assert asked["exit"] == 0
    assert matches(asked.get("expect", {}), answer(Oracle(accepted), asked["argv"])) == []


@pytest.mark.parametrize(
    "expected,actual,differs",
    [
        ({"a": "1"}, {"a": "1", "b": "2"}, False),
        ({"a": "1"}, {"a": "1.0"}, True),
        ({"cases": 1}, {"cases": "1"}, True),
        ({"cases": 1}, {"cases": True}, True),
        ({"a": None}, {}, True),
        ([{"a": 1}, {}], [{"b": 1}, {"a": 1}], False),
        ([{}, {"a": 1}], [{"a": 1}, {"b": 1}], False),
        ([{"a": 1}, {"a": 1}], [{"a": 1}, {"b": 1}], True),
        ([{"a": 1}], [{"a": 1}, {"b": 1}], True),
        ([{"a": 1}, "..."], [{"b": 1}, {"a": 1}], False),
        (["..."], [], False),
        ([], [1], True),
    ],
)
def test_matching_follows_the_rule_of_the_examples(expected, actual, differs):
    """A part matches a whole, a list in any order, each item with a partner of its own."""
    assert bool(matches(expected, actual)) == differs


@pytest.mark.parametrize(
    "day,zone,start",
    [
        ("2025-04-01", "UTC", "2025-04-01T00:00:00Z"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),  # skips midnight
        ("2019-02-17", "America/Sao_Paulo", "2019-02-17T03:00:00Z"),  # goes back before midnight
        ("2023-10-27", "Africa/Cairo", "2023-10-26T22:00:00Z"),  # the same
        ("2006-10-29", "America/St_Johns", "2006-10-29T02:30:00Z"),  # repeats midnight
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30:00Z"),  # jumps from 23:30 over it
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),  # skips the whole day
    ],
)
def test_day_starts_at_the_first_instant_that_bears_its_date(day, zone, start):
    """A day starts once, wherever its midnight is missing or comes twice."""
    assert instant_text(day_start(date.fromisoformat(day), zone)) == start


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_oracle_keeps_the_laws_on_drawn_worlds(data):
    """On any world, figures obey the law, statements end in balances, lists part the candidates."""
    events = data.draw(worlds.worlds())
    accepted, _ = Verdicts.ingest(events)
    asked = data.draw(worlds.questions(events, len(accepted)))
    check_laws(Oracle(accepted), **asked)


def check_laws(oracle, as_of, known_at):
    """The laws that hold at every pair of dates."""
    packages = oracle.packages(as_of, known_at, kind="all", state="all")["packages"]
    for package in packages:
        for row in package["consumables"]:
            check_figures(row)
            lines = oracle.statement(package["package"], row["entitlement"], as_of, known_at)[
                "lines"
            ]
            assert (lines[-1]["balance"] if lines else "0") == (row["remaining"] or row["consumed"])
            assert [line["effective_at"] for line in lines] == sorted(
                (line["effective_at"] for line in lines), key=instant
            )
    check_lists(oracle, as_of, known_at)
    check_summary(oracle, packages, as_of, known_at)
    with_all = oracle.unplaced(as_of, known_at, all=True)["facts"]
    for fact in oracle.unplaced(as_of, known_at)["facts"]:
        assert fact in with_all


def check_figures(row):
    """remaining = granted - consumed - expired, and what follows from it."""
    number = {
        name: Fraction(value)
        for name, value in row.items()
        if name not in TEXTS and value is not None
    }
    assert number["reserved"] >= 0
    if row["granted"] is None:
        assert row["remaining"] is row["available"] is None
        assert row["expired"] == row["overage"] == "0"
    else:
        law = number["granted"] - number["consumed"] - number["expired"]
        assert abs(number["remaining"] - law) <= ROUNDING
        assert abs(number["available"] - (number["remaining"] - number["reserved"])) <= ROUNDING
        assert number["overage"] == max(0, -number["remaining"])


TEXTS = ("entitlement", "name", "service", "unit")


def check_lists(oracle, as_of, known_at):
    """The main list and the additional one are disjoint, and together they are all candidates."""
    for basis in ("as-of", "case-opened"):
        rows = oracle.cases(as_of, known_at, which="all")["rows"]
        main = {row["case"] for row in oracle.cases(as_of, known_at, expiry_basis=basis)["rows"]}
        answered = oracle.additional(as_of, known_at, expiry_basis=basis)
        others = {row["case"] for row in answered["cases"]}
        assert main.isdisjoint(others)
        assert main | others == {
            row["case"]
            for row in rows
            if row["support_type"] in ("reactive", "advisory") and row["status"] != "cancelled"
        }
        assert sum(service["cases"] for service in answered["services"]) == len(others)


def check_summary(oracle, packages, as_of, known_at):
    """The lines of the summary are the sums of the active enterprise packages, in any scope."""
    whole = oracle.summary(as_of, known_at)
    contracts = {contract["contract"] for contract in whole["contracts"]}
    shown = [
        row
        for package in packages
        if package["contract"] in contracts
        and package["kind"] == "enterprise"
        and package["state"] == "active"
        for row in package["consumables"]
    ]
    summed = sum((Fraction(line["consumed"]) for line in whole["lines"]), Fraction(0))
    assert abs(
        summed - sum((Fraction(row["consumed"]) for row in shown), Fraction(0))
    ) <= ROUNDING * len(shown)
    assert all(line["consumed"] == line["consumed_in_scope"] for line in whole["lines"])
    main = oracle.cases(as_of, known_at)["rows"]
    assert sum(line["cases"] for line in whole["lines"]) <= len(main)
    for contract in whole["contracts"]:
        for workspace in contract["workspaces"]:
            one = oracle.summary(as_of, known_at, workspaces=[workspace])
            assert contract["contract"] in {other["contract"] for other in one["contracts"]}
            inside = oracle.cases(as_of, known_at, workspaces=[workspace])["rows"]
            assert sum(line["cases"] for line in one["lines"]) <= len(inside)
