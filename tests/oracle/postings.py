"""Postings: what facts put on entitlements, and how much that is in the unit of one."""

from fractions import Fraction

from . import activities, cases, engagements
from .quantities import up_to_multiple

FITTING_UNITS = {
    "case": {"case", "hour"},
    "engagement": engagements.UNITS,
    "credit": {"credit"},
    "course": {"activity"},
    "contact": {"seat"},
    "assessment": {"assessment"},
}


def postings(events, in_a_balance):
    """Every posting of the events that count, in the order in which they apply."""
    found = []
    for own_events in cases.case_events(events).values():
        case = cases.fold(own_events)
        if case is not None:
            found += case["postings"]
    for own_events in engagements.engagement_events(events).values():
        found += engagements.fold(own_events, in_a_balance)["postings"]
    found += activities.credits_used(events) + activities.courses(events)
    found += activities.assessments(events) + activities.contacts(events)
    return sorted(found, key=lambda posting: (posting["at"], posting["order"]))


def postings_on(events, package, line, in_a_balance):
    """The postings on one entitlement that its unit can count, with their amount in it."""
    return [
        posting | {"amount": amount(posting, line)}
        for posting in postings(events, in_a_balance)
        if (posting["package"], posting["entitlement"]) == (package, line["entitlement"])
        and line["unit"] in FITTING_UNITS[posting["subject"]]
    ]


def amount(posting, line):
    """What a posting consumes in the unit of an entitlement that fits it."""
    if posting["subject"] == "engagement":
        return posting["hours"] if line["unit"] == "hour" else posting["quantity"]
    if posting["subject"] != "case":
        return posting["amount"]
    if posting["measure"] == "case":
        return Fraction(posting["sign"]) if line["unit"] == "case" else Fraction(0)
    if line["unit"] == "case":
        return Fraction(0)
    return posting["sign"] * labour_hours(posting["minutes"], line)


def labour_hours(minutes, line):
    """The hours of one entry of labour, rounded up where an entitlement of hours asks for it."""
    increment = line["draw_increment"] if line is not None and line["unit"] == "hour" else None
    return up_to_multiple(Fraction(minutes, 60), increment)
