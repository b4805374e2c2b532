"""The profiles in the documentation give the ledgers that are known of the real data."""

import csv
import gzip
import io
import json
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

from ledger import Ledger

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "docs" / "profiles"


def data(shared, name):
    """Return where a table is, None (with a word) where it is not."""
    found = shared / "data" / name if shared is not None else None
    if found is None or not found.is_file():
        print(f"skipped: {name} is not here (set CPOD_SHARED)")
        return None
    return found


def converted(profile, table, into):
    command = [sys.executable, "-m", "cli", "convert", "--profile", str(PROFILES / profile)]
    done = subprocess.run(
        [*command, str(table), "-o", str(into)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (0, "")
    return [json.loads(line) for line in into.read_bytes().splitlines()], done.stderr


def as_bag(events):
    return Counter(json.dumps(event, sort_keys=True) for event in events)


def test_the_help_desk_gives_the_events_that_are_known_of_it(shared, tmp_path):
    """Event by event: ids, times and data; the cases in their order; then through a ledger."""
    table = data(shared, "helpdesk_italy_2010_2014.csv.gz")
    known = data(shared, "helpdesk.cloudevents.jsonl.gz")
    if table is None or known is None:
        return
    file = tmp_path / "h.jsonl"
    events, said = converted("helpdesk.toml", table, file)
    with gzip.open(known) as lines:
        expected = [json.loads(line) for line in lines]
    assert as_bag(events) == as_bag(expected)
    of_cases = [event for event in events if event["type"].startswith("case.")]
    assert of_cases == [event for event in expected if event["type"].startswith("case.")]
    assert said.startswith("21348 rows read, 22950 events made;")
    with Ledger.create("memory:") as ledger:
        receipt = ledger.ingest([str(file)])
        assert (receipt.read, receipt.appended, receipt.duplicates) == (22_950, 22_823, 127)
        answer = ledger.ask("additional", as_of="2013-09-01")
    assert {line["service"]: line["cases"] for line in answer["services"]} == {
        "advisory": 11,
        "problem_resolution": 1_113,
    }
    assert {tuple(case["reasons"]) for case in answer["cases"]} == {("contract_expired",)}


def test_the_balances_of_the_cloud_charges_are_the_sums_of_the_file(shared, tmp_path):
    """To the last digit, account by account; what is left out billed nothing."""
    table = data(shared, "focus_1_0_sample_1000.csv.gz")
    if table is None:
        return
    with gzip.open(table, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(io.StringIO(text.read())))
    billed, charges = defaultdict(Decimal), Counter()
    for row in rows:
        billed[row["BillingAccountId"]] += Decimal(row["BilledCost"])
        charges[Decimal(row["BilledCost"]).compare(Decimal(0))] += 1
    file = tmp_path / "f.jsonl"
    events, said = converted("focus.toml", table, file)
    types = Counter(event["type"] for event in events)
    assert (types["credit.consumed"], types["credit.refunded"]) == (charges[1], charges[-1])
    assert f"rows left out: {charges[0]}, rows that do not fit: 0." in said
    with Ledger.create("memory:") as ledger:
        receipt = ledger.ingest([str(file)])
        assert (receipt.appended, receipt.refused) == (len(events), 0)
        packages = ledger.ask("packages", as_of="2024-10-31", kind="all")["packages"]
    consumed = {
        package["contract"].removeprefix("USD "): Decimal(line["consumed"])
        for package in packages
        for line in package["consumables"]
    }
    assert consumed == {account: 1_000 * total for account, total in billed.items()}
    assert sum(consumed.values()) == Decimal("20520.22672899")
