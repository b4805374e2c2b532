"""One world in the product and in the oracle: how it is sent, asked, and compared."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

from oracle import Oracle, Record

from ledger import Ledger

START = 1_800_000_000 * 10**9  # when the first transaction is recorded: after all that happens
ORDERED = ("reasons", "statement")  # lists in which the order is a part of the answer
LISTS = ("main", "additional", "all")
BASES = ("as-of", "case-opened")


@contextmanager
def a_ledger(url="memory:"):
    """An empty ledger whose clock stands still, so that stamps are the same in every run."""
    with Ledger.create(url, clock=lambda: START, randomness=bytes) as ledger:
        yield ledger


@contextmanager
def a_folder():
    """A folder for the files of one example."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def send(ledger, events, **options):
    """Ingest events as one file, and return the receipt."""
    with a_folder() as folder:
        file = folder / "events.jsonl"
        file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
        return ledger.ingest([str(file)], **options)


def records(ledger, events):
    """What the ledger holds, as the oracle reads it: the positions and stamps are the product's."""
    sent = {(event["source"], event["id"]): event for event in events}
    held = map(ledger.codec.recorded, ledger.log.read(0, limit=10**6))
    return [Record(row.position, row.recorded_at, sent[row.source, row.id]) for row in held]


def refused(ledger):
    """The (id, code) of what waits in the quarantine, sorted."""
    rows = ledger.quarantine_list()
    return sorted((json.loads(row["raw"])["id"], row["code"]) for row in rows)


def both(ledger, events):
    """The product and the oracle, over the same accepted events."""
    return ledger, Oracle(records(ledger, events))


def questions_of_product(ledger, as_of, known_at=None, workspaces=None):
    """Every answer of the product for two dates and a scope, by its name."""
    when = {"as_of": as_of, "known_at": known_at}
    scope = {"workspaces": workspaces or ()}
    answers = {
        f"packages {kind} {state}": ledger.ask(
            "packages", **when, **scope, kind=kind, state=state
        )
        for kind in ("addon", "enterprise", "all")
        for state in ("active", "inactive", "all")
    }
    answers["summary"] = ledger.ask("summary", **when, **scope)
    answers["unplaced"] = ledger.ask("unplaced", **when)
    answers["unplaced all"] = ledger.ask("unplaced", **when, everything=True)
    for basis in BASES:
        asked = when | scope | {"expiry_basis": basis}
        answers[f"additional {basis}"] = ledger.ask("additional", **asked)
        for which in LISTS:
            answers[f"cases {which} {basis}"] = ledger.ask("cases", **asked, which=which)
    for package, entitlement in consumables(answers["packages all all"]):
        answers[f"statement {package} {entitlement}"] = ledger.ask(
            "statement", **when, package=package, entitlement=entitlement
        )
    return answers


def questions_of_oracle(oracle, as_of, known_at=None, workspaces=None):
    """Every answer of the oracle, by the same names."""
    when = {"as_of": as_of, "known_at": known_at}
    scope = {"workspaces": workspaces}
    answers = {
        f"packages {kind} {state}": oracle.packages(**when, **scope, kind=kind, state=state)
        for kind in ("addon", "enterprise", "all")
        for state in ("active", "inactive", "all")
    }
    answers["summary"] = oracle.summary(**when, **scope)
    answers["unplaced"] = oracle.unplaced(**when)
    answers["unplaced all"] = oracle.unplaced(**when, all=True)
    for basis in BASES:
        asked = when | scope | {"expiry_basis": basis}
        answers[f"additional {basis}"] = oracle.additional(**asked)
        for which in LISTS:
            answers[f"cases {which} {basis}"] = oracle.cases(**asked, which=which)
    for package, entitlement in consumables(answers["packages all all"]):
        answers[f"statement {package} {entitlement}"] = oracle.statement(
            package, entitlement, **when
        )
    return answers


def consumables(packages):
    """The (package, entitlement) of every consumable in an answer."""
    return [
        (package["package"], line["entitlement"])
        for package in packages["packages"]
        for line in package["consumables"]
    ]


def differences(expected, actual, at=""):
    """Where an answer says something else than is expected; it may say more."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return [
            found
            for key, value in expected.items()
            for found in differences(value, actual.get(key, "(missing)"), f"{at}.{key}")
        ]
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f"{at}: {len(expected)} are expected, not {len(actual)}: {expected} / {actual}"]
        if not any(word in at for word in ORDERED):
            expected, actual = (sorted(items, key=identity) for items in (expected, actual))
        return [
            found
            for number, (wanted, item) in enumerate(zip(expected, actual, strict=True))
            for found in differences(wanted, item, f"{at}[{number}]")
        ]
    same = type(expected) is type(actual) and expected == actual
    return [] if same else [f"{at}: {expected!r} is expected, not {actual!r}"]


NAMES = ("contract", "package", "entitlement", "case", "service", "unit", "as_needed", "position")


def identity(item):
    """What tells the items of a list apart."""
    return [str(item.get(name)) for name in NAMES] if isinstance(item, dict) else [str(item)]


def in_bytes(answers):
    """Answers as they would be written: equal bytes are equal answers, order and all."""
    return json.dumps(answers, ensure_ascii=False)
