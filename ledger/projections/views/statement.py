"""The statement of one entitlement: every line that moved its balance, the last being its end."""

from typing import Final

from ledger.domain.as_of import AsOf
from ledger.domain.burndown import Step
from ledger.domain.instants import format_instant
from ledger.domain.packages import Line, Package
from ledger.domain.postings import FOREVER
from ledger.domain.quantities import format_quantity
from ledger.domain.recorded import Recorded
from ledger.errors import NotAllowed, NotFound
from ledger.projections.accounts import balance_of, flows
from ledger.projections.question import Answer, Question

_WHAT: Final = {
    "started": "lot_started",
    "expired": "lot_expired",
    "lost": "refund_expired",
    "consumed": "consumed",
    "refunded": "returned",
}
_WHAT_OF_TERMS: Final = {
    ("started", "entitlement.adjusted"): "adjusted",
    ("taken", "entitlement.adjusted"): "adjusted",
    ("started", "entitlement.transferred"): "transferred_in",
    ("taken", "entitlement.transferred"): "transferred_out",
}
_AT_THE_END_OF_TIME: Final = AsOf(instant=FOREVER)


def answer(question: Question) -> Answer:
    """Return the lines of an entitlement until the as-of, each with the balance after it."""
    name, entitlement = question.filters.package, question.filters.entitlement
    assert name is not None
    assert entitlement is not None
    if name not in question.package_ids():
        raise NotFound(f"there is no package {name}")
    package, line = question.at.package(name), question.at.line(name, entitlement)
    if not _is_recorded(question, name, entitlement):
        raise NotFound(f"package {name} has no entitlement {entitlement}")
    unit = line.entitlement.unit if line is not None else None
    if unit is not None and question.hides(unit):
        raise NotAllowed(f"{entitlement} is fed by cases that you may not all see")
    lines: list[dict[str, object]] = []
    if package is not None and line is not None and line.entitlement.tracked:
        lines = _lines(question, package, line)
    return question.answered(package=name, entitlement=entitlement, unit=unit, lines=lines)


def _is_recorded(question: Question, package: str, entitlement: str) -> bool:
    """Return whether an entitlement is in a package, at whatever time."""
    return question.terms.at(_AT_THE_END_OF_TIME).line(package, entitlement) is not None


def _lines(question: Question, package: Package, line: Line) -> list[dict[str, object]]:
    steps = _steps(question, package, line)
    events = question.events({step.position for step in steps if step.position is not None})
    lines = []
    balance = 0
    for step in steps:
        balance += step.change
        recorded = events[step.position] if step.position is not None else None
        lines.append(_line(step, recorded, balance))
    return lines


def _steps(question: Question, package: Package, line: Line) -> list[Step]:
    if line.entitlement.limited:
        return balance_of(question.books, question.at, package, line, with_steps=True).steps
    cut = question.at.cut(package.package)
    return [
        Step("consumed" if flow.amount > 0 else "refunded", flow.at, flow.position, flow.amount)
        for flow in flows(question.books, package, line, cut)
    ]


def _line(step: Step, recorded: Recorded | None, balance: int) -> dict[str, object]:
    type_name = recorded.event.type_name if recorded else None
    return {
        "position": step.position,
        "source": recorded.source if recorded else None,
        "id": recorded.id if recorded else None,
        "type": type_name,
        "effective_at": format_instant(step.at),
        "recorded_at": format_instant(recorded.recorded_at) if recorded else None,
        "what": _WHAT_OF_TERMS.get((step.kind, type_name or "")) or _WHAT[step.kind],
        "change": format_quantity(step.change),
        "balance": format_quantity(balance),
    }
