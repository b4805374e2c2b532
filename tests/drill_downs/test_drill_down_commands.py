"""The drill-downs and `cpod access` as they are typed: their options, their words, their exits."""

import json

import pytest
from shops import Shop

from cli.main import run

PLACE = {"contract": "K", "package": "P", "entitlement": "PRS"}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """A ledger in a file, with a row of every kind."""
    shop = Shop()
    for number in (1, 2, 3):
        opened = {"case": f"C{number}", "title": f"Trouble {number}", "support_type": "reactive"}
        shop.tell("case.opened", f"02-0{number}", **opened, workspace="w1", severity="A", **PLACE)
    here = {"workspace": "w1", "package": "P"}
    shop.tell("credit.consumed", "03-01", **here, entitlement="CRED", credits=3, service="Check")
    shop.tell("contact.added", "03-01", **here, entitlement="SEATS", contact="mia", name="Mia")
    course = {"learner": "lea", "item": "AZ-1"}
    shop.tell("course.started", "03-01", **here, entitlement="COURSES", **course)
    checked = {"technology": "AD", "environment": "prod"}
    shop.tell("assessment.configured", "03-01", **here, entitlement="ODA", **checked)
    planned = {"engagement": "E", "title": "Day", "quantity": 1}
    shop.tell("workshop.scheduled", "03-01", **here, entitlement="SHOPS", **planned)
    folder = tmp_path_factory.mktemp("shop")
    events = folder / "events.jsonl"
    events.write_text("".join(f"{json.dumps(event)}\n" for event in shop.events), "utf-8")
    url = f"sqlite:///{folder / 'shop.db'}"
    assert run(["--ledger", url, "ingest", "--init", str(events)]) == 0
    return url


@pytest.fixture
def cpod(url, capsys):
    """What runs a command line on that ledger: (exit, standard output, standard error)."""
    capsys.readouterr()

    def ran(*words):
        code = run([*words, "--ledger", url])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return ran


@pytest.mark.parametrize(
    "words,shown",
    [
        (("engagements",), ("E", "workshop", "scheduled", "Day")),
        (("credits",), ("Purchased", "2025-12-31", "Check", "-3")),
        (("education",), ("lea", "AZ-1", "Activities")),
        (("contacts",), ("mia", "Mia", "Seats used")),
        (("assessments",), ("AD", "prod", "configured")),
    ],
)
def test_every_drill_down_is_a_command(cpod, words, shown):
    """Its table shows the row, and its formats for programs hold it."""
    code, out, _ = cpod(*words, "--as-of", "2025-06-30")
    assert code == 0
    assert [text for text in shown if text not in out] == []
    code, out, _ = cpod(*words, "--as-of", "2025-06-30", "--format", "json")
    row = json.loads(out)["rows"][-1]
    code, out, _ = cpod(*words, "--as-of", "2025-06-30", "--format", "csv")
    assert out.splitlines()[0].split(",") == list(row)


def test_a_page_says_how_to_go_on(cpod):
    """The table beneath the rows, the formats for programs on standard error."""
    code, out, _ = cpod("cases", "--as-of", "2025-06-30", "--limit", "2")
    assert code == 0
    assert "There are 3 rows in all; go on with --after " in out
    after = out.split("--after ")[1].split()[0]
    _, out, err = cpod("cases", "--as-of", "2025-06-30", "--limit", "2", "--format", "ndjson")
    assert (len(out.splitlines()), after in err) == (2, True)
    _, out, err = cpod("cases", "--as-of", "2025-06-30", "--after", after, "--format", "ndjson")
    assert [json.loads(line)["case"] for line in out.splitlines()] == ["C3"]
    assert err == ""


@pytest.mark.parametrize(
    "words,code",
    [
        (("cases", "--sort", "colour"), 2),
        (("cases", "--limit", "0"), 2),
        (("engagements", "--package", "NONE"), 4),
        (("education", "--workspace", "nowhere"), 4),
        (("education", "--workspace", "nowhere", "--as", "ana"), 3),
        (("contacts", "--as", "ana"), 3),
        (("summary", "--from", "2030-01-01"), 2),
        (("access", "who", "NONE"), 4),
        (("access", "who", "C1", "--as", "ana"), 3),
        (("access", "grant", "user:ana", "customer_activity", "workspace:nowhere"), 4),
        (("access", "grant", "user:ana", "boss", "workspace:w1"), 2),
        (("access", "grant", "ana", "customer_activity", "workspace:w1"), 2),
        (("access", "revoke", "user:ana", "workspace_admin", "workspace:w1", "--as", "ana"), 3),
    ],
)
def test_what_cannot_be_answered_has_its_exit(cpod, words, code):
    """One line on standard error, and nothing on standard output."""
    ended, out, err = cpod(*words)
    assert (ended, out) == (code, "")
    assert len(err.splitlines()) == 1


def test_a_role_is_granted_shown_and_revoked(cpod):
    """What was granted opens the page, and what was revoked closes it."""
    role = ("user:neo", "workspace_admin", "workspace:w1")
    code, out, _ = cpod("access", "grant", *role, "--dry-run", "--format", "json")
    assert (code, json.loads(out)["dry_run"]) == (0, True)
    assert cpod("cases", "--as", "neo")[0] == 3
    assert cpod("access", "grant", *role)[0] == 0
    assert "C1" in cpod("cases", "--list", "all", "--as", "neo")[1]
    assert "workspace administrator" in cpod("access", "show", "neo")[1]
    code, out, _ = cpod("access", "who", "C1", "--format", "csv")
    assert out.splitlines()[1].startswith("neo,workspace_admin,user:neo,workspace:w1,")
    assert cpod("access", "revoke", *role)[0] == 0
    assert cpod("cases", "--as", "neo")[0] == 3
    assert "Nobody" in cpod("access", "who", "C1")[1]


def test_a_period_stands_beside_the_balances(cpod):
    """`--from` adds what was used since that day, and opens the statement with what was before."""
    words = ("--from", "2025-03-01", "--as-of", "2025-06-30")
    assert "In period" in cpod("summary", *words)[1]
    assert "In period" in cpod("packages", "--kind", "all", *words)[1]
    lines = cpod("statement", "P", "CRED", *words)[1].splitlines()
    assert "brought forward" in next(line for line in lines if line.startswith("2025-"))
