"""A small ledger with a story: a package of hours, two deliveries, a late lot and a viewer."""

import json
from itertools import count
from pathlib import Path

SOURCE = "urn:test"
_ids = count(1)


def event(type_name, time, id=None, **data):  # noqa: A002
    """One CloudEvent as a dict; a day stands for its noon in UTC."""
    return {
        "specversion": "1.0",
        "id": id or f"n{next(_ids)}",
        "source": SOURCE,
        "type": type_name,
        "time": time if "T" in time else f"{time}T12:00:00Z",
        "data": data,
    }


def line(entitlement, unit, quantity, service="support_assistance"):
    return {
        "entitlement": entitlement,
        "service": service,
        "name": entitlement.title(),
        "class": "consumable",
        "unit": unit,
        "quantity": quantity,
    }


def package(package="P", lines=(), time="2025-01-01", **given):
    dates = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"} | given
    return event(
        "package.purchased",
        time,
        id=f"buy-{package}",
        contract="K",
        package=package,
        kind="addon",
        name=package,
        entitlements=list(lines),
        **dates,
    )


def spent(number, day, id, package="P"):  # noqa: A002
    return event(
        "credit.consumed",
        day,
        id=id,
        package=package,
        entitlement="CREDITS",
        workspace="W",
        credits=number,
        service="advice",
    )


FOUNDATION = (
    event("workspace.created", "2025-01-01", id="ws", workspace="W", customer="A", name="W"),
    event("workspace.created", "2025-01-01", id="ws2", workspace="V", customer="A", name="V"),
    event(
        "contract.signed",
        "2025-01-01",
        id="sign",
        contract="K",
        customer="A",
        name="K",
        starts_on="2025-01-01",
        ends_on="2025-12-31",
    ),
    event("contract.mapped", "2025-01-01", id="map", contract="K", workspace="W"),
    event("contract.mapped", "2025-01-01", id="map2", contract="K", workspace="V"),
    event(
        "role.granted",
        "2025-01-01",
        id="role",
        principal="user:eve",
        role="customer_activity",
        scope="workspace:W",
    ),
    event(
        "role.granted",
        "2025-01-01",
        id="role2",
        principal="user:ada",
        role="workspace_admin",
        scope="workspace:W",
    ),
    package("P", [line("CREDITS", "credit", 10), line("CASES", "case", 5)]),
    package("Q", [line("CREDITS", "credit", 1)]),
)


def write(name, *events):
    """Write events to a file of the current directory, and return its name."""
    text = "".join(f"{json.dumps(each)}\n" for each in events)
    Path(name).write_text(text, "utf-8")
    return name


def ledger(cpod, *batches):
    """Make a ledger of the foundation and then of batches, each of them recorded at once."""
    for number, events in enumerate((FOUNDATION, *batches)):
        ran = cpod("ingest", "--init", write(f"batch{number}.jsonl", *events))
        assert ran.exit == 0, ran.err
