"""Drill-downs: the entitlement that one is asked for, and the rows in scope behind it."""

from collections.abc import Iterator
from typing import Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.deliveries.rows import (
    FOREVER,
    AssessmentRow,
    ContactRow,
    CourseRow,
    DerivedRow,
    EngagementRow,
)
from ledger.domain.values.as_of import AsOf
from ledger.errors import NotFound, UsageError
from ledger.projections.balances.figures import consumable_answer
from ledger.projections.conditions import Condition
from ledger.projections.question import Question

_TABLES: Final[dict[type, str]] = {
    EngagementRow: "engagements",
    CourseRow: "courses",
    ContactRow: "contacts",
    AssessmentRow: "assessments",
}
_AT_THE_END_OF_TIME: Final = AsOf(instant=FOREVER)


def rows_in_scope(question: Question, kind: type[DerivedRow]) -> Iterator[DerivedRow]:
    """Yield what each thing of a kind in the workspaces in scope looks like at its own cut."""
    cuts = question.cuts()
    scope: Condition = question.in_scope()
    rows = question.books.rows(
        f"SELECT {', '.join(kind._fields)} FROM {_TABLES[kind]}"
        f" WHERE from_at <= ? AND until > ? AND {scope.text}",
        (max(cuts.values()), min(cuts.values()), *scope.parameters),
    )
    for row in map(kind._make, rows):
        if row.from_at <= cuts[zone_of(question, row)] < row.until:
            yield row


def zone_of(question: Question, row: DerivedRow) -> str:
    """Return the time zone in which a row is cut."""
    return question.terms.package_zone(row.zone_package, row.zone_workspace)


def is_recorded(question: Question, package: str, entitlement: str) -> bool:
    """Return whether an entitlement is in a package, at whatever time."""
    return question.terms.at(_AT_THE_END_OF_TIME).line(package, entitlement) is not None


def consumables(question: Question, unit: str) -> Iterator[tuple[Package, PackageLine]]:
    """Yield the consumables of a unit that the scope and the filters show, by package."""
    filters = question.filters
    for name in question.package_ids():
        package = question.at.package(name)
        if package is None or filters.package not in {None, name}:
            continue
        for line in package.lines.values():
            if line.entitlement.unit == unit and filters.entitlement in {
                None,
                line.entitlement.entitlement,
            }:
                yield package, line


def asked_entitlement(question: Question) -> dict[str, object]:
    """Return `entitlement`, with its balance, where a drill-down is asked for one; else nothing.

    It is null where it does not count at the as-of. Raises UsageError where its package is not
    named, and NotFound where it is not recorded or may not be seen.
    """
    name, entitlement = question.filters.package, question.filters.entitlement
    if entitlement is None:
        return {}
    if name is None:
        raise UsageError("name the package of the entitlement, with --package")
    if not question.knows_package(name):
        raise NotFound("there is no package {name}", name=name)
    if not is_recorded(question, name, entitlement):
        raise NotFound(
            "package {name} has no entitlement {entitlement}", name=name, entitlement=entitlement
        )
    package, line = question.at.package(name), question.at.line(name, entitlement)
    if package is None or line is None:
        return {"entitlement": None}
    return {
        "entitlement": {
            "package": name,
            "entitlement": entitlement,
            "name": line.entitlement.name,
            "description": line.entitlement.description,
            "action_url": line.entitlement.action_url,
            "balance": (
                consumable_answer(question, package, line) if line.entitlement.tracked else None
            ),
        }
    }
