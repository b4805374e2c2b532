"""Branches of one ledger: a backup is put back over it, and another future begins."""

import shutil
from pathlib import Path

from sending import FOUNDATION, event, line

from ledger import Ledger

START = 1_800_000_000 * 10**9
WHEN = {"as_of": "2025-12-31"}


class Stopped:
    """A clock that stands still: the nth transaction of every branch has the same time."""

    def __call__(self):
        return START


def bought():
    lines = [line("CRD", unit="credit", service="support_assistance", quantity=100), line("E2")]
    data = {"package": "P", "contract": "K", "kind": "addon", "name": "P", "entitlements": lines}
    data |= {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    return event("package.purchased", data, id="buy")


def used(credits, id):  # noqa: A002
    data = {"package": "P", "entitlement": "CRD", "workspace": "W", "credits": str(credits)}
    return event("credit.consumed", data | {"service": "s"}, id=id, time="2025-04-01T00:00:00Z")


def seat(contact):
    data = {"package": "P", "entitlement": "CRD", "workspace": "W", "contact": contact}
    return event("contact.added", data | {"name": f"{contact} name"}, id=f"seat-{contact}")


def begun(directory):
    """Make a ledger with a package of 100 credits, and beside it a backup of that moment."""
    url = f"sqlite:///{directory}/a.db"
    with Ledger.create(url, clock=Stopped()) as ledger:
        take(ledger, *FOUNDATION[:3], bought())
        ledger.back_up(f"{directory}/night.db")
    return url


def take(ledger, *raws, **options):
    """Ingest lines, from a file beside the ledger."""
    file = Path(ledger.url.removeprefix("sqlite:///")).with_name("lines.jsonl")
    file.write_bytes(b"\n".join(raws))
    return ledger.ingest([str(file)], **options)


def opened(url):
    return Ledger.open(url, clock=Stopped())


def restore(tmp_path):
    shutil.copy(tmp_path / "night.db", tmp_path / "a.db")


def consumed(ledger, **given):
    """How many credits are consumed."""
    (found,) = ledger.ask("packages", **WHEN, kind="all", **given)["packages"]
    return {each["entitlement"]: each["consumed"] for each in found["consumables"]}["CRD"]
