"""Two customers that must not learn of each other: all that is of the second bears one word."""

from crowds import add

WORD = "ZIRCON"
"""Stands in every id, name and title of the second customer, and nowhere else."""

LINES = (
    ("PRS", "case", "problem_resolution"),
    ("SU", "hour", "support_assistance"),
    ("CRED", "credit", "proactive_credits"),
    ("SHOPS", "engagement", "workshop"),
    ("COURSES", "activity", "on_demand_education"),
    ("SEATS", "seat", "support_contacts"),
    ("ODA", "assessment", "on_demand_assessment"),
)


def house(events, name, workspaces):
    """A customer with a contract and its packages; one delivery of every kind in a workspace."""
    time = "2025-02-01T09:00:00Z"

    def tell(type_, **data):
        add(events, type_, data, time)

    contract = {"contract": f"{name}-K"}
    for workspace in workspaces:
        tell("workspace.created", workspace=workspace, customer=name, name=f"{workspace} of {name}")
    for suffix in ("K", "L"):
        period = {"starts_on": "2025-01-01", "ends_on": "2026-12-31"}
        signed = {"contract": f"{name}-{suffix}", "customer": name, "name": f"{name} contract"}
        tell("contract.signed", **signed, plan=f"{name} plan", **period)
    tell("contract.renewed", **contract, successor=f"{name}-L")
    for workspace in workspaces:
        tell("contract.mapped", **contract, workspace=workspace)
    for kind in ("enterprise", "addon"):
        package = f"{name}-{kind}"
        entitlements = [
            {"entitlement": f"{name}-{line}", "service": service, "class": "consumable"}
            | {"name": f"{name} {line}", "description": f"{name} text", "unit": unit, "quantity": 9}
            for line, unit, service in LINES
        ]
        entitlements.append(
            {"entitlement": f"{name}-SDM", "service": "other", "class": "benefit"}
            | {"name": f"{name} manager"}
        )
        bought = {"package": package, "kind": kind, "name": f"{name} package"}
        tell("package.purchased", **contract, **bought, **period, entitlements=entitlements)
        for workspace in workspaces:
            deliveries(tell, name, package, workspace)


def deliveries(tell, name, package, workspace):
    """One delivery of every kind on a package, in a workspace."""
    of = f"{package} {workspace}"

    def place(line):
        return {"package": package, "entitlement": f"{name}-{line}"}

    here = {"workspace": workspace}
    for line in ("PRS", "SU"):
        case = {"case": f"{of} {line}"}
        kind = {"support_type": "reactive", "severity": f"{name} B", "product": f"{name} SQL"}
        named = {"title": f"{of} case", "primary_contact": f"{name}-contact"}
        placed = {"contract": f"{name}-K", **place(line)}
        tell("case.opened", **case, **here, **named, **kind, **placed)
        tell("case.labour_recorded", **case, minutes=30)
    lost = {"package": f"{name}-none", "entitlement": f"{name}-CRED", "service": f"{name} check"}
    tell("credit.consumed", **lost, **here, credits=1)
    stray = {"case": f"{of} stray", "title": f"{of} stray", "support_type": "advisory"}
    tell("case.opened", **stray, **here)
    planned = {"engagement": f"{of} E", "title": f"{of} workshop", "quantity": 1}
    tell("workshop.scheduled", **planned, **here, **place("SHOPS"))
    tell("workshop.delivered", engagement=f"{of} E", hours=5)
    tell("credit.consumed", **place("CRED"), **here, credits=1, service=f"{name} check")
    course = {"learner": f"{name}-lea", "item": f"{name}-101", "title": f"{name} course"}
    tell("course.started", **course, **here, **place("COURSES"))
    contact = {"contact": f"{name}-mia", "name": f"{name} Mia", "email": f"{name}@x.example"}
    tell("contact.added", **contact, **here, **place("SEATS"))
    checked = {"technology": f"{name} AD", "environment": f"{name} prod"}
    tell("assessment.configured", **checked, **here, **place("ODA"))


def two_houses():
    """The events of both customers, and users of the first with each role."""
    events = []
    house(events, "north", ["n1", "n2"])
    house(events, WORD, [f"{WORD}-1"])
    for user, role, scope in (
        ("ada", "customer_admin", "customer:north"),
        ("wim", "workspace_admin", "workspace:n1"),
        ("cas", "customer_activity", "workspace:n1"),
        ("vic", "view_all_requests", "customer:north"),
        ("vic", "customer_activity", "workspace:n1"),
        ("lou", "learning_manager", "customer:north"),
        ("lou", "customer_activity", "customer:north"),
        (f"{WORD}-zoe", "customer_admin", f"customer:{WORD}"),
    ):
        add(events, "role.granted", {"principal": f"user:{user}", "role": role, "scope": scope})
    return events
