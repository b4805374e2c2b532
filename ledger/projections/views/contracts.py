"""The contracts: their periods, their states, and where they are mapped."""

from ledger.projections.filters import Answer
from ledger.projections.question import Question
from ledger.projections.views.summary import contract_answer


def answer(question: Question) -> Answer:
    """Return every contract in scope, whatever its state, by id."""
    return question.answered(
        contracts=[
            {
                **contract_answer(question, contract),
                "customer": contract.customer,
                "plan": contract.plan,
                "timezone": contract.zone,
                "terminated_on": (
                    contract.terminated_on.isoformat() if contract.terminated_on else None
                ),
                "successors": list(filter(question.knows_contract, contract.successors)),
                "packages": sorted(
                    package
                    for package, under in question.terms.contract_of.items()
                    if under == contract.contract and question.at.package(package) is not None
                ),
            }
            for contract in question.contracts()
        ]
    )
