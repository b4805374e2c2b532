"""The journal for a second engine: every balance as transactions that hledger adds up by itself.

Each consumable is an account in a commodity of its own, and every line of its statement is a
transaction between that account and where the quantity came from or went. Amounts are rounded so
that after every transaction each account shows exactly the figure that the views show; what that
takes, a billionth now and then, stands on an account for roundings.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.attribution import Piece, PieceKind
from ledger.domain.recorded import Recorded
from ledger.domain.values.calendar import local_date
from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import NANO, format_quantity, round_half_even
from ledger.projections.balances.lines import pieces_of
from ledger.projections.question import Question

_OTHER_SIDE: Final[dict[PieceKind, str]] = {
    "granted": "equity:granted",
    "taken": "equity:granted",
    "burned": "expenses:consumed",
    "returned": "expenses:consumed",
    "expired": "expenses:expired",
    "lost": "expenses:expired",
}
_AS_NEEDED: Final = "equity:as needed"
_ROUNDING: Final = "equity:rounding"
_UNSAFE: Final = frozenset('%:;"@=()[]{}<>*!|#,\\')
"""Characters that mean something to hledger, and are written as `%` and two digits."""


class _Entry(NamedTuple):
    """One line of a statement: the pieces of one event at one instant, on one other account."""

    at: int
    position: int | None
    kind: PieceKind
    lot: int | None
    change: int


def journal(question: Question) -> Iterator[str]:
    """Yield the journal of every consumable that the filters show, in whole lines."""
    yield f"; cpod, as of {question.as_of.echo()}, position {question.position}\n"
    yield "decimal-mark .\n"
    for name in question.package_ids():
        package = question.at.package(name)
        for line in package.lines.values() if package is not None else ():
            if package is not None and line.entitlement.tracked:
                yield from _entitlement(question, package, line)


def accounts_of(package: str, entitlement: str) -> dict[str, str]:
    """Return the accounts that the figures of a consumable are read from, by figure.

    What was granted stands there below zero.
    """
    place = place_of(package, entitlement)
    return {
        "remaining": f"assets:{place}",
        "granted": f"equity:granted:{place}",
        "consumed": f"expenses:consumed:{place}",
        "expired": f"expenses:expired:{place}",
    }


def place_of(package: str, entitlement: str) -> str:
    """Return what a consumable is called in the names of its accounts."""
    return f"{_written(package)}:{_written(entitlement)}"


def _written(text: str) -> str:
    """Return an id as a part of an account's name: nothing in it means anything to hledger."""
    return "".join(
        character
        if character.isprintable() and character not in _UNSAFE and not character.isspace()
        else "".join(f"%{byte:02X}" for byte in character.encode())
        for character in text
    )


def _entitlement(question: Question, package: Package, line: PackageLine) -> Iterator[str]:
    entries = list(_entries(pieces_of(question, package, line)))
    positions = {entry.position for entry in entries} - {None}
    events = question.events({position for position in positions if position is not None})
    place = place_of(package.package, line.entitlement.entitlement)
    zone = question.terms.package_zone(package.package)
    commodity = f'"{place}"'
    yield f"\n; {_comment(line.entitlement.name)}, {line.entitlement.unit}\n"
    yield f"commodity 1.000000000 {commodity}\n"
    own = f"assets:{place}" if line.entitlement.limited else f"{_AS_NEEDED}:{place}"
    sums: dict[str, int] = {}
    for entry in entries:
        change = entry.change if line.entitlement.limited else -entry.change
        moved = ((own, change), (f"{_OTHER_SIDE[entry.kind]}:{place}", -change))
        amounts = [(account, _rounded(sums, account, amount)) for account, amount in moved]
        rest = -sum(amount for _, amount in amounts)
        if rest:
            amounts.append((f"{_ROUNDING}:{place}", rest))
        recorded = events[entry.position] if entry.position is not None else None
        yield f"\n{local_date(entry.at, zone)} * {_comment(_told(entry, recorded))}\n"
        yield f"    ; at: {format_instant(entry.at)}{_tags(entry, recorded)}\n"
        for account, amount in amounts:
            yield f"    {account}  {format_quantity(amount * NANO)} {commodity}\n"


def _rounded(sums: dict[str, int], account: str, amount: int) -> int:
    """Return by how many billionths an account changes, for its sum to be the one shown."""
    before = sums.get(account, 0)
    sums[account] = before + amount
    return round_half_even(before + amount, NANO) - round_half_even(before, NANO)


def _entries(pieces: Iterable[Piece]) -> Iterator[_Entry]:
    """Yield the lines of a statement: what one event did at one instant, whichever lots it took."""
    last: _Entry | None = None
    for piece in pieces:
        if piece.kind == "covered":
            continue  # overage that a lot covers moves within the account
        lot = piece.lot if piece.kind in {"granted", "expired"} else None
        entry = _Entry(piece.at, piece.position, piece.kind, lot, piece.change)
        if last is not None and last[:4] == entry[:4]:
            last = last._replace(change=last.change + entry.change)
            continue
        if last is not None:
            yield last
        last = entry
    if last is not None:
        yield last


def _told(entry: _Entry, recorded: Recorded | None) -> str:
    if recorded is None:
        return f"lot {entry.lot} expires"
    return f"{recorded.event.type_name} {recorded.id}"


def _tags(entry: _Entry, recorded: Recorded | None) -> str:
    if recorded is None:
        return f", lot: {entry.lot}"
    source = _comment(recorded.source).replace(",", " ")
    return f", position: {recorded.position}, source: {source}"


def _comment(text: str) -> str:
    """Return a text as it may stand in a description: on one line, and ending no comment."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.replace(";", ",").replace("|", "/").split())
