"""The report of a contract, the customer's proof of delivery: made of the views, and nothing else.

Every number in it is a number of a view, asked for the same two dates by the same viewer.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.values.calendar import local_date
from ledger.domain.values.quantities import format_quantity
from ledger.errors import NotFound, UsageError
from ledger.projections.balances.accounts import balance_of
from ledger.projections.balances.movements import movements
from ledger.projections.balances.series import series
from ledger.projections.filters import Answer, Filters
from ledger.projections.learners import hidden_starts
from ledger.projections.question import Question
from ledger.projections.views import additional, contracts, packages, statement

VERSION: Final = 1
"""The version of this report's form."""

_HEAD: Final = frozenset({"as_of", "known_at", "position", "limited"})


def answer(question: Question) -> Answer:
    """Return the report of the contract that is asked for.

    What would give hidden cases away is left out, and named in `left_out`. What would give hidden
    learners away has no more than a balance and a statement, and is named in `summed`. Raises
    NotFound where the contract does not count at the as-of.
    """
    if len(question.filters.contracts) != 1:
        raise UsageError("a report is of one contract: name it")
    (name,) = question.filters.contracts
    found: list[Any] = _asked(question, contracts.answer, contracts=(name,))["contracts"]
    if not found:
        raise NotFound(
            "there is no contract {name} as of {as_of}", name=name, as_of=question.as_of.echo()
        )
    (contract,) = found
    held = _asked(question, packages.answer, contracts=(name,), kind="all", state="all")
    lines = list(_lines(question, held["packages"]))
    stated = [(package, line) for package, line in lines if not question.hides(_unit(line))]
    summed = [place for place in stated if hidden_starts(question, *place)]
    shown = [place for place in stated if place not in summed]
    return question.answered(
        report=VERSION,
        expiry_basis=question.filters.expiry_basis,
        contract=contract,
        packages=held["packages"],
        burn_downs=[
            series(question, package, line) for package, line in shown if line.entitlement.limited
        ],
        expiring=_expiring(question, shown),
        deliveries=_deliveries(question, shown),
        additional=_additional(question, name, contract["workspaces"]),
        statements=list(_statements(question, stated)),
        left_out=[
            {**_place(package, line), "reason": "fed_by_cases"}
            for package, line in lines
            if question.hides(_unit(line))
        ],
        **({"summed": [_place(*place) for place in summed]} if summed else {}),
    )


def _asked(question: Question, view: Any, **filters: Any) -> dict[str, Any]:
    """Return what a view answers to the same question with other filters."""
    basis = question.filters.expiry_basis
    narrowed = replace(question, filters=Filters(expiry_basis=basis, **filters))
    found = view(narrowed)
    assert isinstance(found, dict)
    return {key: value for key, value in found.items() if key not in _HEAD}


def _lines(
    question: Question, shown: list[dict[str, Any]]
) -> Iterator[tuple[Package, PackageLine]]:
    """Yield the consumables of the packages that are shown, in their order."""
    for name in [found["package"] for found in shown]:
        package = question.at.package(name)
        assert package is not None
        for line in package.lines.values():
            if line.entitlement.tracked:
                yield package, line


def _unit(line: PackageLine) -> str:
    assert line.entitlement.unit is not None
    return line.entitlement.unit


def _place(package: Package, line: PackageLine) -> dict[str, object]:
    entitlement = line.entitlement
    return {
        "package": package.package,
        "entitlement": entitlement.entitlement,
        "name": entitlement.name,
        "unit": entitlement.unit,
    }


def _expiring(
    question: Question, shown: list[tuple[Package, PackageLine]]
) -> list[dict[str, object]]:
    """Return what is left in lots, by the last day on which it may be used."""
    found: list[dict[str, object]] = []
    for package, line in shown:
        if not line.entitlement.limited or line.entitlement.unit == "seat":
            continue
        zone = question.terms.package_zone(package.package)
        left: dict[str, int] = defaultdict(int)
        for end, amount in balance_of(question.books, question.at, package, line).left:
            left[local_date(end - 1, zone).isoformat()] += amount
        found += [
            {"on": day, **_place(package, line), "quantity": format_quantity(left[day])}
            for day in sorted(left)
        ]
    return sorted(found, key=lambda row: str(row["on"]))


def _deliveries(
    question: Question, shown: list[tuple[Package, PackageLine]]
) -> list[dict[str, object]]:
    """Return what was consumed in each month, less what was given back in it."""
    found: list[dict[str, object]] = []
    for package, line in shown:
        zone = question.terms.package_zone(package.package)
        sign = -1 if line.entitlement.limited else 1
        months: dict[str, int] = defaultdict(int)
        for movement in movements(question, package, line):
            if movement.step.kind in {"consumed", "refunded"}:
                month = local_date(movement.step.at, zone).isoformat()[:7]
                months[month] += sign * movement.step.change
        found += [
            {"month": month, **_place(package, line), "consumed": format_quantity(months[month])}
            for month in sorted(months)
        ]
    return found


def _additional(question: Question, contract: str, workspaces: list[str]) -> dict[str, object]:
    """Return the additional cases under the contract, and those under none in its workspaces."""
    under = _asked(question, additional.answer, contracts=(contract,))
    everywhere: list[Any] = _asked(question, additional.answer)["cases"]
    return {
        "services": under["services"],
        "cases": under["cases"],
        "without_contract": [
            case
            for case in everywhere
            if case["workspace"] in workspaces and "missing_contract" in case["reasons"]
        ],
    }


def _statements(
    question: Question, shown: list[tuple[Package, PackageLine]]
) -> Iterator[dict[str, object]]:
    """Yield the statement of each consumable that anything has moved."""
    for package, line in shown:
        name, entitlement = package.package, line.entitlement.entitlement
        found = _asked(question, statement.answer, package=name, entitlement=entitlement)
        if found["lines"]:
            yield {**_place(package, line), "lines": found["lines"]}
