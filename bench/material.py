"""What is measured with: the real log where it is at hand, else one that is made; and where."""

import gzip
import json
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]

_REAL = Path("data") / "volvo_incidents.cloudevents.jsonl.gz"
_MADE_EVENTS = 100_000
_WORKSPACES = 5
_EVENTS_OF_A_CONTRACT = 4_000
_BUSY = 5
"""One case of so many is on the first contract, so that one entitlement is used far more."""


class Material(NamedTuple):
    """A log of events, and the date to ask about."""

    name: str
    path: Path
    events: int
    as_of: str

    def lines(self) -> Iterator[bytes]:
        """Yield its lines."""
        with self.path.open("rb") as file:
            yield from file


@contextmanager
def directory() -> Iterator[Path]:
    """Give a directory on the disk of the checkout (`/tmp` may be memory), and remove it."""
    (ROOT / "build").mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


def material(place: Path) -> Material:
    """Return the real log, inflated in the directory, or one that is made there."""
    real = Path(os.environ.get("CPOD_SHARED") or ROOT.parent / "shared") / _REAL
    if not real.is_file():
        return made(place, _MADE_EVENTS)
    path = place / "real.jsonl"
    with gzip.open(real, "rb") as compressed, path.open("wb") as file:
        shutil.copyfileobj(compressed, file)
    with path.open("rb") as file:
        return Material("Volvo IT incidents", path, sum(1 for _ in file), "2012-05-15")


def made(place: Path, events: int) -> Material:
    """Return a log of so many events that is made in the directory, the same in every run."""
    path = place / f"made-{events}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for event in islice(_made(events), events))
    return Material("a log that was made", path, events, "2025-12-15")


def _made(events: int) -> Iterator[dict[str, Any]]:
    """Yield contracts with a package each, then cases of ten events, in order of their opening."""
    chance = random.Random(2025)
    numbers = count(1)

    def event(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
        number = next(numbers)
        envelope = {"specversion": "1.0", "id": f"e-{number}", "source": "/made", "type": kind}
        return {**envelope, "time": at.isoformat(), "data": data}

    start = datetime(2025, 1, 1, tzinfo=UTC)
    contracts = max(2, events // _EVENTS_OF_A_CONTRACT)
    for each in range(contracts):
        yield from _terms(each, start, event)
    minutes = 340 * 24 * 60
    cases = events // 10 + 1
    for case in range(cases):
        busy = chance.randrange(_BUSY) == 0
        contract = 0 if busy else chance.randrange(1, contracts)
        at = start + timedelta(minutes=minutes * case // cases, seconds=chance.randrange(60))
        for hour, (kind, data) in enumerate(_case(case, contract, chance)):
            yield event(kind, at + timedelta(hours=hour), data)


def _case(case: int, contract: int, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what happens to one case; one of twenty names no contract."""
    name = f"c-{case}"
    labour = chance.choice((True, False))
    place = {
        "contract": f"k-{contract}",
        "package": f"p-{contract}",
        "entitlement": "HOURS" if labour else "CASES",
    }
    yield (
        "case.opened",
        {
            "case": name,
            "workspace": f"w-{contract % _WORKSPACES}",
            "title": "Something does not work",
            "support_type": "advisory" if labour else "reactive",
            **(place if chance.randrange(20) else {}),
        },
    )
    yield "case.updated", {"case": name, "status": "in work", "severity": "B"}
    for _ in range(6):
        yield "case.labour_recorded", {"case": name, "minutes": chance.randrange(5, 120)}
    yield "case.updated", {"case": name, "status": "solved"}
    yield "case.closed", {"case": name}


def _terms(each: int, at: datetime, event: Any) -> Iterator[dict[str, Any]]:
    workspace, period = (
        f"w-{each % _WORKSPACES}",
        {"starts_on": "2025-01-01", "ends_on": "2025-12-31"},
    )
    if each < _WORKSPACES:
        place = {"workspace": workspace, "customer": "made", "name": workspace}
        yield event("workspace.created", at, place)
    contract = {"contract": f"k-{each}", "customer": "made", "name": f"Contract {each}", **period}
    yield event("contract.signed", at, contract)
    yield event("contract.mapped", at, {"contract": f"k-{each}", "workspace": workspace})
    lines = [
        {
            "entitlement": name,
            "service": service,
            "class": "consumable",
            "name": name.lower(),
            "unit": unit,
            "quantity": "2000",
        }
        for name, service, unit in (
            ("CASES", "problem_resolution", "case"),
            ("HOURS", "advisory", "hour"),
        )
    ]
    package = {"contract": f"k-{each}", "package": f"p-{each}", "kind": "enterprise"}
    bought = {**package, "name": f"Package {each}", **period, "entitlements": lines}
    yield event("package.purchased", at, bought)
