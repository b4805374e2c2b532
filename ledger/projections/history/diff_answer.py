"""The answer of a difference: balances and their moves, states, and additional cases."""

from collections.abc import Callable
from typing import Final

from ledger.domain.recorded import Recorded
from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import format_quantity
from ledger.errors import NotFound
from ledger.projections.cases.listing import listed_cases
from ledger.projections.filters import Answer
from ledger.projections.history.diff import Changed, Dates, Move, Side, changed
from ledger.projections.question import Question, quantity

_BALANCE: Final = (
    *("granted", "consumed", "expired", "reserved", "remaining", "available", "overage"),
)

State = Callable[[Question, str], dict[str, object] | None]


def difference(dates: Dates) -> Answer:
    """Return what is other at the dates of `after` than at those of `before`, and by what.

    Raises NotFound for what is asked for and is recorded at neither, and NotAllowed where figures
    would give hidden cases away.
    """
    before, _middle, after = dates
    entitlement = dates.latest.filters.entitlement
    found = list(changed(dates, entitlement))
    if entitlement is not None and not found:
        _check(dates, entitlement)
    return after.answered(
        **{"from": {"as_of": before.as_of.echo(), **_known(before)}},
        entitlements=[_entitlement(one) for one in found],
        moves=_moves(dates.latest, found),
        contracts=_states(dates, "contract", _contracts(dates), _contract_state),
        packages=_states(dates, "package", dates.latest.package_ids(), _package_state),
        additional=_additional(dates),
    )


def is_different(answer: Answer) -> bool:
    """Return whether a difference was found."""
    return any(
        answer[key] for key in ("entitlements", "moves", "contracts", "packages", "additional")
    )


def _check(dates: Dates, entitlement: str) -> None:
    """Raise NotFound where no package that is shown has an entitlement, at either date."""
    for package in dates.latest.package_ids():
        if any(question.at.line(package, entitlement) is not None for question in dates):
            return
    raise NotFound(
        "there is no entitlement {entitlement} in what is asked for", entitlement=entitlement
    )


def _known(question: Question) -> dict[str, object]:
    return {"known_at": question.known_at, "position": question.position}


def _figures(side: Side | None) -> dict[str, object] | None:
    if side is None:
        return None
    return {name: quantity(getattr(side.account, name)) for name in _BALANCE}


def _entitlement(one: Changed) -> dict[str, object]:
    first, _second, last = one.sides
    shown = last or first
    return {
        "package": one.package,
        "entitlement": one.entitlement,
        "unit": shown.line.entitlement.unit if shown else None,
        "from": _figures(first),
        "to": _figures(last),
        "change": {name: format_quantity(_change(first, last, name)) for name in _BALANCE},
    }


def _change(first: Side | None, last: Side | None, name: str) -> int:
    """Return by how much a figure changed; one that is not there counts as zero."""
    was, now = (getattr(each.account, name) if each else None for each in (first, last))
    return (now or 0) - (was or 0)


def _moves(latest: Question, found: list[Changed]) -> list[dict[str, object]]:
    positions = {move.key.position for one in found for move in one.moves}
    events = latest.events({position for position in positions if position is not None})
    return [_move(one, move, events) for one in found for move in one.moves]


def _move(one: Changed, move: Move, events: dict[int, Recorded]) -> dict[str, object]:
    position = move.key.position
    hidden = any(side is not None and position in side.elsewhere for side in one.sides)
    recorded = events[position] if position is not None and not hidden else None
    return {
        "package": one.package,
        "entitlement": one.entitlement,
        "stride": move.stride,
        "figure": move.key.figure,
        "change": format_quantity(move.change),
        "effective_at": None if move.key.summed else format_instant(move.at),
        **_event(recorded),
        "type": recorded.event.type_name if recorded else None,
        "recorded_at": format_instant(recorded.recorded_at) if recorded else None,
        "lot": move.key.lot,
        "because": [] if hidden else [_event(each) for each in one.because(move)],
    }


def _event(recorded: Recorded | None) -> dict[str, object]:
    return {
        "position": recorded.position if recorded else None,
        "source": recorded.source if recorded else None,
        "id": recorded.id if recorded else None,
    }


def _contracts(dates: Dates) -> list[str]:
    """Return the contracts that the filters show, those of the packages among them."""
    latest = dates.latest
    if latest.filters.packages or latest.filters.entitlement is not None:
        return sorted({latest.terms.contract_of[name] for name in latest.package_ids()})
    latest.contracts()
    return [
        name
        for name in sorted(latest.filters.contracts or latest.terms.contracts)
        if latest.scope.workspaces is None or any(name in each.mapped for each in dates)
    ]


def _states(dates: Dates, kind: str, names: list[str], state: State) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for name in names:
        was, now = state(dates.before, name), state(dates.after, name)
        if was != now:
            found.append({kind: name, "from": was, "to": now})
    return found


def _contract_state(question: Question, name: str) -> dict[str, object] | None:
    contract = question.at.contract(name)
    if contract is None:
        return None
    return {"state": contract.state(question.as_of.date(contract.zone))}


def _package_state(question: Question, name: str) -> dict[str, object] | None:
    package = question.at.package(name)
    if package is None:
        return None
    contract = question.at.contract(package.contract)
    reason = package.inactive_because(contract, question.at.day(name))
    return {"state": "active" if reason is None else "inactive", "reason": reason}


def _additional(dates: Dates) -> list[dict[str, object]]:
    was, now = _reasons(dates.before), _reasons(dates.after)
    return [
        {"case": case, "from": was.get(case), "to": now.get(case)}
        for case in sorted(was.keys() | now.keys())
        if was.get(case) != now.get(case)
    ]


def _reasons(question: Question) -> dict[str, list[str]]:
    """Return the additional cases that the filters show, each with its reasons."""
    filters = question.filters
    return {
        listed.row.case: list(listed.reasons)
        for listed in listed_cases(question, "additional")
        if (not filters.contracts or listed.row.contract in filters.contracts)
        and (not filters.packages or listed.row.package in filters.packages)
        and filters.entitlement in {None, listed.row.entitlement}
    }
