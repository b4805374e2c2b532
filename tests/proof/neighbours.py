"""Two contracts of one customer that touch each other: cases and hours go from one to the other."""

from sessions import envelope

PERIOD = {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
WHEN = ("--as-of", "2025-06-30")


def _package(number, contract, package):
    common = {"class": "consumable", "name": "N"}
    lines = [
        {"entitlement": "CASES", "service": "problem_resolution", "unit": "case", "quantity": 20},
        {"entitlement": "HOURS", "service": "advisory", "unit": "hour", "quantity": 10},
        {"entitlement": "SEATS", "service": "support_contacts", "unit": "seat", "quantity": 3},
        {"entitlement": "COURSES", "service": "on_demand_education", "unit": "activity"},
        {"entitlement": "CHECKS", "service": "on_demand_assessment", "unit": "assessment"},
    ]
    return envelope(
        number,
        "package.purchased",
        contract=contract,
        package=package,
        kind="addon",
        name="N",
        entitlements=[common | line for line in lines],
        **PERIOD,
    )


def _opened(number, case, workspace="W", **place):
    data = {"case": case, "workspace": workspace, "title": f"about {case}"}
    return envelope(number, "case.opened", **data, support_type="reactive", **place)


def _moved(number, leaves, enters, quantity):
    legs = {"from": {"package": leaves, "entitlement": "HOURS"}}
    legs |= {"to": {"package": enters, "entitlement": "HOURS"}}
    return envelope(
        number, "entitlement.transferred", **legs, quantity=quantity, reason="r", authorised_by="a"
    )


def _begun(number, package):
    learns = {"workspace": "W", "learner": "ana", "item": "AZ-900"}
    return envelope(number, "course.started", **learns, package=package, entitlement="COURSES")


def _configured(number, package):
    checks = {"workspace": "W", "technology": "SQL", "environment": "live"}
    place = {"package": package, "entitlement": "CHECKS"}
    return envelope(number, "assessment.configured", **checks, **place)


def two_contracts():
    """K with P, and L with Q; a case moves from Q to P, hours are transferred, one is reversed.

    The same learner begins the same item on both, and the same technology is configured on both.
    """
    on_p = {"contract": "K", "package": "P", "entitlement": "HOURS"}
    on_q = {"contract": "L", "package": "Q", "entitlement": "HOURS"}
    return [
        envelope(0, "workspace.created", workspace="W", customer="A", name="W"),
        envelope(
            1, "workspace.created", workspace="V", customer="A", name="V", timezone="Asia/Tokyo"
        ),
        envelope(2, "contract.signed", contract="K", customer="A", name="Kay", **PERIOD),
        envelope(3, "contract.signed", contract="L", customer="A", name="Ell", **PERIOD),
        envelope(4, "contract.mapped", contract="K", workspace="W"),
        envelope(5, "contract.renewed", contract="K", successor="L"),
        _package(6, "K", "P"),
        _package(7, "L", "Q"),
        _opened(8, "moves", **on_q),
        envelope(9, "case.labour_recorded", case="moves", minutes=90),
        envelope(10, "case.reassigned", case="moves", **on_p),
        _opened(11, "stays", **on_p),
        envelope(12, "case.labour_recorded", case="stays", minutes=30),
        _opened(13, "nowhere"),
        _opened(14, "astray", contract="K", package="Q", entitlement="HOURS"),
        _opened(15, "strange", workspace="V", contract="L", package="Q", entitlement="CASES"),
        _moved(16, "Q", "P", 2),
        envelope(17, "case.labour_recorded", case="stays", minutes=600),
        envelope(
            18,
            "event.reversed",
            reverses={"source": "urn:desk", "id": "e17"},
            reason="typed twice",
            authorised_by="a",
        ),
        envelope(
            19, "contact.added", package="P", entitlement="SEATS", workspace="W", contact="ana"
        ),
        _begun(20, "Q"),
        _begun(21, "P"),
        _configured(22, "Q"),
        _configured(23, "P"),
    ]
