"""What the small ledger of these tests holds: everything that is hard to export."""

WHEN = ("--as-of", "2025-06-30", "--known-at", "28")
FORMULA = '=HYPERLINK("http://evil")'
ODD = "Größe | *bold* <b>&amp;\u0007 日本 🦆 _x0041_"
FINE = "2025-02-03T10:00:00.123456789Z"
LONG_NUMBER = "12345678.123456789"


def _entitlement(name: str, service: str, unit: str | None, **more: object) -> dict[str, object]:
    kind = "benefit" if unit is None else "consumable"
    found = {"entitlement": name, "service": service, "class": kind, "name": name.title(), **more}
    return found if unit is None else {**found, "unit": unit}


def _case(number: str, at: str, title: str, **place: object) -> tuple[str, str, dict[str, object]]:
    case = {"case": number, "workspace": "W", "title": title, "support_type": "reactive"}
    return "case.opened", at, {**case, "contract": "K", **place}


START = "2025-01-01T00:00:00Z"
PLACED = {"package": "P", "entitlement": "HOURS"}
EVENTS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("workspace.created", START, {"workspace": "W", "customer": "C", "name": "Paris"}),
    ("workspace.created", START, {"workspace": "V", "customer": "C", "name": "Lyon"}),
    (
        "role.granted",
        START,
        {"principal": "user:ana", "role": "customer_activity", "scope": "workspace:W"},
    ),
    (
        "role.granted",
        START,
        {"principal": "user:ada", "role": "customer_admin", "scope": "customer:C"},
    ),
    (
        "role.granted",
        START,
        {"principal": "user:lea", "role": "learning_manager", "scope": "workspace:W"},
    ),
    (
        "role.granted",
        START,
        {"principal": "user:lea", "role": "customer_activity", "scope": "workspace:W"},
    ),
    (
        "contract.signed",
        START,
        {
            "contract": "K",
            "customer": "C",
            "name": ODD,
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
            "timezone": "Europe/Paris",
        },
    ),
    ("contract.mapped", START, {"contract": "K", "workspace": "W"}),
    ("contract.mapped", START, {"contract": "K", "workspace": "V"}),
    (
        "package.purchased",
        START,
        {
            "contract": "K",
            "package": "P",
            "kind": "enterprise",
            "name": "Base",
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
            "entitlements": [
                _entitlement("CREDITS", "proactive_credits", "credit", quantity="100"),
                _entitlement("HOURS", "advisory", "hour", quantity=LONG_NUMBER),
                _entitlement("PRS", "problem_resolution", "case"),
                _entitlement("WORK", "workshop", "engagement", quantity="4"),
                _entitlement("COURSES", "on_demand_education", "activity"),
                _entitlement("SEATS", "support_contacts", "seat", quantity="3"),
                _entitlement("SDM", "other", None, description="A person"),
            ],
        },
    ),
    (
        "entitlement.granted",
        START,
        {
            "package": "P",
            "entitlement": "CREDITS",
            "quantity": "20",
            "expires_on": "2025-09-30",
            "reason": "a gift",
        },
    ),
    _case("007", "2025-02-01T10:00:00Z", FORMULA, package="P", entitlement="PRS"),
    _case("-1+1", "2025-02-02T10:00:00Z", ODD, **PLACED),
    _case("C3", FINE, "No package"),
    ("case.labour_recorded", "2025-02-04T10:00:00Z", {"case": "-1+1", "minutes": 10}),
    ("case.labour_recorded", "2025-03-04T10:00:00Z", {"case": "-1+1", "minutes": 90}),
    _case("C4", "2025-03-01T10:00:00Z", "Nobody's", contract=None),
    *(
        (
            "credit.consumed",
            f"2025-0{month}-10T10:00:00Z",
            {
                "package": "P",
                "entitlement": "CREDITS",
                "workspace": workspace,
                "credits": spent,
                "service": "tuning",
            },
        )
        for month, workspace, spent in ((2, "W", "30.5"), (4, "V", "20"), (6, "W", "30"))
    ),
    (
        "workshop.delivered",
        "2025-05-05T10:00:00Z",
        {
            "engagement": "E1",
            "hours": "6",
            "workspace": "W",
            "package": "P",
            "entitlement": "WORK",
            "title": "@risk",
        },
    ),
    *(
        (
            "course.started",
            "2025-05-06T10:00:00Z",
            {
                "workspace": "W",
                "learner": learner,
                "item": "SQL",
                "package": "P",
                "entitlement": "COURSES",
            },
        )
        for learner in ("ana", "ben")
    ),
    (
        "contact.added",
        "2025-01-10T10:00:00Z",
        {"package": "P", "entitlement": "SEATS", "workspace": "W", "contact": "ana"},
    ),
    _case("OLD", "1901-02-03T10:00:00Z", "Long ago"),
    ("contract.renewed", START, {"contract": "K", "successor": "K2"}),
    (
        "contract.signed",
        START,
        {"contract": "K2", "customer": "C", "name": "Next", "starts_on": "2026-01-01"},
    ),
    ("case.closed", "2025-03-05T10:00:00Z", {"case": "-1+1"}),
)
