"""Candidate cases: why a case is additional, and the rows of the two lists."""

from fractions import Fraction

from . import cases
from .civil import day_of, instant_text
from .postings import labour_hours
from .quantities import text

CODES = {"SU", "DSA", "X85", "REC"}


def is_candidate(case):
    """An opened case of reactive or advisory support that is not cancelled."""
    return case["support_type"] in ("reactive", "advisory") and not case["cancelled"]


def reasons(question, case, expiry_basis):
    """All the reasons that make a case additional, in their order."""
    found = []
    contract = question.contract(case["contract"])
    package = question.package(case["package"])
    if contract is None:
        found.append("missing_contract")
    elif package is None or package["contract"] != contract["contract"]:
        found.append("missing_package")
    elif question.entitlement(case["package"], case["entitlement"]) is None:
        found.append("missing_service")
    if contract is not None:
        zone = question.knowledge.contract_zone(contract["contract"])
        reference = (
            day_of(case["opened_at"], zone)
            if expiry_basis == "case-opened"
            else question.today(zone)
        )
        if contract["end"] is not None and contract["end"] < reference:
            found.append("contract_expired")
        if case["workspace"] not in question.mapped_workspaces(contract["contract"]):
            found.append("contract_not_mapped")
    if (case["service_code"] or "").strip().upper() in CODES:
        found.append("service_code")
    return found


def candidates(question, workspaces, expiry_basis):
    """The candidates in scope, each with its reasons."""
    return [
        (case, reasons(question, case, expiry_basis))
        for case in question.opened_cases()
        if is_candidate(case) and in_scope(case, workspaces)
    ]


def in_scope(case, workspaces):
    """Whether a case sits in one of the workspaces, or anywhere where none are named."""
    return workspaces is None or case["workspace"] in workspaces


def case_row(question, case):
    """A case as the drill-down grid shows it."""
    line = question.entitlement(case["package"], case["entitlement"])
    hours = sum((labour_hours(minutes, line) for minutes in cases.minutes(case)), Fraction(0))
    cap = line["cap_per_case"] if line else None
    closed_at = case["closed_at"]
    fields = (
        "case",
        "workspace",
        "contract",
        "package",
        "entitlement",
        "support_type",
        "service_code",
        "severity",
    )
    return {field: case[field] for field in fields} | {
        "title": case["title"],
        "opened_at": instant_text(case["opened_at"]),
        "closed_at": None if closed_at is None else instant_text(closed_at),
        "status": cases.status(case),
        "source_status": case["source_status"],
        "hours": text(hours),
        "over_cap": text(Fraction(0) if cap is None else max(Fraction(0), hours - cap)),
    }


def additional_row(case, why):
    """A case as the list of additional cases shows it."""
    fields = (
        "case",
        "workspace",
        "support_type",
        "service_code",
        "title",
        "source_status",
        "contract",
    )
    return {field: case[field] for field in fields} | {
        "opened_at": instant_text(case["opened_at"]),
        "status": cases.status(case),
        "reasons": why,
    }
