"""One consumable entitlement: its figures and its statement, as of a question."""

from fractions import Fraction

from . import activities, engagements, lots
from .burn import BurnDown
from .postings import postings_on


def account(question, package_id, line):
    """The exact figures of an entitlement, with its lines and the postings behind them."""
    knowledge = question.knowledge
    zone = knowledge.package_zone(package_id)
    events, cut = question.events_in(zone), question.cut(zone)
    package = question.package(package_id)
    in_a_balance = question.holds_engagements
    posted = postings_on(events, package_id, line, in_a_balance)
    figures = {
        "reserved": engagements.reserved(
            events, package_id, line["entitlement"], line["unit"], in_a_balance
        ),
        "delivered_hours": sum(
            (posting.get("delivered_hours", 0) for posting in posted), Fraction(0)
        ),
        "contacts": activities.contacts_present(events, package_id, line["entitlement"]),
        "postings": posted,
    }
    deeds = consumptions(posted)
    if line["as_needed"]:
        return figures | as_needed(deeds)
    dated = lots.dated_lots(knowledge, events, package, line, zone)
    deeds += [
        move | {"consumed": Fraction(0)}
        for move in lots.moves(knowledge, events, package, line, zone)
    ]
    if line["unit"] == "seat":
        for lot in dated + [deed["lot"] for deed in deeds if deed["lot"]]:
            lot["end"], lot["priority"] = float("inf"), 0  # no expiry, and no burn order
    burned = BurnDown().play(dated, deeds, cut)
    return figures | {
        "granted": burned.granted,
        "consumed": burned.consumed,
        "expired": burned.expired,
        "remaining": burned.remaining,
        "available": burned.remaining - figures["reserved"],
        "overage": burned.overage,
        "lines": burned.lines,
    }


def consumptions(posted):
    """What each event consumes at one instant on the entitlement, net."""
    deeds = []
    for posting in posted:
        last = deeds[-1] if deeds else None
        if last and (last["event"], last["at"]) == (posting["event"], posting["at"]):
            last["consumed"] += posting["amount"]
        else:
            deeds.append(
                {
                    "at": posting["at"],
                    "order": posting["order"],
                    "event": posting["event"],
                    "out": Fraction(0),
                    "lot": None,
                    "consumed": posting["amount"],
                }
            )
    return deeds


def as_needed(deeds):
    """The figures where nothing is granted: consumption is only counted."""
    consumed, lines = Fraction(0), []
    for deed in deeds:
        consumed += deed["consumed"]
        if deed["consumed"]:
            lines.append(
                {
                    "event": deed["event"],
                    "at": deed["at"],
                    "change": deed["consumed"],
                    "balance": consumed,
                }
            )
    return {
        "granted": None,
        "consumed": consumed,
        "expired": Fraction(0),
        "remaining": None,
        "available": None,
        "overage": Fraction(0),
        "lines": lines,
    }


def consumed_in(figures, line, workspaces):
    """What was consumed in some workspaces, or in all where none are named."""
    if workspaces is None:
        return figures["consumed"]
    if line["unit"] == "seat":
        seated = [present for present in figures["contacts"].values() if present & set(workspaces)]
        return Fraction(len(seated))
    inside = [
        posting["amount"] for posting in figures["postings"] if posting["workspace"] in workspaces
    ]
    return sum(inside, Fraction(0))
