"""The enterprise summary: one line for each service and unit, over all contracts in scope."""

from collections import Counter, defaultdict
from typing import Final

from ledger.domain.contracts import Contract
from ledger.projections.accounts import Account
from ledger.projections.case_list import listed_cases
from ledger.projections.question import Answer, Question, quantity, total

GROUPS: Final = {
    "workshop": "built_in_proactive",
    "proactive_service": "built_in_proactive",
    "dse": "built_in_proactive",
    "proactive_credits": "built_in_proactive",
    "assessment_setup": "built_in_proactive",
    "problem_resolution": "as_needed_support",
    "advisory": "as_needed_support",
    "support_assistance": "as_needed_support",
    "development_support": "as_needed_support",
    "technology_advisor": "as_needed_support",
    "on_demand_education": "on_demand_education",
    "support_contacts": "support_contacts",
    "on_demand_assessment": "on_demand_assessments",
    "other": "other",
}
"""The group in which each service stands, in the order of the page."""

_ORDER: Final = {service: place for place, service in enumerate(GROUPS)}


def answer(question: Question) -> Answer:
    """Return the active contracts in scope, and what was bought and used under them."""
    contracts = [contract for contract in question.contracts() if _is_shown(question, contract)]
    accounts: dict[tuple[str, str, bool], list[Account]] = defaultdict(list)
    for found in _accounts(question, {contract.contract for contract in contracts}):
        entitlement = found.line.entitlement
        key = (entitlement.service, found.unit, not entitlement.limited)
        accounts[key].append(found)
    cases = Counter(
        (listed.row.package, listed.row.entitlement)
        for listed in listed_cases(question)
        if listed.main
    )
    lines = [
        _line(question, *key, accounts[key], cases)
        for key in sorted(accounts, key=lambda key: (_ORDER[key[0]], *key[1:]))
    ]
    return question.answered(
        contracts=[contract_answer(question, contract) for contract in contracts], lines=lines
    )


def _is_shown(question: Question, contract: Contract) -> bool:
    day = question.as_of.date(contract.zone)
    return contract.contract in question.mapped and contract.state(day) == "active"


def contract_answer(question: Question, contract: Contract) -> dict[str, object]:
    """Return a contract as views show it."""
    return {
        "contract": contract.contract,
        "name": contract.name,
        "state": contract.state(question.as_of.date(contract.zone)),
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.end.isoformat() if contract.end else None,
        "workspaces": question.mapped.get(contract.contract, []),
    }


def _accounts(question: Question, contracts: set[str]) -> list[Account]:
    """Return the consumables of the active enterprise packages of contracts."""
    found = []
    for name, contract_name in sorted(question.terms.contract_of.items()):
        package = question.at.package(name) if contract_name in contracts else None
        if package is None or package.kind != "enterprise":
            continue
        contract = question.at.contract(contract_name)
        if package.inactive_because(contract, question.at.day(name)) is None:
            found += [
                question.account(package, line)
                for line in package.lines.values()
                if line.entitlement.tracked
            ]
    return found


def _line(
    question: Question,
    service: str,
    unit: str,
    as_needed: bool,  # noqa: FBT001 - a part of the key of a line
    accounts: list[Account],
    cases: Counter[tuple[str | None, str | None]],
) -> dict[str, object]:
    hidden = question.hides(unit)

    def shown(amount: int | None) -> str | None:
        return None if hidden else quantity(amount)

    return {
        "group": GROUPS[service],
        "service": service,
        "unit": unit,
        "as_needed": as_needed,
        "granted": quantity(total(account.granted for account in accounts)),
        "consumed": shown(sum(account.consumed for account in accounts)),
        "consumed_in_scope": shown(sum(account.consumed_in_scope for account in accounts)),
        "expired": shown(sum(account.expired for account in accounts)),
        "reserved": quantity(sum(account.reserved for account in accounts)),
        "remaining": shown(total(account.remaining for account in accounts)),
        "available": shown(total(account.available for account in accounts)),
        "overage": shown(sum(account.overage for account in accounts)),
        "delivered_hours": quantity(sum(account.delivered_hours for account in accounts)),
        "cases": sum(
            cases[account.package.package, account.line.entitlement.entitlement]
            for account in accounts
        ),
    }
