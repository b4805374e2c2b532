"""What was agreed: contracts, packages, entitlements, mappings, by the events that count."""

from datetime import date

from .quantities import exact


def day(text):
    """A date of the data, null staying null."""
    return None if text is None else date.fromisoformat(text)


def contract(events, contract_id):
    """A contract by the events that count, or None where its signing does not."""
    signed = [
        event
        for event in events
        if event.type == "contract.signed" and event.data["contract"] == contract_id
    ]
    if not signed:
        return None
    first = signed[0].data
    name, starts_on, ends_on, terminated_on = (
        first["name"],
        day(first["starts_on"]),
        day(first.get("ends_on")),
        None,
    )
    for event in events:
        if event.data.get("contract") != contract_id:
            continue
        if event.type == "contract.amended":
            name = event.data.get("name") or name
            starts_on = day(event.data.get("starts_on")) or starts_on
            if "ends_on" in event.data:
                ends_on = day(event.data["ends_on"])
        elif event.type == "contract.terminated":
            terminated_on = day(event.data["on"])
    by_termination = terminated_on is not None and (ends_on is None or terminated_on < ends_on)
    return {
        "contract": contract_id,
        "customer": first["customer"],
        "name": name,
        "starts_on": starts_on,
        "end": terminated_on if by_termination else ends_on,
        "by_termination": by_termination,
    }


def contract_state(terms, today):
    """future, active, expired or terminated."""
    if today < terms["starts_on"]:
        return "future"
    if terms["end"] is not None and today > terms["end"]:
        return "terminated" if terms["by_termination"] else "expired"
    return "active"


def package(events, package_id):
    """A package by the events that count, or None where its purchase does not."""
    purchased = [
        e for e in events if e.type == "package.purchased" and e.data["package"] == package_id
    ]
    if not purchased:
        return None
    first = purchased[0].data
    terms = {
        "package": package_id,
        "contract": first["contract"],
        "kind": first["kind"],
        "name": first["name"],
        "starts_on": day(first["starts_on"]),
        "ends_on": day(first["ends_on"]),
        "deactivated": False,
    }
    for event in events:
        if event.data.get("package") != package_id:
            continue
        if event.type == "package.amended":
            terms["name"] = event.data.get("name") or terms["name"]
            terms["starts_on"] = day(event.data.get("starts_on")) or terms["starts_on"]
            terms["ends_on"] = day(event.data.get("ends_on")) or terms["ends_on"]
        elif event.type in ("package.deactivated", "package.reactivated"):
            terms["deactivated"] = event.type == "package.deactivated"
    return terms


def inactive_reason(package_terms, contract_terms, today):
    """Why a package is not active, or None; a contract that is not signed yet is in the future."""
    if (
        contract_terms is None
        or today < package_terms["starts_on"]
        or today < contract_terms["starts_on"]
    ):
        return "future"
    if today > package_terms["ends_on"]:
        return "expired"
    if contract_terms["end"] is not None and today > contract_terms["end"]:
        return "contract_ended"
    return "deactivated" if package_terms["deactivated"] else None


def entitlements(knowledge, events, package_id):
    """The lines of a package by the events that count, none where the package does not."""
    if package(events, package_id) is None:
        return []
    found = []
    for event in events:
        if event.data.get("package") != package_id:
            continue
        if event.type == "package.purchased":
            lines = event.data["entitlements"]
        elif event.type == "entitlement.added":
            lines = [event.data]
        else:
            continue
        found += [
            entitlement_of(line, event)
            for line in lines
            if knowledge.stands(package_id, line["entitlement"], event.position)
        ]
    return found


def entitlement_of(line, event):
    """One line of a package, with the event that brought it."""
    return {
        "entitlement": line["entitlement"],
        "service": line["service"],
        "consumable": line["class"] == "consumable",
        "name": line["name"],
        "description": line.get("description"),
        "unit": line.get("unit"),
        "quantity": exact(line.get("quantity")),
        "as_needed": line["class"] == "consumable" and line.get("quantity") is None,
        "draw_increment": exact(line.get("draw_increment")),
        "cap_per_case": exact(line.get("cap_per_case")),
        "event": event,
    }


def entitlement(knowledge, events, package_id, entitlement_id):
    """One line of a package by the events that count, or None."""
    for line in entitlements(knowledge, events, package_id):
        if line["entitlement"] == entitlement_id:
            return line
    return None


def mapped_workspaces(events, contract_id):
    """The workspaces to which a contract is mapped by the events that count."""
    workspaces = set()
    for event in events:
        if event.type == "contract.mapped" and event.data["contract"] == contract_id:
            workspaces.add(event.data["workspace"])
        elif event.type == "contract.unmapped" and event.data["contract"] == contract_id:
            workspaces.discard(event.data["workspace"])
    return workspaces
