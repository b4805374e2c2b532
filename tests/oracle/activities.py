"""Credits, courses, assessments and contacts: what consumes and is no case or engagement."""

from fractions import Fraction

from .quantities import exact


def credits_used(events):
    """A posting for each consumption and each refund of credits."""
    postings = []
    for event in events:
        if event.type in ("credit.consumed", "credit.refunded"):
            sign = 1 if event.type == "credit.consumed" else -1
            postings.append(
                posting("credit", event, sign * exact(event.data["credits"]))
                | {"delivered_hours": exact(event.data.get("hours")) or Fraction(0)}
            )
    return postings


def courses(events):
    """A posting for each (learner, item), at its first start on an entitlement."""
    return firsts(events, "course", "course.started", ("learner", "item"))


def assessments(events):
    """A posting for each (technology, environment), when first configured on an entitlement."""
    return firsts(events, "assessment", "assessment.configured", ("technology", "environment"))


def firsts(events, subject, type_, fields):
    """A posting for the first event of each combination of fields; no full place is one place."""
    seen, postings = set(), []
    for event in events:
        if event.type != type_:
            continue
        place = (event.data.get("package"), event.data.get("entitlement"))
        key = (None if None in place else place, tuple(event.data[field] for field in fields))
        if key not in seen:
            seen.add(key)
            postings.append(posting(subject, event, Fraction(1)))
    return postings


def contacts(events):
    """A posting up when a contact enters a first workspace, and down when it left the last."""
    postings, present = [], {}
    for event in events:
        if event.type not in ("contact.added", "contact.removed"):
            continue
        key = (event.data["package"], event.data["entitlement"], event.data["contact"])
        workspaces = present.setdefault(key, set())
        before = len(workspaces)
        if event.type == "contact.added":
            workspaces.add(event.data["workspace"])
        else:
            workspaces.discard(event.data["workspace"])
        if bool(workspaces) != bool(before):
            postings.append(posting("contact", event, Fraction(1 if workspaces else -1)))
    return postings


def contacts_present(events, package, entitlement):
    """The workspaces in which each contact sits on an entitlement."""
    present = {}
    for event in events:
        if event.type not in ("contact.added", "contact.removed"):
            continue
        if (event.data["package"], event.data["entitlement"]) != (package, entitlement):
            continue
        workspaces = present.setdefault(event.data["contact"], set())
        if event.type == "contact.added":
            workspaces.add(event.data["workspace"])
        else:
            workspaces.discard(event.data["workspace"])
    return {contact: workspaces for contact, workspaces in present.items() if workspaces}


def posting(subject, event, amount):
    """What one event consumes, where it says."""
    return {
        "subject": subject,
        "package": event.data.get("package"),
        "entitlement": event.data.get("entitlement"),
        "workspace": event.data.get("workspace"),
        "amount": amount,
        "event": event,
        "at": event.effective_at,
        "order": (event.position, 0),
    }
