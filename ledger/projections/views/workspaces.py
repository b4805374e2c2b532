"""The workspaces: whose they are, and which contracts they show."""

from ledger.projections.filters import Answer
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return every workspace in scope that counts at the as-of, by id."""
    shown = []
    for name, created in sorted(question.terms.workspaces.items()):
        zone = question.terms.workspace_zone(name)
        recorded = question.terms.created(name)
        if question.scope.holds(name) and recorded.effective_at <= question.as_of.cut(zone):
            shown.append(
                {
                    "workspace": name,
                    "customer": created.customer,
                    "name": created.name,
                    "timezone": zone,
                    "contracts": [
                        contract for contract, where in question.mapped.items() if name in where
                    ],
                }
            )
    return question.answered(workspaces=shown)
