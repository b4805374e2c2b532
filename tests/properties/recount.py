"""A recount of what was delivered: from the facts themselves, less those listed as unplaced."""

from fractions import Fraction

from oracle.civil import instant

ENGAGEMENTS = ("workshop", "dse", "proactive_service")


def recount(held, answers):
    """What each unit should have consumed, and the hours delivered, once all has happened.

    `held` are the recorded events in order, `answers` those as of a day after all of them.
    """
    gone = {taken(event) for event in held if event["type"] == "event.reversed"}
    counting = [event for event in held if (event["source"], event["id"]) not in gone]
    counting = sorted(counting, key=lambda event: instant(event["time"]))
    count = Recount(answers)
    count.cases(counting)
    for event in counting:
        kind, _, step = event["type"].partition(".")
        if kind in ENGAGEMENTS:
            count.engagement(event, step)
        elif kind == "credit":
            count.credit(event, step)
    for kind in ("course", "assessment"):
        count.firsts(counting, kind)
    count.seats(counting)
    return count.consumed, count.hours


def taken(event):
    """The key of what an event reverses."""
    return (event["data"]["reverses"]["source"], event["data"]["reverses"]["id"])


class Recount:
    """The sums by unit while facts are counted."""

    def __init__(self, answers):
        self.consumed, self.hours = {}, Fraction(0)
        self.rows = answers["cases all"]["rows"]
        self.unplaced = {
            (fact["source"], fact["id"]): fact for fact in answers["unplaced all"]["facts"]
        }
        self.unit = {
            (package["package"], line["entitlement"]): line["unit"]
            for package in answers["packages"]["packages"]
            for line in package["consumables"]
        }
        self.plans = {}

    def add(self, unit, amount):
        """Count an amount."""
        self.consumed[unit] = self.consumed.get(unit, 0) + amount

    def is_unplaced(self, event):
        """Whether a fact stands in the list of those that no balance holds."""
        return (event["source"], event["id"]) in self.unplaced

    def cases(self, counting):
        """Cases that are neither cancelled nor waived nor unplaced: one each, or their hours."""
        opened, turns, placed = set(), {}, set()
        for event in counting:
            kind, _, step = event["type"].partition(".")
            if kind == "case":
                case = event["data"]["case"]
                turns.setdefault(case, []).append(step)
                if step == "opened":
                    opened.add(case)
                if self.is_unplaced(event):
                    placed.add(case)
        for case in turns:
            assert case in opened or case in placed, "a case is opened, or its facts are listed"
        for row in self.rows:
            waivers = [turn for turn in turns[row["case"]] if turn.startswith("charge")]
            waived = bool(waivers) and waivers[-1] == "charge_waived"
            if row["status"] == "cancelled" or waived or row["case"] in placed:
                continue
            unit = self.unit[row["package"], row["entitlement"]]
            self.add(unit, Fraction(1) if unit == "case" else Fraction(row["hours"]))

    def engagement(self, event, step):
        """What a delivery or a charge is, in the unit of where the engagement is then."""
        said = event["data"]
        plan = self.plans.setdefault(said["engagement"], {"quantity": None, "used": Fraction(0)})
        for name in ("package", "entitlement"):
            plan[name] = said.get(name) or plan.get(name)
        if step == "scheduled":
            plan["quantity"] = Fraction(said["quantity"])
            return
        quantity, hours = Fraction(said.get("charge") or 0), Fraction(said.get("charge") or 0)
        if step == "delivered":
            hours, whole = Fraction(said["hours"]), plan["quantity"]
            rest = max(Fraction(0), (1 if whole is None else whole) - plan["used"])
            default = rest if said.get("final") is not False else Fraction(0)
            quantity = Fraction(said["quantity"]) if "quantity" in said else default
        if self.is_unplaced(event):
            return
        plan["used"] += quantity
        if quantity or hours:
            unit = self.unit[plan["package"], plan["entitlement"]]
            self.add(unit, hours if unit == "hour" else quantity)
            self.hours += hours if step == "delivered" else 0

    def credit(self, event, step):
        """Credits, up or down."""
        if not self.is_unplaced(event):
            amount = Fraction(event["data"]["credits"])
            self.add("credit", amount if step == "consumed" else -amount)
            self.hours += Fraction(event["data"].get("hours") or 0)

    def firsts(self, counting, kind):
        """Distinct activities and assessments."""
        type_, fields, unit = {
            "course": ("course.started", ("learner", "item"), "activity"),
            "assessment": ("assessment.configured", ("technology", "environment"), "assessment"),
        }[kind]
        seen = {}
        for event in counting:
            if event["type"] == type_:
                said = event["data"]
                place = (said.get("package"), said.get("entitlement"))
                place = None if None in place else place
                seen.setdefault((place, *(said[name] for name in fields)), event)
        for event in seen.values():
            if not self.is_unplaced(event):
                self.add(unit, 1)

    def seats(self, counting):
        """Distinct contacts that are somewhere in the end, where there are seats."""
        present = {}
        for event in counting:
            kind, _, step = event["type"].partition(".")
            if kind == "contact":
                said = event["data"]
                who = ((said["package"], said["entitlement"]), said["contact"])
                change = set.add if step == "added" else set.discard
                change(present.setdefault(who, set()), said["workspace"])
        listed = {
            (fact["package"], fact["entitlement"])
            for fact in self.unplaced.values()
            if fact["type"] == "contact.added"
        }
        for (place, _), workspaces in present.items():
            if workspaces:
                assert (self.unit.get(place) == "seat") != (place in listed)
                self.add("seat", 1 if self.unit.get(place) == "seat" else 0)
