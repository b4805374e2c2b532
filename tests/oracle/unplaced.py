"""Unplaced facts: what should consume and cannot, each with its reason."""

from . import activities, cases, engagements
from .civil import instant_text
from .postings import FITTING_UNITS


def problem(question, subject, package, entitlement):
    """Why a fact of some subject cannot consume on the place that it names, or None."""
    if package is None or entitlement is None:
        return "no_place"
    if question.package(package) is None:
        return "unknown_package"
    line = question.entitlement(package, entitlement)
    if line is None:
        return "unknown_entitlement"
    if not line["consumable"]:
        return "not_consumable"
    return None if line["unit"] in FITTING_UNITS[subject] else "wrong_unit"


def unplaced_facts(question):
    """Every fact without a place, those that name none and those of unopened cases too."""
    rows = unplaced_cases(question) + facts_of_unopened_cases(question)
    for posting in deliveries(question):
        why = problem(question, posting["subject"], posting["package"], posting["entitlement"])
        if why is not None:
            rows.append(row(posting["event"], posting["package"], posting["entitlement"], why))
    return rows


def unplaced_cases(question):
    """A chargeable case once, by the event that placed it."""
    rows = []
    for case in question.opened_cases():
        why = problem(question, "case", case["package"], case["entitlement"])
        if why is not None and cases.chargeable(case):
            rows.append(row(case["placed_by"], case["package"], case["entitlement"], why))
    return rows


def facts_of_unopened_cases(question):
    """Every fact of a case that has not been opened."""
    opened, rows = {case["case"] for case in question.opened_cases()}, []
    for case, events in cases.case_events(question.knowledge.events).items():
        if case in opened:
            continue
        for event in events:
            package, workspace = event.data.get("package"), event.data.get("workspace")
            zone = question.knowledge.case_zone(case) or question.knowledge.fact_zone(
                package, workspace
            )
            if event.effective_at <= question.cut(zone):
                rows.append(row(event, package, event.data.get("entitlement"), "not_opened"))
    return rows


def deliveries(question):
    """The postings of everything that is no case, each by the events that count in its own zone."""
    knowledge = question.knowledge

    def counts(event, package, workspace):
        return event.effective_at <= question.cut(knowledge.fact_zone(package, workspace))

    found = []
    for events in engagements.engagement_events(knowledge.events).values():
        found += [
            posting
            for posting in engagements.fold(events, question.holds_engagements)["postings"]
            if counts(posting["event"], posting["package"], posting["workspace"])
        ]
    others = [
        event
        for event in knowledge.events
        if event.type.split(".")[0] in ("credit", "course", "assessment", "contact")
        and counts(event, event.data.get("package"), event.data["workspace"])
    ]
    found += (
        activities.credits_used(others)
        + activities.courses(others)
        + activities.assessments(others)
    )
    return found + seats_taken(others)


def seats_taken(events):
    """The posting that gave each contact who is still there its seat."""
    latest = {}
    for posting in activities.contacts(events):
        latest[posting["package"], posting["entitlement"], posting["event"].data["contact"]] = (
            posting
        )
    return [posting for posting in latest.values() if posting["amount"] > 0]


def row(event, package, entitlement, why):
    """A fact as the list shows it."""
    return {
        "position": event.position,
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "effective_at": instant_text(event.effective_at),
        "package": package,
        "entitlement": entitlement,
        "reason": why,
    }
