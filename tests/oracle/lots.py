"""Lots: what was granted on an entitlement and until when, and what moves it in between."""

from fractions import Fraction

from . import terms
from .civil import day_end, day_start
from .quantities import exact, to_nine_decimals


def dated_lots(knowledge, events, package, line, zone):
    """The lots that start on a day: the one bought with the line, and every grant."""
    first, last = package["starts_on"], package["ends_on"]
    found = [lot(line["event"], line["quantity"], day_start(first, zone), day_end(last, zone), 0)]
    for event in terms_on(knowledge, events, "entitlement.granted", package, line):
        starts_on = terms.day(event.data.get("starts_on")) or first
        expires_on = terms.day(event.data.get("expires_on")) or last
        start, end = day_start(starts_on, zone), day_end(expires_on, zone)
        found.append(
            lot(
                event,
                exact(event.data["quantity"]),
                start,
                end,
                int(event.data.get("priority") or 0),
            )
        )
    return found


def moves(knowledge, events, package, line, zone):
    """The adjustments and transfers: what each takes out, and the lot that it brings in."""
    end = day_end(package["ends_on"], zone)
    found = []
    for event in terms_on(knowledge, events, "entitlement.adjusted", package, line):
        quantity = exact(event.data["quantity"])
        found.append(move(event, max(Fraction(0), -quantity), max(Fraction(0), quantity), end))
    here = (package["package"], line["entitlement"])
    for event in events:
        if event.type != "entitlement.transferred" or not knowledge.stands(*here, event.position):
            continue
        leaves, enters = (
            (event.data[leg]["package"], event.data[leg]["entitlement"]) == here
            for leg in ("from", "to")
        )
        if leaves or enters:
            quantity = exact(event.data["quantity"])
            rate = exact(event.data.get("rate"))
            converted = to_nine_decimals(quantity * (Fraction(1) if rate is None else rate))
            found.append(
                move(
                    event,
                    quantity if leaves else Fraction(0),
                    converted if enters else Fraction(0),
                    end,
                )
            )
    return found


def terms_on(knowledge, events, type_, package, line):
    """The terms of one type on a line, but for those on a withdrawn one of its name."""
    return [
        event
        for event in events
        if event.type == type_
        and event.data["package"] == package["package"]
        and event.data["entitlement"] == line["entitlement"]
        and knowledge.stands(package["package"], line["entitlement"], event.position)
    ]


def lot(event, quantity, start, end, priority):
    """A quantity that is valid from its start until just before its end."""
    return {
        "event": event,
        "quantity": quantity,
        "left": Fraction(0),
        "start": start,
        "end": end,
        "priority": priority,
    }


def move(event, out, into, end):
    """What one term does at its own time: first it takes out, then it brings in a lot."""
    brought = lot(event, into, event.effective_at, end, 0) if into > 0 else None
    return {
        "at": event.effective_at,
        "order": (event.position, 0),
        "event": event,
        "out": out,
        "lot": brought,
    }


def burn_order(lot_):
    """Lowest priority number, then earliest expiry, then earliest start, then position."""
    return (lot_["priority"], lot_["end"], lot_["start"], lot_["event"].position)
