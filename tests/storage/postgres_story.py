"""A small ledger for tests of what surrounds one on PostgreSQL, and all that it answers."""

import json
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from chance import Randomness

from ledger import Ledger
from ledger.storage.opening import open_reader

_EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
_VIEWS = ("summary", "contacts", "packages", "cases", "unplaced", "additional")

HARD = {
    "specversion": "1.0",
    "id": 'it\'s \\ \u00e9\u0000 {NULL,"a"}',
    "source": "urn:\\x5c",
    "type": "contact.added",
    "time": "2025-02-01T00:00:00Z",
    "data": {
        "package": "FY25",
        "entitlement": "SUPPORT",
        "workspace": "main",
        "contact": "null\\' c1",
        "name": "\\x41\\ \u00c9 %s",
        "email": "NULL",
    },
}
"""An event of texts that somebody might read otherwise than they were written."""


def lines(*more: dict[str, object]) -> bytes:
    """Return events with persons, transfers and corrections, and one line that is held."""
    some = (_EXAMPLES / "balances.jsonl").read_bytes()
    return some + b"".join(f"{json.dumps(each)}\n".encode() for each in (HARD, *more, {"bad": 1}))


def fill(url: str, file: Path, content: bytes) -> None:
    """Make a ledger of some lines, with the clock and the chance of the test."""
    ticks = count(1_800_000_000_000_000_000, 10**9)
    file.write_bytes(content)
    with Ledger.create(url, clock=lambda: next(ticks), randomness=Randomness()) as ledger:
        ledger.ingest([str(file)])


def told(ledger: Ledger, views: Sequence[str] = _VIEWS) -> dict[str, object]:
    """Return what a ledger answers."""
    return {view: ledger.ask(view, as_of="2025-06-01") for view in views}


def everything(url: str) -> dict[str, object]:
    """Return what a ledger answers, what is stored in it, and what a check of it says."""
    with Ledger.open(url, clock=lambda: 1_900_000_000_000_000_000) as ledger:
        found = {**told(ledger), "check": ledger.check(books=True)}
        found |= {"held": ledger.quarantine_list(), "position": ledger.status()["position"]}
    with closing(open_reader(url)) as reader, closing(reader.audit()) as audit:
        found |= {"rows": reader.read(0), "complaints": audit.complaints()}
        found |= {"persons": list(audit.persons()), "texts": sorted(audit.texts())}
    return found
