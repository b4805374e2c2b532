"""One engagement, of whatever kind: what it reserves and what it consumes."""

from fractions import Fraction

from .quantities import exact

KINDS = ("workshop", "dse", "proactive_service")
UNITS = {"hour", "engagement", "credit", "each"}


def fold(events, in_a_balance):
    """What an engagement reserves and has consumed after its events, on two tracks side by side.

    `in_a_balance` says whether what is delivered on a package and an entitlement counts there: what
    is in no balance has consumed nothing.
    """
    engagement = {
        "in_a_balance": in_a_balance,
        "package": None,
        "entitlement": None,
        "workspace": None,
        "scheduled": None,
        "reservation": None,
        "consumed": {"quantity": Fraction(0), "hours": Fraction(0)},
        "postings": [],
    }
    for event in events:
        step = event.type.split(".")[1]
        if step == "scheduled":
            schedule(engagement, event)
        elif step == "delivered":
            deliver(engagement, event)
        else:
            cancel(engagement, event)
    return engagement


def schedule(engagement, event):
    """A schedule places the engagement and reserves its quantity, in place of the one before."""
    place(engagement, event)
    engagement["scheduled"] = exact(event.data["quantity"])
    engagement["reservation"] = {
        "package": engagement["package"],
        "entitlement": engagement["entitlement"],
        "quantity": engagement["scheduled"],
    }


def deliver(engagement, event):
    """A delivery consumes hours and a quantity; a final one ends the reservation."""
    place(engagement, event)
    final = event.data.get("final") is not False
    quantity = exact(event.data.get("quantity"))
    if quantity is None:
        expected = Fraction(1) if engagement["scheduled"] is None else engagement["scheduled"]
        rest = max(Fraction(0), expected - engagement["consumed"]["quantity"])
        quantity = rest if final else Fraction(0)
    hours = exact(event.data["hours"])
    post(engagement, event, quantity, hours, delivered_hours=hours)
    if final:
        engagement["reservation"] = None


def cancel(engagement, event):
    """A cancellation ends the reservation; its charge is consumed in whatever the unit is."""
    charge = exact(event.data.get("charge")) or Fraction(0)
    if charge > 0:
        post(engagement, event, charge, charge, delivered_hours=Fraction(0))
    engagement["reservation"] = None


def place(engagement, event):
    """The fields that an event gives become the engagement's."""
    for field in ("package", "entitlement", "workspace"):
        if event.data.get(field) is not None:
            engagement[field] = event.data[field]


def post(engagement, event, quantity, hours, delivered_hours):
    """Write what one event consumes, on both tracks."""
    if engagement["in_a_balance"](engagement["package"], engagement["entitlement"]):
        engagement["consumed"]["quantity"] += quantity
        engagement["consumed"]["hours"] += hours
    engagement["postings"].append(
        {
            "subject": "engagement",
            "package": engagement["package"],
            "entitlement": engagement["entitlement"],
            "workspace": engagement["workspace"],
            "quantity": quantity,
            "hours": hours,
            "delivered_hours": delivered_hours,
            "event": event,
            "at": event.effective_at,
            "order": (event.position, 0),
        }
    )


def reserved(events, package, entitlement, unit, in_a_balance):
    """What open schedules hold back on an entitlement by the events that count."""
    track = "hours" if unit == "hour" else "quantity"
    if unit not in UNITS:
        return Fraction(0)
    total = Fraction(0)
    for own_events in engagement_events(events).values():
        engagement = fold(own_events, in_a_balance)
        held = engagement["reservation"]
        if held and (held["package"], held["entitlement"]) == (package, entitlement):
            total += max(Fraction(0), held["quantity"] - engagement["consumed"][track])
    return total


def engagement_events(events):
    """The events of each engagement, in order; the three kinds share one name space."""
    by_engagement = {}
    for event in events:
        if event.type.split(".")[0] in KINDS:
            by_engagement.setdefault(event.data["engagement"], []).append(event)
    return by_engagement
