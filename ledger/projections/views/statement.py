"""The statement of one entitlement: every line that moved its balance, the last being its end."""

from typing import Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.values.calendar import day_start
from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import format_quantity
from ledger.errors import NotAllowed, NotFound, UsageError
from ledger.projections.balances.movements import Movement, moved_since, movements
from ledger.projections.drill_down import is_recorded
from ledger.projections.filters import Answer
from ledger.projections.question import Question

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


def answer(question: Question) -> Answer:
    """Return the lines of an entitlement until the as-of, each with the balance after it.

    What happened out of a viewer's scope has its time and its change, and nothing else of it; what
    learners started whom the viewer may not see is one line.
    """
    name, entitlement = question.filters.package, question.filters.entitlement
    if name is None or entitlement is None:
        raise UsageError("name the package and the entitlement")
    if name not in question.package_ids():
        raise NotFound("there is no package {name}", name=name)
    package, line = question.at.package(name), question.at.line(name, entitlement)
    if not is_recorded(question, name, entitlement):
        raise NotFound(
            "package {name} has no entitlement {entitlement}", name=name, entitlement=entitlement
        )
    unit = line.entitlement.unit if line is not None else None
    if unit is not None and question.hides(unit):
        raise NotAllowed(
            "{entitlement} is fed by cases that you may not all see", entitlement=entitlement
        )
    lines: list[dict[str, object]] = []
    if package is not None and line is not None and line.entitlement.tracked:
        lines = _lines(question, package, line)
    return question.answered(
        **question.period_asked(), package=name, entitlement=entitlement, unit=unit, lines=lines
    )


def _lines(question: Question, package: Package, line: PackageLine) -> list[dict[str, object]]:
    """Return the lines; those before the period that is asked for as one, brought forward."""
    if question.period_day is None:
        return [
            statement_line(question, movement) for movement in movements(question, package, line)
        ]
    start = day_start(question.period_day, question.terms.package_zone(package.package))
    moved = moved_since(question, package, line, start)
    forward = {
        **_nothing(start),
        "what": "brought_forward",
        "change": None,
        "balance": format_quantity(moved.forward),
    }
    return [forward, *(statement_line(question, movement) for movement in moved.lines)]


def what_of(movement: Movement) -> str:
    """Return what a line did to the balance."""
    kind = movement.step.kind
    if movement.summed and kind == "consumed":
        return "used_by_others"
    type_name = movement.recorded.event.type_name if movement.recorded else ""
    return _WHAT_OF_TERMS.get((kind, type_name)) or _WHAT[kind]


def statement_line(question: Question, movement: Movement) -> dict[str, object]:
    """Return a line as a statement shows it, as far as the viewer may see its event."""
    step, recorded = movement.step, movement.recorded
    amounts = {
        "change": format_quantity(step.change),
        "balance": format_quantity(movement.balance),
    }
    if recorded is None or (movement.elsewhere and question.scope.viewer is not None):
        what = what_of(movement) if recorded is None else "used_elsewhere"
        return {**_nothing(None if movement.summed else step.at), "what": what, **amounts}
    return {
        "position": step.position,
        "source": recorded.source,
        "id": recorded.id,
        "type": recorded.event.type_name,
        "effective_at": format_instant(step.at),
        "recorded_at": format_instant(recorded.recorded_at),
        "what": what_of(movement),
        **amounts,
    }


def _nothing(at: int | None) -> dict[str, object]:
    """Return what a line says of its event where it has none, or none that may be seen."""
    return {
        "position": None,
        "source": None,
        "id": None,
        "type": None,
        "effective_at": None if at is None else format_instant(at),
        "recorded_at": None,
    }
