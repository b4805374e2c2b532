"""The unplaced facts: what was delivered, should count on an entitlement, and cannot."""

from typing import Any, Final, Literal, NamedTuple

from ledger.domain.deliveries.postings import FITS, Placed
from ledger.domain.values.instants import format_instant
from ledger.projections.filters import Answer
from ledger.projections.question import Question

Reason = Literal[
    "unknown_package",
    "unknown_entitlement",
    "not_consumable",
    "wrong_unit",
    "no_place",
    "not_opened",
]

_ONLY_WITH_ALL: Final = frozenset({"no_place", "not_opened"})
_COLUMNS: Final = ", ".join(Placed._fields)


class _Unplaced(NamedTuple):
    placed: Placed
    reason: Reason


def answer(question: Question) -> Answer:
    """Return the facts that no balance holds, in order of effective time."""
    question.operator_only("unplaced")
    found = sorted(
        (
            _Unplaced(placed, reason)
            for kind, package, entitlement in _places(question)
            if (reason := _reason(question, kind, package, entitlement)) is not None
            and (question.filters.everything or reason not in _ONLY_WITH_ALL)
            for placed in _facts(question, kind, package, entitlement)
        ),
        key=lambda unplaced: unplaced.placed[0:3:2],
    )
    events = question.events({unplaced.placed.position for unplaced in found})
    facts: list[dict[str, object]] = []
    for placed, reason in found:
        recorded = events[placed.position]
        facts.append(
            {
                "position": placed.position,
                "source": recorded.source,
                "id": recorded.id,
                "type": recorded.event.type_name,
                "effective_at": format_instant(recorded.effective_at),
                "package": placed.package,
                "entitlement": placed.entitlement,
                "reason": reason,
            }
        )
    return question.answered(facts=facts)


def _places(question: Question) -> list[tuple[Any, ...]]:
    return question.books.rows("SELECT DISTINCT kind, package, entitlement FROM placed")


def _reason(
    question: Question, kind: Any, package: str | None, entitlement: str | None
) -> Reason | None:
    """Return why nothing of a kind can count on a place, or None where it can."""
    if kind == "unopened":
        return "not_opened"
    if package is None or entitlement is None:
        return "no_place"
    bought = question.at.package(package)
    if bought is None:
        return "unknown_package"
    line = bought.lines.get(entitlement)
    if line is None:
        return "unknown_entitlement"
    if not line.entitlement.tracked:
        return "not_consumable"
    return None if line.entitlement.unit in FITS[kind] else "wrong_unit"


def _facts(
    question: Question, kind: str, package: str | None, entitlement: str | None
) -> list[Placed]:
    """Return the facts of a kind on a place that stand at the cut of their zone."""
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM placed WHERE kind = ? AND package IS ? AND entitlement IS ?",
        (kind, package, entitlement),
    )
    return [
        placed
        for placed in map(Placed._make, rows)
        if placed.effective_at <= _cut(question, placed) < placed.until
    ]


def _cut(question: Question, placed: Placed) -> int:
    terms = question.terms
    if placed.kind == "case" or placed.opening_workspace is not None:
        zone = terms.case_zone(placed.opening_contract, placed.opening_workspace)
    else:
        zone = terms.package_zone(placed.package, placed.workspace)
    return question.as_of.cut(zone)
