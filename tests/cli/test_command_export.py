"""`cpod export --format hledger`: a second engine comes to the same balances."""

import csv
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import story
from story import event, line, spent

from ledger.projections.history.journal import accounts_of

WHEN = ("--as-of", "2025-12-31")
NASTY = 'P: "é"; (x)  | 1'
EVENTS = (
    story.package(NASTY, [line("H = *", "hour", "1.1")], ends_on="2025-06-30"),
    spent(8, "2025-02-01", "first"),
    spent(5, "2025-03-01", "second; | =x"),
    event(
        "case.opened",
        "2025-03-01",
        case="C",
        workspace="W",
        title="T",
        support_type="reactive",
        package=NASTY,
        entitlement="H = *",
    ),
    *(event("case.labour_recorded", "2025-03-02", case="C", minutes=10) for _ in range(4)),
)


def balances_by_hledger(file):
    """What hledger says each account holds."""
    command = ["hledger", "-f", file, "balance", "--flat", "-N", "--empty", "-O", "csv"]
    ran = subprocess.run(
        command, capture_output=True, check=True, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    )
    rows = list(csv.DictReader(ran.stdout.decode().splitlines()))
    return {row["account"]: Decimal(row["balance"].partition(" ")[0]) for row in rows}


def test_hledger_comes_to_the_same_balances(cpod):
    story.ledger(cpod, EVENTS)
    assert cpod("export", "--format", "hledger", *WHEN, "-o", "a.journal").exit == 0
    if shutil.which("hledger") is None:
        print("skipped: hledger is not installed here, so it was not asked")
        return
    found = balances_by_hledger("a.journal")
    asked = ("packages", "--kind", "all", "--state", "all", *WHEN, "--format", "json")
    lines = 0
    for package in cpod(*asked).json["packages"]:
        for each in package["consumables"]:
            lines += 1
            for figure, account in accounts_of(package["package"], each["entitlement"]).items():
                shown = Decimal(each[figure])
                assert found.get(account, Decimal(0)) == (-shown if figure == "granted" else shown)
    assert lines == 4


def test_the_journal_goes_to_standard_output_or_whole_into_a_file(cpod):
    story.ledger(cpod, EVENTS)
    asked = ("export", "--format", "hledger", *WHEN)
    ran = cpod(*asked)
    assert ran.exit == 0
    assert "2025-07-01 * lot 10 expires" in ran.out
    assert cpod(*asked, "-o", "a.journal").out == ""
    assert Path("a.journal").read_text("utf-8") == ran.out
    assert cpod(*asked, "--package", "NONE", "-o", "a.journal").exit == 4
    assert Path("a.journal").read_text("utf-8") == ran.out
    assert [path.name for path in Path().glob(".a.journal*")] == []


def test_it_is_for_the_operator_and_for_what_is_there(cpod):
    story.ledger(cpod, EVENTS)
    assert cpod("export", "--format", "hledger", "--as", "ada").exit == 3
    assert cpod("export").exit == 2
    one = cpod("export", "--format", "hledger", "--package", "P", *WHEN).out
    assert "assets:P:CREDITS" in one
    assert "assets:Q:CREDITS" not in one
