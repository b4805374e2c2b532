"""The packages: what each holds, what was used of it, what is left, and when it ends."""

from ledger.domain.aggregates.package import Package
from ledger.projections.balances.figures import consumable_answer
from ledger.projections.filters import Answer
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return the packages that the filters show, by contract and id."""
    shown = []
    for name in question.package_ids():
        package = question.at.package(name)
        if package is not None and _kind_is_shown(question, package):
            found = package_answer(question, package)
            if _is_shown(question, found):
                shown.append(found)
    shown.sort(key=lambda found: (str(found["contract"]), str(found["package"])))
    return question.answered(**question.period_asked(), packages=shown)


def _kind_is_shown(question: Question, package: Package) -> bool:
    return (question.filters.kind or "addon") in {"all", package.kind}


def _is_shown(question: Question, found: dict[str, object]) -> bool:
    if question.filters.state not in {"all", found["state"]}:
        return False
    days_left = found["days_left"]
    expiring = question.filters.expiring
    return expiring is None or (isinstance(days_left, int) and days_left <= expiring)


def package_answer(question: Question, package: Package) -> dict[str, object]:
    """Return a package as views show it."""
    contract, day = question.at.contract(package.contract), question.at.day(package.package)
    reason = package.inactive_because(contract, day)
    lines = list(package.lines.values())
    return {
        "contract": package.contract,
        "package": package.package,
        "kind": package.kind,
        "name": package.name,
        "state": "active" if reason is None else "inactive",
        "reason": reason,
        "starts_on": package.starts_on.isoformat(),
        "ends_on": package.ends_on.isoformat(),
        "days_left": package.days_left(contract, day),
        "consumables": [
            consumable_answer(question, package, line) for line in lines if line.entitlement.tracked
        ],
        "benefits": [
            {
                "entitlement": line.entitlement.entitlement,
                "name": line.entitlement.name,
                "description": line.entitlement.description,
            }
            for line in lines
            if not line.entitlement.tracked
        ],
    }
