"""One question: what is known at a position, as of a date or an instant, zone by zone."""

from . import cases, engagements, terms
from .civil import cut, instant, instant_text, is_date, today
from .knowledge import Knowledge


class Question:
    """The two dates of an answer, and the terms and cases as they stand for them."""

    def __init__(self, records, as_of, known_at=None):
        self.as_of, self.known_at = as_of, known_at
        self.knowledge = Knowledge(records, known_at)
        self.holding = {}

    def header(self):
        """What every answer carries."""
        last = self.knowledge.recorded[-1] if self.knowledge.recorded else None
        now = instant_text(last.recorded_at) if last else None
        return {
            "as_of": self.as_of if is_date(self.as_of) else instant_text(instant(self.as_of)),
            "known_at": now if self.known_at is None else self.known_at,
            "position": last.position if last else 0,
            "limited": False,
        }

    def cut(self, zone):
        """The last instant that counts in a zone."""
        return cut(self.as_of, zone)

    def today(self, zone):
        """The date of the question in a zone."""
        return today(self.as_of, zone)

    def events_in(self, zone):
        """The events that count in a zone."""
        return self.knowledge.until(self.cut(zone))

    def contract(self, contract):
        """A contract as it stands, or None."""
        zone = self.knowledge.contract_zone(contract)
        return terms.contract(self.events_in(zone), contract) if zone else None

    def mapped_workspaces(self, contract):
        """The workspaces to which a contract that is recorded is mapped."""
        zone = self.knowledge.contract_zone(contract)
        return terms.mapped_workspaces(self.events_in(zone), contract) if zone else set()

    def package(self, package):
        """A package as it stands, or None."""
        zone = self.knowledge.package_zone(package)
        return terms.package(self.events_in(zone), package) if zone else None

    def entitlements(self, package):
        """The lines of a package as they stand."""
        zone = self.knowledge.package_zone(package)
        return terms.entitlements(self.knowledge, self.events_in(zone), package) if zone else []

    def entitlement(self, package, entitlement):
        """One line of a package as it stands, or None."""
        for line in self.entitlements(package):
            if line["entitlement"] == entitlement:
                return line
        return None

    def holds_engagements(self, package, entitlement):
        """Whether a package and an entitlement are a balance in which an engagement counts."""
        if (package, entitlement) not in self.holding:
            line = self.entitlement(package, entitlement)
            counts = line is not None and line["consumable"] and line["unit"] in engagements.UNITS
            self.holding[package, entitlement] = counts
        return self.holding[package, entitlement]

    def all_contracts(self):
        """The ids of the contracts that are recorded."""
        return [e.data["contract"] for e in self.knowledge.recorded if e.type == "contract.signed"]

    def all_packages(self):
        """The packages as they stand."""
        ids = [e.data["package"] for e in self.knowledge.recorded if e.type == "package.purchased"]
        return [package for package in map(self.package, ids) if package is not None]

    def opened_cases(self):
        """Every case that is opened, as it stands in its own zone."""
        found = []
        for case, events in cases.case_events(self.knowledge.events).items():
            zone = self.knowledge.case_zone(case)
            if zone is not None:
                last = self.cut(zone)
                found.append(cases.fold([event for event in events if event.effective_at <= last]))
        return [case for case in found if case is not None]
