"""`cpod correct`, and dry runs, on a real ledger: what is recorded, shown and refused."""

import pytest
import story
from story import SOURCE, spent

EVENTS = (spent(8, "2025-02-01", "first"), spent(1, "2025-02-15", "late"))
WHY = ("--reason", "wrong", "--by", "ada")
WHEN = ("--time", "2025-03-01T00:00:00Z", "--as-of", "2025-06-30")


def correct(cpod, *words):
    return cpod("correct", *words, *WHEN, "--format", "json")


def remaining(cpod, package="P", entitlement="CREDITS"):
    asked = ("--as-of", "2025-06-30", "--format", "json")
    return cpod("explain", package, entitlement, *asked).json["balance"]["remaining"]


def moved(done):
    return [
        (row["package"], row["entitlement"], row["before"]["remaining"], row["after"]["remaining"])
        for row in done.json["balances"]
    ]


@pytest.mark.parametrize(
    "words,before,after",
    [
        (("reverse", SOURCE, "first"), ["P 1"], ["P 9"]),
        (("adjust", "P", "CREDITS", "-0.5"), ["P 1"], ["P 0.5"]),
        (("adjust", "P", "CREDITS", "3"), ["P 1"], ["P 4"]),
        (
            ("transfer", "P", "CREDITS", "Q", "CREDITS", "0.5", "--rate", "3"),
            ["P 1", "Q 1"],
            ["P 0.5", "Q 2.5"],
        ),
    ],
)
def test_a_correction_changes_what_its_dry_run_shows(cpod, words, before, after):
    story.ledger(cpod, EVENTS)
    rehearsed = correct(cpod, *words, *WHY, "--dry-run", "--id", "fix")
    assert (rehearsed.exit, rehearsed.json["dry_run"]) == (0, True)
    assert [f"{row[0]} {row[2]}" for row in moved(rehearsed)] == before
    assert [f"{row[0]} {row[3]}" for row in moved(rehearsed)] == after
    assert remaining(cpod) == "1"
    done = correct(cpod, *words, *WHY, "--id", "fix")
    assert done.exit == 0
    assert done.json["balances"] == rehearsed.json["balances"]
    assert done.json["position"] == rehearsed.json["position"] == len(story.FOUNDATION) + 3
    assert [f"{name} {remaining(cpod, name)}" for name in "PQ"[: len(after)]] == after
    traced = cpod("trace", "urn:cpod:operator", "fix", "--format", "json").json
    assert traced["event"]["data"]["reason"] == "wrong"


def test_a_package_and_a_contract_are_amended(cpod):
    story.ledger(cpod, EVENTS)
    reason = ("--reason", "rider")
    done = correct(cpod, "amend", "P", "--ends-on", "2025-02-10", *reason)
    assert moved(done) == [("P", "CASES", "5", "0"), ("P", "CREDITS", "1", "-1")]
    done = correct(cpod, "amend", "--contract", "K", "--open-ended", "--name", "N", *reason)
    assert done.json["event"]["data"] == {
        "contract": "K",
        "name": "N",
        "ends_on": None,
        "reason": "rider",
    }
    assert done.json["balances"] == []


@pytest.mark.parametrize(
    "words",
    [
        ("amend",),
        ("amend", "P", "--contract", "K"),
        ("amend", "P"),
        ("amend", "P", "--open-ended"),
        ("amend", "--contract", "K", "--open-ended", "--ends-on", "2025-12-31"),
        ("amend", "P", "--name", "N", "--time", "2025-02-30T00:00:00Z"),
        ("amend", "P", "--name", "N", "--as-of", "never"),
    ],
)
def test_an_amendment_that_says_nothing_clear_is_wrong_usage(cpod, words):
    story.ledger(cpod)
    assert cpod("correct", *words, "--reason", "x").exit == 2


@pytest.mark.parametrize(
    "why", [("--reason", " ", "--by", "a"), ("--reason", "x", "--by", "\u00a0")]
)
def test_who_decided_a_correction_and_why_is_said(cpod, why):
    """Blanks say nothing, in a dry run neither."""
    story.ledger(cpod)
    for more in ((), ("--dry-run",)):
        ran = cpod("correct", "adjust", "P", "CREDITS", "5", *why, *more)
        assert (ran.exit, ran.out, len(ran.err.splitlines())) == (2, "", 1)


@pytest.mark.parametrize(
    "words,code",
    [
        (("reverse", SOURCE, "nothing"), "unknown-event"),
        (("reverse", SOURCE, "sign"), "not-reversible"),
        (("adjust", "P", "NONE", "1"), "unknown-entitlement"),
        (("adjust", "P", "CREDITS", "0"), "invalid-data"),
        (("transfer", "P", "CREDITS", "Q", "CREDITS", "2"), "insufficient-balance"),
    ],
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_refused_correction_says_why_and_leaves_nothing_behind(cpod, words, code, dry):
    story.ledger(cpod, EVENTS)
    done = correct(cpod, *words, *WHY, *dry)
    assert (done.exit, done.json["decision"], done.json["code"]) == (1, "refused", code)
    assert f"refused ({code}): " in done.err
    assert cpod("quarantine", "list", "--format", "json").json["rows"] == []
    assert cpod("status", "--format", "json").json["position"] == len(story.FOUNDATION) + 2


def test_sent_again_under_its_id_it_is_a_duplicate(cpod):
    story.ledger(cpod, EVENTS)
    words = ("correct", "adjust", "P", "CREDITS", "2", *WHY, "--id", "fix", "--format", "json")
    assert cpod(*words).json["decision"] == "appended"
    again = cpod(*words)
    assert (again.exit, again.json["decision"], again.json["balances"]) == (0, "duplicate", [])
    other = cpod("correct", "adjust", "P", "CREDITS", "3", *WHY, "--id", "fix")
    assert other.exit == 1
    assert "conflict" in other.err


def test_people_read_a_sentence_and_the_balances(cpod):
    story.ledger(cpod, EVENTS)
    words = ("correct", "adjust", "P", "CREDITS", "2", *WHY, *WHEN)
    dry = cpod(*words, "--dry-run")
    assert dry.out.startswith("Dry run, nothing was written: entitlement.adjusted ")
    assert "P CREDITS · granted 10 → 12 · remaining 1 → 3" in dry.out
    assert cpod(*words).out.startswith("Recorded entitlement.adjusted ")
    assert cpod(*words, "--as", "ada").exit == 3


def test_a_dry_run_of_a_backfill_shows_every_balance_that_it_would_change(cpod):
    story.ledger(cpod, EVENTS)
    file = story.write("more.jsonl", spent(4, "2025-01-10", "old"), story.package("P", []))
    asked = ("ingest", file, "--dry-run", "--as-of", "2025-06-30")
    done = cpod(*asked, "--format", "json")
    assert (done.exit, done.json["appended"], done.json["refused"]) == (1, 1, 1)
    assert moved(done) == [("P", "CREDITS", "1", "-3")]
    assert "P CREDITS · consumed 9 → 13 · remaining 1 → -3" in cpod(*asked).out
    nothing = cpod("ingest", story.write("same.jsonl", *EVENTS), "--dry-run")
    assert "No balance changes." in nothing.out
    assert remaining(cpod) == "1"
