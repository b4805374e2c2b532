"""The enterprise summary: the active contracts in scope, and a line for each kind of service."""

from fractions import Fraction

from . import terms
from .accounts import account, consumed_in
from .candidates import candidates
from .quantities import text

GROUPS = {
    "built_in_proactive": (
        "workshop",
        "proactive_service",
        "dse",
        "proactive_credits",
        "assessment_setup",
    ),
    "as_needed_support": (
        "problem_resolution",
        "advisory",
        "support_assistance",
        "development_support",
        "technology_advisor",
    ),
    "on_demand_education": ("on_demand_education",),
    "support_contacts": ("support_contacts",),
    "on_demand_assessments": ("on_demand_assessment",),
    "other": ("other",),
}
SUMMED = ("consumed", "consumed_in_scope", "expired", "reserved", "overage", "delivered_hours")
SUMMED_WHERE_LIMITED = ("granted", "remaining", "available")


def active_contracts(question, workspaces, contracts):
    """The contracts that are active and mapped to a workspace in scope, with those workspaces."""
    found = []
    for contract_id in question.all_contracts():
        contract = question.contract(contract_id)
        inside = question.mapped_workspaces(contract_id)
        if workspaces is not None:
            inside &= set(workspaces)
        if (
            contract is None
            or not inside
            or (contracts is not None and contract_id not in contracts)
        ):
            continue
        state = terms.contract_state(
            contract, question.today(question.knowledge.contract_zone(contract_id))
        )
        if state == "active":
            found.append((contract, sorted(inside)))
    return found


def summary_contract(contract, workspaces):
    """A contract as the summary shows it."""
    return {
        "contract": contract["contract"],
        "name": contract["name"],
        "state": "active",
        "starts_on": contract["starts_on"].isoformat(),
        "ends_on": contract["end"] and contract["end"].isoformat(),
        "workspaces": workspaces,
    }


def summary_lines(question, contracts, workspaces):
    """A line for each (service, unit, as needed or not) of the active enterprise packages."""
    in_lines = {}
    for package in question.all_packages():
        contract = next((c for c in contracts if c["contract"] == package["contract"]), None)
        if contract is None or package["kind"] != "enterprise":
            continue
        today = question.today(question.knowledge.contract_zone(contract["contract"]))
        if terms.inactive_reason(package, contract, today) is not None:
            continue
        for line in question.entitlements(package["package"]):
            if line["consumable"]:
                key = (line["service"], line["unit"], line["as_needed"])
                in_lines.setdefault(key, []).append((package["package"], line))
    main = [case for case, reasons in candidates(question, workspaces, "as-of") if not reasons]
    return [
        summary_line(question, key, members, main, workspaces) for key, members in in_lines.items()
    ]


def summary_line(question, key, members, main, workspaces):
    """One line: the sums over its entitlements, and the main cases placed on them."""
    service, unit, as_needed = key
    accounts = []
    for package_id, line in members:
        figures = account(question, package_id, line)
        accounts.append(figures | {"consumed_in_scope": consumed_in(figures, line, workspaces)})
    places = {(package_id, line["entitlement"]) for package_id, line in members}
    sums = {
        name: text(sum((figures[name] for figures in accounts), Fraction(0))) for name in SUMMED
    }
    for name in SUMMED_WHERE_LIMITED:
        sums[name] = (
            None if as_needed else text(sum((figures[name] for figures in accounts), Fraction(0)))
        )
    return {
        "group": next(group for group, services in GROUPS.items() if service in services),
        "service": service,
        "unit": unit,
        "as_needed": as_needed,
        "cases": sum((case["package"], case["entitlement"]) in places for case in main),
    } | sums
