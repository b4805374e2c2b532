"""A story in which everything happens: each type of event, a case that moves, what comes twice."""

from small_ledger import line

PLACES = {name: {"package": "P", "entitlement": name} for name in ("E", "H", "CR", "WS", "CO")}
PLACES |= {name: {"package": "P", "entitlement": name} for name in ("SE", "AS", "B")}
LINES = (
    line("E", quantity=3, description="Cases", action_url="https://x.example/e"),
    line("H", "hour", "support_assistance", 5, draw_increment="0.5", cap_per_case=1),
    line("CR", "credit", "proactive_credits", 20),
    line("WS", "engagement", "workshop", 4),
    line("CO", "activity", "on_demand_education", None),
    line("SE", "seat", "support_contacts", 2),
    line("AS", "assessment", "on_demand_assessment", 1),
    {"entitlement": "B", "service": "other", "class": "benefit", "name": "Manager"}
    | {"description": "A person to call"},
)
LISTED = {"entitlement": "D", "service": "other", "class": "benefit", "name": "Desk"}
WHY = {"reason": "r"}


def tell(small):
    """Record the story, day by day; who may see what comes first, and the last is a reversal."""
    foundation(small)
    for role, scope, user in (
        ("customer_admin", "customer:C", "ada"),
        ("customer_activity", "workspace:W", "bob"),
        ("learning_manager", "workspace:W", "bob"),
        ("view_all_requests", "workspace:V", "eve"),
        ("customer_activity", "customer:C", "eve"),
    ):
        small.role(user, role, scope)
    small.add("role.granted", principal="group:ops", role="workspace_admin", scope="workspace:V")
    small.add("group.member_added", group="ops", workspace="V", user="mia")
    cases(small)
    engagements(small)
    others(small)
    terms(small)


def foundation(small):
    small.workspace(timezone="Europe/Paris")
    small.workspace("V")
    small.contract(plan="Gold", timezone="Asia/Tokyo", to=("W", "V"))
    small.contract("L", starts_on="2026-01-01", ends_on=None, to=("W",))
    small.package(lines=LINES)
    small.package("Q", lines=[line("E", quantity=None), line("CR", "credit", "other", 5), LISTED],
                  kind="addon", ends_on="2025-06-30")  # fmt: skip


def cases(small):
    def case(day, step, name="C1", **data):
        small.add(f"case.{step}", f"2025-{day}T10:00:00Z", case=name, **data)

    placed = {"workspace": "W", "contract": "K", "support_type": "reactive"}
    case("02-01", "labour_recorded", minutes=10)
    case("02-02", "opened", title="First", **placed, **PLACES["E"], severity="A", product="SQL",
         primary_contact="bob", group="ops", service_code="NORMAL")  # fmt: skip
    case("02-03", "labour_recorded", minutes=61, engineer="lou")
    case("02-04", "reassigned", **PLACES["H"])
    case("02-05", "updated", title="First of all", status="Waiting", severity="B")
    case("02-06", "charge_waived", **WHY)
    case("02-07", "charge_restored", **WHY)
    case("02-08", "closed", reason="done")
    for number in range(2, 6):
        case(
            f"02-1{number}", "opened", f"C{number}", title=f"Case {number}", **placed, **PLACES["E"]
        )
    case("02-20", "reassigned", "C3", workspace="V")
    case("02-21", "cancelled", "C4", **WHY)
    case("02-22", "reopened", "C4")
    case("02-23", "cancelled", "C4")
    case("02-24", "shared", "C3", user="bob")
    case("02-25", "reclassified", "C5", service_code=" su ", **WHY)
    case("02-26", "opened", "C6", title="Astray", workspace="V", support_type="advisory")
    case("02-27", "opened", "C7", title="Wrong", **placed, **PLACES["WS"])
    case("02-28", "labour_recorded", "C8", minutes=5)
    case("03-01", "unshared", "C3", user="bob")
    case("03-01", "shared", "C1", user="mia")


def engagements(small):
    def step(day, kind, **data):
        small.add(kind, f"2025-{day}T12:00:00.5Z", **data)

    shop = {"workspace": "W", "title": "Shop", **PLACES["WS"]}
    step("03-02", "workshop.scheduled", engagement="S1", **shop, quantity=2, mode="remote",
         starts_at="2025-03-10T08:00:00Z", ends_at="2025-03-10T16:00:00Z")  # fmt: skip
    step("03-03", "workshop.delivered", engagement="S1", hours="1.5", quantity="0.5", final=False)
    step("03-04", "workshop.delivered", engagement="S1", hours=6)
    step("03-05", "dse.scheduled", engagement="D1", **shop | PLACES["H"], quantity=3)
    step("03-06", "dse.cancelled", engagement="D1", charge=1, reason="ill")
    step("03-07", "dse.scheduled", engagement="D1", **shop | PLACES["H"], quantity=2)
    step("03-09", "proactive_service.delivered", engagement="R1", hours=2, workspace="V",
         **PLACES["CR"], quantity=6)  # fmt: skip


def others(small):
    def step(day, kind, **data):
        small.add(kind, f"2025-{day}T23:30:00Z", **data)

    here = {"workspace": "W"}
    spent = {"credits": "2.5", "service": "Check", **here, **PLACES["CR"]}
    step("04-01", "credit.consumed", **spent, quantity=2, unit_price="1.25", price_list="2025",
         engagement="R1", hours="0.5")  # fmt: skip
    step("04-02", "credit.refunded", credits=1, **WHY, **here, **PLACES["CR"])
    about = {"title": "Azure", "item_type": "path", "product": "Az", "level": "2", "language": "fr"}
    course = {"learner": "lea", "item": "AZ", **here, **PLACES["CO"]}
    step("04-04", "course.started", **course, **about)
    step("04-05", "course.started", **course)
    step("04-06", "course.completed", **course, score="87.5")
    step("04-07", "course.started", **course | {"learner": "bob", "workspace": "V"})
    seat = {"contact": "tom", **PLACES["SE"]}
    step("04-08", "contact.added", **seat, **here, name="Tom", email="t@x.example")
    step("04-09", "contact.added", **seat, workspace="V")
    step("04-10", "contact.removed", **seat, **here)
    nowhere = {"package": "X"}
    step("04-03", "contact.added", **seat | nowhere, **here)
    step("04-03", "course.started", **course | nowhere)
    step("04-03", "credit.consumed", **spent | nowhere)
    check = {"technology": "AD", "environment": "prod", **here, **PLACES["AS"]}
    step("04-11", "assessment.configured", **check)
    step("04-12", "assessment.run", **check, quality_index="0.75", findings=3)
    step("04-13", "assessment.configured", **check | {"environment": "test"})
    step("04-14", "assessment.removed", **check)


def terms(small):
    def term(day, kind, **data):
        return small.add(kind, f"2025-{day}T09:00:00Z", **data)

    term("05-01", "entitlement.granted", **PLACES["CR"], quantity=5, priority=-1, **WHY,
         starts_on="2025-03-01", expires_on="2025-05-31")  # fmt: skip
    term("05-02", "entitlement.granted", **PLACES["CR"], quantity=4, **WHY, expires_on="2025-05-31")
    term("05-02", "entitlement.granted", **PLACES["CR"], quantity=2, **WHY, starts_on="2025-06-01")
    term("05-03", "entitlement.adjusted", **PLACES["CR"], quantity="-1.5", approved_by="z", **WHY)
    term("05-04", "entitlement.adjusted", **PLACES["E"], quantity=1, approved_by="z", **WHY)
    legs = {"from_": PLACES["CR"], "to": {"package": "Q", "entitlement": "CR"}}
    term(
        "05-05", "entitlement.transferred", **legs, quantity=3, rate="0.5", authorised_by="z", **WHY
    )
    added = line("N", "each", "other", 2)
    term("05-06", "entitlement.added", package="P", **added)
    term("05-07", "entitlement.withdrawn", **PLACES["B"], **WHY, authorised_by="z")
    term("05-08", "package.amended", package="Q", name="Add-on", ends_on="2025-09-30", **WHY)
    term("05-09", "package.deactivated", package="Q", **WHY)
    term("05-10", "package.reactivated", package="Q", **WHY)
    term("05-11", "contract.amended", contract="K", plan="Platinum", ends_on="2026-01-31", **WHY)
    term("05-12", "contract.renewed", contract="K", successor="L")
    term("05-13", "contract.unmapped", contract="L", workspace="W")
    term("05-14", "contract.terminated", contract="K", on="2025-11-30", **WHY)
    last = {"reverses": {"source": "urn:small", "id": "e42"}, "authorised_by": "z", **WHY}
    term("05-15", "event.reversed", **last)
