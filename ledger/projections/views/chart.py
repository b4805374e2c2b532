"""The chart: how the balance of each consumable of a package has gone, and where it is going."""

from ledger.errors import NotAllowed, NotFound
from ledger.projections.balances.series import series
from ledger.projections.drill_down import is_recorded
from ledger.projections.filters import Answer
from ledger.projections.learners import hidden_starts
from ledger.projections.question import Question


def answer(question: Question) -> Answer:
    """Return a series for each limited consumable of a package, or for the one asked for.

    Those that would give hidden cases or learners away are named in `left_out`. Raises NotFound,
    and NotAllowed where such a one is asked for.
    """
    name, entitlement = question.filters.package, question.filters.entitlement
    assert name is not None
    if name not in question.package_ids():
        raise NotFound("there is no package {name}", name=name)
    if entitlement is not None and not is_recorded(question, name, entitlement):
        raise NotFound(
            "package {name} has no entitlement {entitlement}", name=name, entitlement=entitlement
        )
    package = question.at.package(name)
    found: list[dict[str, object]] = []
    left_out: list[dict[str, object]] = []
    for line in package.lines.values() if package is not None else ():
        unit, own = line.entitlement.unit, line.entitlement.entitlement
        if package is None or unit is None or entitlement not in {None, own}:
            continue
        if entitlement is None and not line.entitlement.limited:
            continue
        learners = bool(hidden_starts(question, package, line))
        if not question.hides(unit) and not learners:
            found.append(series(question, package, line))
        elif entitlement is None:
            left_out.append({"package": name, "entitlement": own, "name": line.entitlement.name})
        elif learners:
            raise NotAllowed(
                "{entitlement} is fed by learners whom you may not all see", entitlement=own
            )
        else:
            raise NotAllowed(
                "{entitlement} is fed by cases that you may not all see", entitlement=own
            )
    return question.answered(package=name, series=found, left_out=left_out)
