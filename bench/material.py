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
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]

_REAL = Path("data") / "volvo_incidents.cloudevents.jsonl.gz"
_MADE_EVENTS = 100_000
_CONTRACTS = 25
_WORKSPACES = 5


class Material(NamedTuple):
    """A log of events, and the date to ask about."""

    name: str
    path: Path
    events: int
    as_of: str

    def lines(self) -> Iterator[bytes]:
        """Yield its lines."""
        with gzip.open(self.path, "rb") as file:
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
    """Return the real log, or one that is made in the directory."""
    real = Path(os.environ.get("CPOD_SHARED") or ROOT.parent / "shared") / _REAL
    if real.is_file():
        with gzip.open(real, "rb") as file:
            return Material("Volvo IT incidents", real, sum(1 for _ in file), "2012-05-15")
    path = place / "made.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        file.writelines(json.dumps(event) + "\n" for event in _made())
    return Material("a made log (the real one is not here)", path, _MADE_EVENTS, "2025-12-15")


def _made() -> Iterator[dict[str, Any]]:
    """Yield contracts with a package each, then cases of four events, the same in every run."""
    chance = random.Random(2025)
    number = 0

    def event(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
        nonlocal number
        number += 1
        envelope = {"specversion": "1.0", "id": f"e-{number}", "source": "/made", "type": kind}
        return {**envelope, "time": at.isoformat(), "data": data}

    start = datetime(2025, 1, 1, tzinfo=UTC)
    for each in range(_CONTRACTS):
        yield from _terms(each, start, event)
    case = 0
    while number < _MADE_EVENTS:
        case += 1
        contract = chance.randrange(_CONTRACTS)
        at = start + timedelta(minutes=chance.randrange(340 * 24 * 60))
        labour = chance.choice((True, False))
        data = {
            "case": f"c-{case}",
            "workspace": f"w-{contract % _WORKSPACES}",
            "title": "Something does not work",
            "support_type": "advisory" if labour else "reactive",
            "contract": f"k-{contract}",
            "package": f"p-{contract}",
            "entitlement": "HOURS" if labour else "CASES",
        }
        steps = [
            ("case.opened", data),
            ("case.updated", {"case": f"c-{case}", "status": "in work", "severity": "B"}),
            ("case.labour_recorded", {"case": f"c-{case}", "minutes": chance.randrange(5, 120)}),
            ("case.closed", {"case": f"c-{case}"}),
        ]
        for hour, (kind, content) in enumerate(steps[: _MADE_EVENTS - number]):
            yield event(kind, at + timedelta(hours=hour), content)


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
