"""One case: the fold from its own events to what it is and what it debits."""

FIELDS_AT_OPENING = (
    "workspace",
    "title",
    "support_type",
    "contract",
    "package",
    "entitlement",
    "service_code",
    "severity",
)


def fold(events):
    """What a case is after its events (in order), or None where it was never opened."""
    opening = next((event for event in events if event.type == "case.opened"), None)
    if opening is None:
        return None
    case = {field: opening.data.get(field) for field in FIELDS_AT_OPENING}
    case |= {
        "case": opening.data["case"],
        "opened_at": opening.effective_at,
        "closed_at": None,
        "cancelled": False,
        "waived": False,
        "source_status": None,
        "placed_by": opening,
        "entries": [{"measure": "case"}],  # what the case costs while it is chargeable
        "debits": [],  # what it has on the books now
        "postings": [],
    }
    debit(case, case["entries"], opening, opening.effective_at, opening.position)
    index = events.index(opening)
    for event in events[:index]:  # what came before the opening counts from it
        apply(case, event, opening.effective_at, opening.position)
    for event in events[index + 1 :]:
        apply(case, event, event.effective_at, event.position)
    return case


def chargeable(case):
    """Whether an opened case consumes."""
    return not case["cancelled"] and not case["waived"]


def status(case):
    """cancelled, closed or open."""
    return (
        "cancelled" if case["cancelled"] else "closed" if case["closed_at"] is not None else "open"
    )


def minutes(case):
    """The labour of a case, entry by entry, in minutes."""
    return [entry["minutes"] for entry in case["entries"] if entry["measure"] == "minutes"]


def apply(case, event, at, anchor):
    """One event of an opened case: its fields change, then its debits follow."""
    was_chargeable, was_placed = chargeable(case), (case["package"], case["entitlement"])
    change(case, event, at)
    is_placed = (case["package"], case["entitlement"])
    if is_placed != was_placed:
        case["placed_by"] = event
    if was_chargeable and (not chargeable(case) or is_placed != was_placed):
        give_back(case, event, at, anchor)
    if chargeable(case) and (not was_chargeable or is_placed != was_placed):
        debit(case, case["entries"], event, at, anchor)
    if event.type == "case.labour_recorded":
        entry = {"measure": "minutes", "minutes": int(event.data["minutes"])}
        case["entries"].append(entry)
        if chargeable(case):
            debit(case, [entry], event, at, anchor)


def change(case, event, at):  # noqa: C901 - one arm for each type
    """What an event says of the case itself."""
    said = event.data
    match event.type:
        case "case.updated":
            for field, name in (
                ("title", "title"),
                ("severity", "severity"),
                ("status", "source_status"),
            ):
                if said.get(field) is not None:
                    case[name] = said[field]
        case "case.reassigned":
            for field in ("workspace", "contract", "package", "entitlement"):
                if field in said:
                    case[field] = said[field]
        case "case.reclassified":
            if said.get("support_type") is not None:
                case["support_type"] = said["support_type"]
            if "service_code" in said:
                case["service_code"] = said["service_code"]
        case "case.closed":
            case["closed_at"] = at
        case "case.cancelled":
            case["cancelled"] = True
        case "case.reopened":
            case["closed_at"], case["cancelled"] = None, False
        case "case.charge_waived":
            case["waived"] = True
        case "case.charge_restored":
            case["waived"] = False


def debit(case, entries, event, at, anchor):
    """Put entries on the books, where the case is placed and sits now."""
    for entry in entries:
        on_books = entry | {field: case[field] for field in ("package", "entitlement", "workspace")}
        case["debits"].append(on_books)
        post(case, on_books, 1, event, at, anchor)


def give_back(case, event, at, anchor):
    """Take every debit off the books again, each where it was put."""
    for on_books in case["debits"]:
        post(case, on_books, -1, event, at, anchor)
    case["debits"] = []


def post(case, on_books, sign, event, at, anchor):
    """Write one posting; at one instant they apply by their anchor's position, then as written."""
    order = (anchor, len(case["postings"]))
    case["postings"].append(
        on_books | {"subject": "case", "sign": sign, "event": event, "at": at, "order": order}
    )


def case_events(events):
    """The events of each case, in order."""
    by_case = {}
    for event in events:
        if event.type.startswith("case."):
            by_case.setdefault(event.data["case"], []).append(event)
    return by_case
