"""The statement of one entitlement: every line that moved its balance, the last being its end."""

from typing import Final

from ledger.domain.calendar import day_start
from ledger.domain.instants import format_instant
from ledger.domain.packages import Line, Package
from ledger.domain.quantities import format_quantity
from ledger.errors import NotAllowed, NotFound, UsageError
from ledger.projections.drill_down import is_recorded
from ledger.projections.filters import Answer
from ledger.projections.movements import Movement, movements
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

    What happened out of a viewer's scope has its time and its change, and nothing else of it.
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


def _lines(question: Question, package: Package, line: Line) -> list[dict[str, object]]:
    """Return the lines; those before the period that is asked for as one, brought forward."""
    moved = movements(question, package, line)
    if question.period_day is None:
        return [_line(question, movement) for movement in moved]
    start = day_start(question.period_day, question.terms.package_zone(package.package))
    before = [movement for movement in moved if movement.step.at < start]
    forward = {
        **_nothing(start),
        "what": "brought_forward",
        "change": None,
        "balance": format_quantity(before[-1].balance if before else 0),
    }
    return [forward, *(_line(question, movement) for movement in moved[len(before) :])]


def what_of(movement: Movement) -> str:
    """Return what a line did to the balance."""
    kind = movement.step.kind
    type_name = movement.recorded.event.type_name if movement.recorded else ""
    return _WHAT_OF_TERMS.get((kind, type_name)) or _WHAT[kind]


def _line(question: Question, movement: Movement) -> dict[str, object]:
    step, recorded = movement.step, movement.recorded
    amounts = {
        "change": format_quantity(step.change),
        "balance": format_quantity(movement.balance),
    }
    if recorded is None or (movement.elsewhere and question.scope.viewer is not None):
        what = what_of(movement) if recorded is None else "used_elsewhere"
        return {**_nothing(step.at), "what": what, **amounts}
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


def _nothing(at: int) -> dict[str, object]:
    """Return what a line says of its event where it has none, or none that may be seen."""
    return {
        "position": None,
        "source": None,
        "id": None,
        "type": None,
        "effective_at": format_instant(at),
        "recorded_at": None,
    }
