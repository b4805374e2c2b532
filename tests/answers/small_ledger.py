"""A small ledger in memory: events in one line each, and the questions asked of it."""

import json
from contextlib import contextmanager

from chance import Randomness

from ledger import Ledger

NOW = 1_800_000_000 * 10**9  # 2027-01-15T08:00:00Z
PERIOD = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
EARLY = "2025-01-01T00:00:00Z"


class Clock:
    """A clock that shows what it was set to."""

    now = NOW

    def __call__(self):
        return self.now


class Small:
    """A ledger while it is filled: every event has the next id."""

    def __init__(self, ledger, clock, folder):
        self.ledger, self.clock, self._folder, self.sent = ledger, clock, folder, []

    def add(self, type_name, time=EARLY, *, refused=0, **data):
        """Ingest one event; a field named `from_` is sent as `from`. Return its position."""
        number = len(self.sent) + 1
        told = {"specversion": "1.0", "id": f"e{number}", "source": "urn:small"}
        told |= {"type": type_name, "time": time}
        told["data"] = {name.rstrip("_"): value for name, value in data.items()}
        self.sent.append(told)
        file = self._folder / "event.jsonl"
        file.write_text(json.dumps(told) + "\n", "utf-8")
        receipt = self.ledger.ingest([str(file)])
        assert receipt.refused == refused, receipt.refusals
        return self.ledger.position

    def workspace(self, name="W", customer="C", **more):
        self.add("workspace.created", workspace=name, customer=customer, name=name, **more)

    def contract(self, name="K", customer="C", to=("W",), **more):
        told = {"contract": name, "customer": customer, "name": name, **PERIOD, **more}
        self.add("contract.signed", **told)
        for workspace in to:
            self.add("contract.mapped", contract=name, workspace=workspace)

    def package(self, name="P", of="K", lines=(), **more):
        told = {"contract": of, "package": name, "kind": "enterprise", "name": name, **PERIOD}
        self.add("package.purchased", **told | {"entitlements": list(lines)} | more)

    def role(self, user, role="workspace_admin", scope="workspace:W", time=EARLY, step="granted"):
        self.add(f"role.{step}", time, principal=f"user:{user}", role=role, scope=scope)

    def ask(self, view, **question):
        return self.ledger.ask(view, **question)

    def line(self, entitlement="E", **question):
        """The figures of one consumable."""
        rows = self.ask("packages", **{"kind": "all", "state": "all", **question})["packages"]
        return next(
            line
            for row in rows
            for line in row["consumables"]
            if line["entitlement"] == entitlement
        )


def line(entitlement="E", unit="case", service="problem_resolution", quantity=10, **more):
    """The fields of a consumable; a quantity of None is as needed."""
    told = {"entitlement": entitlement, "service": service, "class": "consumable", "unit": unit}
    limited = {"quantity": quantity} if quantity is not None else {}
    return {**told, "name": entitlement, **limited, **more}


@contextmanager
def small_ledger(folder, url="memory:"):
    """An empty small ledger."""
    clock = Clock()
    with Ledger.create(url, clock=clock, randomness=Randomness()) as ledger:
        yield Small(ledger, clock, folder)
