"""What is sent while processes die: a world of events, with every kind of line that is refused."""

import json
import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from worlds import worlds

Event = dict[str, Any]

PERSON = "ada.lovelace@example.com"


def a_world(number: int, among: int = 20) -> list[Event]:
    """Return the longest of some worlds; the same number gives the same one."""
    found: list[list[Event]] = []

    @seed(number)
    @settings(
        max_examples=among,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(worlds())
    def collect(events: list[Event]) -> None:
        found.append(events)

    collect()
    return max(found, key=len)


def event(kind: str, identifier: str, data: Event, time: str = "2025-02-03T10:00:00Z") -> Event:
    """Return one event of a source of our own."""
    envelope = {"specversion": "1.0", "id": identifier, "source": "urn:crash", "type": kind}
    return {**envelope, "time": time, "data": data}


def moment(number: int | str, day: int) -> str:
    """Return an instant of a day of February 2025, another for every number."""
    second = int(number) if isinstance(number, int) else 80_000 + ord(number)
    return f"2025-02-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def bought(package: str, contract: str) -> Event:
    """Return the purchase of a package with credits and hours."""
    lines = [
        {
            "entitlement": name,
            "service": service,
            "class": "consumable",
            "name": name,
            "unit": unit,
            "quantity": "50",
        }
        for name, service, unit in (
            ("CREDITS", "proactive_credits", "credit"),
            ("HOURS", "advisory", "hour"),
        )
    ]
    data = {"contract": contract, "package": package, "kind": "enterprise", "name": package}
    dates = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    return event("package.purchased", f"buy-{package}", {**data, **dates, "entitlements": lines})


def terms_of_our_own() -> list[Event]:
    """Return a workspace, a contract and a package that no world has."""
    contract = {"contract": "crash-K", "customer": "crash", "name": "K"}
    dates = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    workspace = {"workspace": "crash-W", "customer": "crash", "name": "W"}
    mapped = {"contract": "crash-K", "workspace": "crash-W"}
    return [
        event("workspace.created", "workspace", workspace),
        event("contract.signed", "contract", {**contract, **dates}),
        event("contract.mapped", "mapping", mapped),
        bought("crash-P", "crash-K"),
    ]


def spent(number: int | str, package: str = "crash-P", credit: str = "0.1") -> Event:
    """Return the consumption of some credits."""
    data = {"package": package, "entitlement": "CREDITS", "workspace": "crash-W"}
    more = {"credits": credit, "service": "advice"}
    return event("credit.consumed", f"credit-{number}", {**data, **more}, moment(number, 3))


def worked(number: int | str) -> list[Event]:
    """Return a case with its life, and somebody's name in it."""
    data = {"case": f"crash-C{number}", "workspace": "crash-W", "title": f"Case {number}"}
    place = {"contract": "crash-K", "package": "crash-P", "entitlement": "HOURS"}
    named = {"support_type": "advisory", "primary_contact": PERSON}
    minutes = {"case": data["case"], "minutes": 7 + len(str(number)) * 13}
    return [
        event("case.opened", f"open-{number}", {**data, **place, **named}, moment(number, 4)),
        event("case.labour_recorded", f"work-{number}", minutes, moment(number, 5)),
    ]


def waiting(package: str, identifier: str) -> Event:
    """Return a grant to a package, which waits where the package is not there."""
    data = {"package": package, "entitlement": "CREDITS", "quantity": "5", "reason": "gift"}
    return event("entitlement.granted", identifier, data)


def moved() -> Event:
    """Return a transfer, which is judged by a copy of the books."""
    place = {"from": ("crash-P", "CREDITS"), "to": ("late-P", "CREDITS")}
    places = {
        key: dict(zip(("package", "entitlement"), each, strict=True)) for key, each in place.items()
    }
    more = {"quantity": "1", "authorised_by": "owen", "reason": "moved"}
    return event("entitlement.transferred", "transfer", {**places, **more})


def small(number: int) -> list[bytes]:
    """Return the lines of a small input: a world, and something of every other kind."""
    events = [waiting("late-P", "early-grant"), waiting("never-P", "lost-grant")]
    events += terms_of_our_own() + a_world(number) + [spent("a"), *worked("a")]
    events += [bought("late-P", "crash-K"), spent("b", "late-P"), moved(), spent("a")]
    lines = [json.dumps(each).encode() for each in events]
    conflict = json.dumps(spent("a", credit="0.2")).encode()
    return [*lines[:9], b'{"id": "half of', b"", *lines[9:], lines[5], conflict]


def large(number: int, size: int) -> list[bytes]:
    """Return some thousands of lines, in an order that a number decides."""
    events = [spent(each) for each in range(size // 2)]
    events += [one for each in range(size // 4) for one in worked(each)]
    random.Random(number).shuffle(events)
    first = [waiting("late-P", "early-grant"), *terms_of_our_own()]
    last = [bought("late-P", "crash-K")]
    return [json.dumps(each).encode() for each in (*first, *events, *last)]


def sent(lines: list[bytes]) -> list[Event]:
    """Return the events among lines, for the oracle; of two with one key the first."""
    found: dict[tuple[str, str], Event] = {}
    for line in lines:
        if line.endswith(b"}"):
            each = json.loads(line)
            found.setdefault((each["source"], each["id"]), each)
    return list(found.values())
