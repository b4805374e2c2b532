"""A shop of events: quickly written, ingested into a ledger in memory, and asked about."""

import json
import tempfile
from contextlib import contextmanager
from pathlib import Path

from hypothesis import settings

from ledger.ledger import Ledger

NOW = 1_800_000_000 * 10**9  # 2027-01-15
LINES = (
    ("PRS", "case", "problem_resolution", {}),
    ("SU", "hour", "support_assistance", {"cap_per_case": 2}),
    ("CRED", "credit", "proactive_credits", {}),
    ("SHOPS", "engagement", "workshop", {}),
    ("DSE", "hour", "dse", {}),
    ("COURSES", "activity", "on_demand_education", {"quantity": None}),
    ("SEATS", "seat", "support_contacts", {}),
    ("ODA", "assessment", "on_demand_assessment", {}),
)


def examples(share):
    """Settings that draw a share of what the profile does, at least one."""
    return settings(max_examples=max(1, round(settings.default.max_examples * share)))


class Shop:
    """Events, in the order in which they arrive."""

    def __init__(self):
        self.events = []
        for name in ("w1", "w2"):
            self.tell("workspace.created", workspace=name, customer="shop", name=name)
        self.tell(
            *("contract.signed",),
            contract="K",
            customer="shop",
            name="K",
            starts_on="2025-01-01",
            ends_on="2025-12-31",
            timezone="Europe/Paris",
        )
        self.tell("contract.mapped", contract="K", workspace="w1")
        self.tell("contract.mapped", contract="K", workspace="w2")
        lines = [
            {"entitlement": name, "service": service, "class": "consumable", "name": name}
            | {"unit": unit, "quantity": 10, "action_url": "https://shop.example/ask"}
            | more
            for name, unit, service, more in LINES
        ]
        period = {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "entitlements": lines}
        bought = {"contract": "K", "package": "P", "kind": "enterprise", "name": "P"}
        self.tell("package.purchased", **bought, **period)

    def tell(self, type_, time="2024-12-01T00:00:00Z", **data):
        """Append an event; a time may leave out the year, and the hours (noon)."""
        if len(time) == len("02-01"):
            time = f"2025-{time}T12:00:00Z"
        number = f"e{len(self.events) + 1}"
        event = {"specversion": "1.0", "id": number, "source": "urn:shop", "type": type_}
        self.events.append(event | {"time": time, "data": data})

    @contextmanager
    def held(self):
        """A ledger in memory that holds what it did not refuse of them."""
        with (
            tempfile.TemporaryDirectory() as folder,
            Ledger.create("memory:", clock=lambda: NOW, randomness=bytes) as ledger,
        ):
            file = Path(folder) / "events.jsonl"
            file.write_text("".join(f"{json.dumps(event)}\n" for event in self.events), "utf-8")
            ledger.ingest([str(file)])
            yield ledger

    @contextmanager
    def ledger(self):
        """A ledger in memory that holds them all."""
        with self.held() as ledger:
            assert ledger.quarantine_list()["rows"] == []
            yield ledger

    def ask(self, view, **question):
        """The answer of a view, as of the end of 2025 where nothing else is asked."""
        with self.ledger() as ledger:
            return ledger.ask(view, **({"as_of": "2025-12-31"} | question))
