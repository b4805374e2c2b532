"""Histories without a ledger: events recorded one after another, as the domain reads them."""

from datetime import date

from oracle.civil import instant

from ledger.domain.aggregates.decisions import decide
from ledger.domain.aggregates.terms import Terms
from ledger.domain.events import BY_NAME
from ledger.domain.recorded import Recorded, event_key, in_order

SOURCE = "urn:unit"
EARLY = "2025-01-01T00:00:00Z"
JULY = "2025-07-01T00:00:00Z"
SECOND = 10**9


def day(text):
    """The date of a text."""
    return date.fromisoformat(text)


def event(type_name, **data):
    """One typed event; `class_` and `from_` are sent as `class` and `from`."""
    return BY_NAME[type_name].model_validate({key.rstrip("_"): data[key] for key in data})


def stream_of(said):
    """Where a term stands: with its package, else its contract, else its workspace."""
    scope = getattr(said, "scope", "")
    if scope.startswith("workspace:"):
        return scope
    places = [getattr(said, "origin", None), said]
    for kind in ("package", "contract", "workspace"):
        for place in places:
            name = getattr(place, kind, None)
            if name is not None:
                return f"{kind}:{name}"
    return "unattributed"


class History:
    """What is recorded so far. As a whole it is what a decision may ask for (`Known`)."""

    def __init__(self):
        self.recorded = []
        self.balances = {}
        """What is available on an entitlement from an instant on: {(package, entitlement, at)}."""
        self.members = {}
        """The groups of a user from an instant on: {(user, at): groups}."""

    def add(self, type_name, time=EARLY, *, source=SOURCE, id=None, stream=None, **data):  # noqa: A002 - as an envelope calls it
        """Record an event that takes effect at a time (text, or nanoseconds); return it."""
        position = len(self.recorded) + 1
        said = event(type_name, **data)
        at = instant(time) if isinstance(time, str) else time
        stream = stream or self._home(said)
        name = id or f"e{position}"
        found = Recorded(position, position * SECOND, at, stream, 0, source, name, said)
        self.recorded.append(found)
        return found

    def _home(self, said):
        if said.type_name == "event.reversed":
            target = self.event(event_key(said.reverses.source, said.reverses.id))
            return target.stream if target else "unattributed"
        return stream_of(said)

    def in_order(self):
        """All events in the order in which they are applied."""
        return in_order(self.recorded)

    def known_terms(self, reversed_positions=()):
        """The terms that a question knows."""
        terms = [found for found in self.recorded if not found.event.is_fact]
        return Terms(terms, reversed_positions)

    # what a decision may ask for

    def terms(self, stream):
        return [
            found for found in self.recorded if found.stream == stream and not found.event.is_fact
        ]

    def event(self, key):
        return next((f for f in self.recorded if event_key(f.source, f.id) == key), None)

    def available(self, package, entitlement, at):
        found = [
            (since, amount)
            for (of, line, since), amount in self.balances.items()
            if (of, line) == (package, entitlement) and since <= at
        ]
        return max(found)[1] if found else None

    def groups(self, user, at):
        found = [
            (since, groups)
            for (who, since), groups in self.members.items()
            if who == user and since <= at
        ]
        return frozenset(max(found)[1] if found else ())


def workspace(history, name="W", customer="C", **more):
    """A workspace of a customer."""
    told = {"workspace": name, "customer": customer, "name": name}
    return history.add("workspace.created", **told, **more)


def contract(history, name="K", customer="C", starts_on="2025-01-01", ends_on="2025-12-31", **more):
    """A contract of one year, signed."""
    told = {"contract": name, "customer": customer, "name": name, "starts_on": starts_on}
    return history.add("contract.signed", **told, ends_on=ends_on, **more)


def line(entitlement="E", unit="hour", service="other", quantity="10", **more):
    """The fields of a consumable."""
    told = {"entitlement": entitlement, "service": service, "class": "consumable", "unit": unit}
    limited = {"quantity": quantity} if quantity is not None else {}
    return {**told, "name": entitlement, **limited, **more}


def benefit(entitlement="B"):
    """The fields of what is only listed."""
    return {"entitlement": entitlement, "service": "other", "class": "benefit", "name": "Listed"}


def package(history, name="P", of="K", lines=None, starts_on="2025-01-01", ends_on="2025-12-31",
            **more):  # fmt: skip
    """A package of a contract, bought for one year."""
    told = {"package": name, "contract": of, "kind": "enterprise", "name": name, **more}
    told |= {"starts_on": starts_on, "ends_on": ends_on}
    return history.add("package.purchased", **told, entitlements=lines or [line()])


def verdict(history, type_name, time="2025-06-01T00:00:00Z", **data):
    """The code with which an event would be refused, or None where it would be accepted."""
    at = instant(time) if isinstance(time, str) else time
    refused = decide(event(type_name, **data), at, history)
    return refused and refused.code


def a_house(**package_):
    """A customer with a workspace, a contract and a package of ten hours."""
    history = History()
    workspace(history)
    contract(history)
    package(history, **package_)
    return history
