"""The grid of credits: what each entitlement holds, and every movement with its balance."""

from operator import attrgetter
from typing import Final, NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.events.credits import CreditConsumed
from ledger.domain.events.engagements import EngagementDelivered, EngagementFact
from ledger.domain.values.calendar import local_date
from ledger.projections.balances.accounts import balance_of
from ledger.projections.balances.movements import Movement, movements
from ledger.projections.drill_down import asked_entitlement, consumables
from ledger.projections.filters import Answer
from ledger.projections.grid.columns import Column, Grid, Kind
from ledger.projections.grid.grid import grid
from ledger.projections.question import Question, quantity
from ledger.projections.views.statement import what_of

_SPENDING: Final = (CreditConsumed, EngagementDelivered)


class _Moved(NamedTuple):
    """A movement of credits, with its place and its number there."""

    package: str
    entitlement: str
    number: int
    movement: Movement

    @property
    def event(self) -> object:
        """The event that moved them; None where a day did."""
        return self.movement.recorded.event if self.movement.recorded is not None else None


def answer(question: Question) -> Answer:
    """Return a header for each entitlement, and its movements in scope, in order.

    What happened out of scope is no row; the balances count it all the same.
    """
    places = list(consumables(question, "credit"))
    headers = [_header(question, package, line) for package, line in places]
    moved = [
        _Moved(package.package, line.entitlement.entitlement, number, movement)
        for package, line in places
        for number, movement in enumerate(movements(question, package, line))
        if not movement.elsewhere
    ]
    asked = asked_entitlement(question)
    entitlement = asked.get("entitlement")
    if isinstance(entitlement, dict) and headers:
        asked = {"entitlement": {**entitlement, **headers[0]}}
    return question.answered(**asked, accounts=headers, **grid(question, _shape(question), moved))


def _header(question: Question, package: Package, line: PackageLine) -> dict[str, object]:
    """Return what an entitlement holds, and what of it expires next."""
    account = question.account(package, line)
    next_expiry, expires = None, None
    if line.entitlement.limited:
        left = balance_of(question.books, question.at, package, line).left
        if left:
            end = min(left)[0]
            zone = question.terms.package_zone(package.package)
            next_expiry = local_date(end - 1, zone).isoformat()
            expires = sum(amount for at, amount in left if at == end)
    return {
        "contract": package.contract,
        "package": package.package,
        "entitlement": line.entitlement.entitlement,
        "name": line.entitlement.name,
        "purchased": quantity(account.granted),
        "used": quantity(account.consumed),
        "used_elsewhere": quantity(account.used_elsewhere),
        "reserved": quantity(account.reserved),
        "expired": quantity(account.expired),
        "remaining": quantity(account.remaining),
        "next_expiry": next_expiry,
        "next_expiry_quantity": quantity(expires),
    }


def _shape(question: Question) -> Grid[_Moved]:
    contract: Column[_Moved] = Column(
        "contract", "text", lambda moved: question.contract_of(moved.package)
    )
    return Grid(
        columns=(
            Column("date", "instant", attrgetter("movement.step.at")),
            Column("what", "text", lambda moved: what_of(moved.movement)),
            Column("service", "text", _service),
            _of_event("quantity", "quantity"),
            _of_event("unit_price", "quantity"),
            _of_event("price_list", "text"),
            Column("credits", "quantity", attrgetter("movement.step.change")),
            Column("balance", "quantity", attrgetter("movement.balance")),
            _of_event("hours", "quantity"),
            _of_event("engagement", "text"),
            Column("workspace", "text", attrgetter("movement.workspace")),
            contract,
            Column("package", "text", attrgetter("package")),
            Column("entitlement", "text", attrgetter("entitlement")),
            Column("type", "text", lambda moved: getattr(moved.event, "type_name", None)),
        ),
        identity=_identity,
        order=_identity,
        date=attrgetter("movement.step.at"),
        zone=lambda moved: question.terms.package_zone(moved.package),
        places=lambda moved: (
            question.contract_of(moved.package),
            moved.package,
            moved.entitlement,
        ),
    )


def _of_event(name: str, kind: Kind) -> Column[_Moved]:
    """Return a column of what events that spend credits say; other events have other fields."""

    def of(moved: _Moved) -> object:
        return getattr(moved.event, name, None) if isinstance(moved.event, _SPENDING) else None

    return Column(name, kind, of)


def _service(moved: _Moved) -> str | None:
    """Return what credits were spent on: as it was named, else the kind of engagement."""
    event = moved.event
    if isinstance(event, CreditConsumed):
        return event.service
    return event.type_name.partition(".")[0] if isinstance(event, EngagementFact) else None


def _identity(moved: _Moved) -> list[str | int]:
    return [moved.package, moved.entitlement, moved.number]
