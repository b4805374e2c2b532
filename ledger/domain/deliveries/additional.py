"""Additional cases: why a case does not stand in the main list.

The placement of a case and its listing are independent: listing never moves a debit.
"""

from datetime import date
from typing import Final, Literal, get_args

from ledger.domain.aggregates.terms import TermsAt

Reason = Literal[
    "missing_contract",
    "missing_package",
    "missing_service",
    "contract_expired",
    "contract_not_mapped",
    "service_code",
]
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

CODES: Final = frozenset({"SU", "DSA", "X85", "REC"})
"""Service codes that make a case additional."""

SERVICES: Final = {"advisory": "advisory", "reactive": "problem_resolution"}
"""The service under which a candidate of each support type is listed."""


def is_candidate(support_type: str, status: str) -> bool:
    """Return whether a case is in the main or in the additional list at all."""
    return support_type in SERVICES and status != "cancelled"


def reasons_of(
    terms: TermsAt,
    contract: str | None,
    package: str | None,
    entitlement: str | None,
    workspace: str | None,
    service_code: str | None,
    reference: date | None = None,
) -> tuple[Reason, ...]:
    """Return every reason for which a candidate is additional, in the order of `REASONS`.

    `reference` is the local date of its opening where the contract must have been in force then;
    None asks whether the contract is in force at the as-of.
    """
    reasons: list[Reason] = []
    known = terms.contract(contract)
    if known is None:
        reasons.append("missing_contract")
    else:
        bought = terms.package(package)
        if bought is None or bought.contract != known.contract:
            reasons.append("missing_package")
        elif entitlement not in bought.lines:
            reasons.append("missing_service")
        day = terms.as_of.date(known.zone) if reference is None else reference
        if known.end is not None and known.end < day:
            reasons.append("contract_expired")
        if workspace not in known.workspaces:
            reasons.append("contract_not_mapped")
    if service_code is not None and service_code.strip().upper() in CODES:
        reasons.append("service_code")
    return tuple(reasons)
