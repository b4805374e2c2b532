"""One world in the product: how it is sent, read back, and asked everything."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

from chance import Randomness
from oracle import Record

from ledger import Ledger

START = 1_800_000_000 * 10**9  # 2027-01-15: what happens in a world lies before, or much later
LATER = "2150-12-31"  # after everything that a world holds


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@contextmanager
def a_ledger(url="memory:", clock=None):
    """An empty ledger; without a clock it is always the same moment, so that stamps are known."""
    with Ledger.create(url, clock=clock or Clock(), randomness=Randomness()) as ledger:
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


@contextmanager
def played(events, url="memory:"):
    """A ledger that was sent a world."""
    with a_ledger(url) as ledger:
        send(ledger, events)
        yield ledger


def records(ledger, events):
    """What the ledger holds, as the oracle reads it: positions and stamps are the product's."""
    sent = {(event["source"], event["id"]): event for event in events}
    rows = map(ledger.codec.recorded, ledger.log.read(0, limit=10**6))
    return [Record(row.position, row.recorded_at, sent[row.source, row.id]) for row in rows]


def ids(held):
    """The ids of events as they were recorded, in that order."""
    return [record.event["id"] for record in held]


def refused(ledger):
    """The (id, code) of what waits in the quarantine, sorted."""
    rows = ledger.quarantine_list()["rows"]
    return sorted((json.loads(row["raw"])["id"], row["code"]) for row in rows)


def ask_everything(ledger, as_of, known_at=None, workspaces=None, basis="as-of"):
    """Every answer of the product for two dates and a scope, by its name."""
    when = {"as_of": as_of, "known_at": known_at}
    scoped = when | {"workspaces": workspaces or ()}
    listed = scoped | {"expiry_basis": basis}
    answers = {
        "packages": ledger.ask("packages", **scoped, kind="all", state="all"),
        "summary": ledger.ask("summary", **scoped),
        "additional": ledger.ask("additional", **listed),
        "engagements": ledger.ask("engagements", **scoped),
        "unplaced": ledger.ask("unplaced", **when),
        "unplaced all": ledger.ask("unplaced", **when, everything=True),
    }
    for which in ("main", "additional", "all"):
        answers[f"cases {which}"] = ledger.ask("cases", **listed, which=which)
    for package, entitlement in consumables(answers["packages"]):
        answers[f"statement {package} {entitlement}"] = ledger.ask(
            "statement", **when, package=package, entitlement=entitlement
        )
    return answers


def consumables(answer):
    """The (package, entitlement) of every consumable in an answer about packages."""
    return [
        (package["package"], line["entitlement"])
        for package in answer["packages"]
        for line in package["consumables"]
    ]


def in_bytes(answers):
    """Answers as they would be written: equal bytes are equal answers, order and all."""
    return json.dumps(answers, ensure_ascii=False)


def but_for_positions(answers):
    """Answers without what depends on where, and when, events were recorded."""
    if isinstance(answers, dict):
        return {
            key: but_for_positions(value)
            for key, value in answers.items()
            if key not in {"position", "known_at", "recorded_at"}
        }
    return [but_for_positions(item) for item in answers] if isinstance(answers, list) else answers
