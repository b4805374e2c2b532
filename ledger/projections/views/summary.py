"""The enterprise summary: one line for each service and unit, over all contracts in scope."""

from collections import defaultdict
from typing import Final

from ledger.domain.aggregates.contract import Contract
from ledger.projections.balances.accounts import Account
from ledger.projections.balances.figures import figures
from ledger.projections.cases.counts import CaseCounts, count_cases
from ledger.projections.filters import Answer
from ledger.projections.question import Question

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
    cases = count_cases(question)
    lines = [
        _line(question, *key, accounts[key], cases)
        for key in sorted(accounts, key=lambda key: (_ORDER[key[0]], *key[1:]))
    ]
    return question.answered(
        **question.period_asked(),
        contracts=[contract_answer(question, contract) for contract in contracts],
        lines=lines,
    )


def _is_shown(question: Question, contract: Contract) -> bool:
    day = question.as_of.date(contract.zone)
    return contract.contract in question.mapped and contract.state(day) == "active"


def contract_answer(question: Question, contract: Contract) -> dict[str, object]:
    """Return a contract as views show it."""
    day = question.as_of.date(contract.zone)
    state = contract.state(day)
    return {
        "contract": contract.contract,
        "name": contract.name,
        "state": state,
        "starts_on": contract.starts_on.isoformat(),
        "ends_on": contract.end.isoformat() if contract.end else None,
        "days_left": (contract.end - day).days if state == "active" and contract.end else None,
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
    cases: CaseCounts,
) -> dict[str, object]:
    places = {(found.package.package, found.line.entitlement.entitlement) for found in accounts}
    line: dict[str, object] = {
        "group": GROUPS[service],
        "service": service,
        "unit": unit,
        "as_needed": as_needed,
        **figures(
            question,
            unit,
            accounts,
            [question.period(found.package, found.line) for found in accounts],
        ),
        "cases": sum(cases.listed[place] for place in places),
    }
    if question.period_day is not None:
        line["cases_in_period"] = sum(cases.in_period[place] for place in places)
    return line
