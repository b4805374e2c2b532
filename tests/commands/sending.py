"""A desk to send lines to: a ledger in memory, and events that are quickly written."""

import json
from itertools import count

from chance import Randomness

from ledger.commands.ingest.ingest import ingest
from ledger.commands.quarantine import held_lines
from ledger.commands.sources.lines import Line
from ledger.ledger import Ledger

SOURCE = "urn:test"


def event(type_name, data, id="1", time="2025-01-10T09:00:00Z", **attributes):  # noqa: A002
    """Return the bytes of one CloudEvent."""
    given = {"specversion": "1.0", "id": id, "source": SOURCE, "type": type_name, "time": time}
    return json.dumps({**given, **attributes, "data": data}).encode()


def workspace(name="W", customer="A", id=None):  # noqa: A002
    data = {"workspace": name, "customer": customer, "name": name}
    return event("workspace.created", data, id=id or f"ws-{name}")


def contract(name="K", customer="A", id=None, **given):  # noqa: A002
    data = {"contract": name, "customer": customer, "name": name, "starts_on": "2025-01-01"}
    data |= {"ends_on": "2025-12-31"} | given
    return event("contract.signed", data, id=id or f"ct-{name}")


def line(name="E", **given):
    """Return an entitlement: twenty hours, where nothing else is said."""
    common = {"entitlement": name, "service": "support_assistance", "name": name}
    return common | {"class": "consumable", "unit": "hour", "quantity": 20} | given


def package(name="P", of="K", id=None, lines=None, **given):  # noqa: A002
    data = {"package": name, "contract": of, "kind": "addon", "name": name}
    data |= {"starts_on": "2025-01-01", "ends_on": "2025-12-31"} | given
    data["entitlements"] = [line()] if lines is None else lines
    return event("package.purchased", data, id=id or f"pk-{name}")


def mapping(of="K", to="W", id=None):  # noqa: A002
    return event("contract.mapped", {"contract": of, "workspace": to}, id=id or f"map-{of}-{to}")


def grant(package="P", entitlement="E", quantity=5, id="grant", **given):  # noqa: A002
    data = {"package": package, "entitlement": entitlement, "quantity": quantity, "reason": "more"}
    return event("entitlement.granted", data | given, id=id)


def opening(case="C", id=None, **given):  # noqa: A002
    data = {"case": case, "workspace": "W", "title": "t", "support_type": "reactive"} | given
    return event("case.opened", data, id=id or f"open-{case}")


def labour(case="C", minutes=30, id="labour"):  # noqa: A002
    return event("case.labour_recorded", {"case": case, "minutes": minutes}, id=id)


def reversal(of, id="reversal"):  # noqa: A002
    data = {"reverses": {"source": SOURCE, "id": of}, "reason": "wrong", "authorised_by": "ada"}
    return event("event.reversed", data, id=id)


def transfer(quantity=5, origin=("P", "E"), target=("P", "E2"), id="transfer", **given):  # noqa: A002
    data = {
        "from": {"package": origin[0], "entitlement": origin[1]},
        "to": {"package": target[0], "entitlement": target[1]},
        "quantity": quantity,
        "authorised_by": "ada",
        "reason": "needed there",
    }
    return event("entitlement.transferred", data, id=id, **given)


FOUNDATION = (workspace(), contract(), mapping(), package())
"""A workspace, a contract that it shows, and a package with twenty hours."""


def as_lines(raws, file="f.jsonl"):
    return [Line(file, number, raw) for number, raw in enumerate(raws, start=1)]


class Desk:
    """A ledger of its own, whose clock ticks by itself."""

    def __init__(self, url="memory:"):
        ticks = count(1_800_000_000_000_000_000)
        self.ledger = Ledger.create(url, clock=lambda: next(ticks), randomness=Randomness())
        self.log = self.ledger.log

    def send(self, *raws, lines=None, **options):
        """Ingest these lines and return the receipt."""
        foresight = self.ledger._foresight()
        try:
            return ingest(
                self.log,
                self.ledger.codec,
                as_lines(raws) if lines is None else lines,
                balance=foresight.available,
                membership=foresight.groups,
                **options,
            )
        finally:
            foresight.close()

    def rows(self):
        """Return what is stored, with names in clear, but for the stamps."""
        rows = map(self.ledger.codec.revealed, self.log.read(0))
        return [row._replace(recorded_at=0) for row in rows]

    def ids(self):
        """Return the ids of what is stored, by position."""
        return [json.loads(row.state)["id"] for row in self.log.read(0)]

    def held(self):
        return list(held_lines(self.log))

    def codes(self):
        """Return the codes of what is held, by number."""
        return [held.code for held in self.held()]


def counts(receipt):
    """Return (read, appended, released, duplicates, refused) of a receipt that adds up."""
    assert receipt.read + receipt.released == (
        receipt.appended + receipt.duplicates + receipt.refused
    )
    return (
        receipt.read,
        receipt.appended,
        receipt.released,
        receipt.duplicates,
        receipt.refused,
    )
