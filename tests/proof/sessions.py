"""What a session sends and gets: events in plain dicts, and what a command line came to."""

SOURCE = "urn:desk"


def envelope(number: int, type_name: str, **data: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "source": SOURCE,
        "id": f"e{number}",
        "type": type_name,
        "time": f"2025-01-{number % 28 + 1:02}T00:00:00Z",
        "data": data,
    }


def foundation() -> list[dict[str, object]]:
    """A workspace, a contract, and a package of twenty cases and ten hours."""
    common = {"class": "consumable", "name": "N"}
    cases = {"entitlement": "CASES", "service": "problem_resolution", "unit": "case"}
    hours = {"entitlement": "HOURS", "service": "advisory", "unit": "hour"}
    period = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    return [
        envelope(1, "workspace.created", workspace="W", customer="A", name="Par\u00eds"),
        envelope(2, "contract.signed", contract="K", customer="A", name="N", **period),
        envelope(3, "contract.mapped", contract="K", workspace="W"),
        envelope(
            4,
            "package.purchased",
            contract="K",
            package="P",
            kind="addon",
            name="N",
            entitlements=[common | cases | {"quantity": 20}, common | hours | {"quantity": 10}],
            **period,
        ),
    ]


def openings(first: int, count: int) -> list[dict[str, object]]:
    """Cases: placed, placed with work, and placed nowhere, in turn."""
    found: list[dict[str, object]] = []
    for number in range(first, first + count):
        place: dict[str, object] = {"contract": "K", "package": "P", "entitlement": "CASES"}
        if number % 3 == 0:
            place = {}
        case = f"c{number // 2 * 2}"
        if number % 2 == 0:
            data = {"case": case, "workspace": "W", "title": "t", "support_type": "reactive"}
            found.append(envelope(number, "case.opened", **data, **place))
        else:
            found.append(envelope(number, "case.labour_recorded", case=case, minutes=number))
    return found
