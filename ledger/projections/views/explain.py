"""The explanation of one balance, lot by lot: which event burned which lot, and what is left.

The changes of a lot's lines come to what is left in it, those of the lines without a lot to the
overage (below zero), and all of them to what remains.
"""

from collections.abc import Iterator
from typing import Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.attribution import Piece
from ledger.domain.balance.lots import Lot
from ledger.domain.recorded import Recorded
from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import format_quantity
from ledger.projections.balances.accounts import NEVER, supplied
from ledger.projections.balances.lines import elsewhere, explainable, pieces_of, reserved_by
from ledger.projections.balances.movements import Movement, movements
from ledger.projections.filters import Answer
from ledger.projections.learners import hidden_starts
from ledger.projections.question import Question, quantity
from ledger.projections.views.statement import statement_line

_WHAT: Final = {
    "granted": "lot_started",
    "burned": "consumed",
    "covered": "overage_covered",
    "returned": "returned",
    "expired": "lot_expired",
    "lost": "refund_expired",
}
_WHAT_OF_TERMS: Final = {
    ("granted", "entitlement.adjusted"): "adjusted",
    ("taken", "entitlement.adjusted"): "adjusted",
    ("granted", "entitlement.transferred"): "transferred_in",
    ("taken", "entitlement.transferred"): "transferred_out",
}


def answer(question: Question) -> Answer:
    """Return the balance, its lots, and the lines of each lot until the as-of.

    What happened out of a viewer's scope has its time and its change, and nothing else of it. Where
    learners are hidden from the viewer, what they started is one line, and no lot says what burned
    it. Raises NotFound, and NotAllowed where it would give hidden cases away.
    """
    package, line = explainable(question)
    name, entitlement = question.filters.package, question.filters.entitlement
    tracked = package is not None and line is not None and line.entitlement.tracked
    story: _Story | None = None
    if tracked and package and line:
        hidden = hidden_starts(question, package, line)
        story = (_Summed if hidden else _Story)(question, package, line)
    return question.answered(
        package=name,
        entitlement=entitlement,
        unit=line.entitlement.unit if line is not None else None,
        balance=story.balance() if story else None,
        lots=story.lots() if story else [],
        lines=story.lines() if story else [],
        reservations=story.reservations() if story else [],
    )


class _Story:
    """One consumable that is being explained."""

    def __init__(self, question: Question, package: Package, line: PackageLine) -> None:
        self._question = question
        self._package = package
        self._line = line
        self._pieces = pieces_of(question, package, line)
        positions = {piece.position for piece in self._pieces} | {
            piece.of for piece in self._pieces
        }
        positions |= {piece.lot for piece in self._pieces}
        self._events = question.events({each for each in positions if each is not None})
        self._elsewhere = elsewhere(question, package, line)
        self._by_lot: dict[int | None, list[Piece]] = {}
        for piece in self._pieces:
            self._by_lot.setdefault(piece.lot, []).append(piece)

    def balance(self) -> dict[str, object]:
        account = self._question.account(self._package, self._line)
        return {
            "granted": quantity(account.granted),
            "consumed": quantity(account.consumed),
            "expired": quantity(account.expired),
            "reserved": quantity(account.reserved),
            "remaining": quantity(account.remaining),
            "available": quantity(account.available),
            "overage": quantity(account.overage),
        }

    def lots(self) -> list[dict[str, object]]:
        """Return every lot that has started, by its start, with what became of it."""
        if not self._line.entitlement.limited:
            return []
        supply = supplied(self._question.at, self._package, self._line)
        cut = self._question.at.cut(self._package.package)
        started = [lot for lot in (*supply.dated, *supply.arriving) if lot.start <= cut]
        return [
            self._lot(lot) for lot in sorted(started, key=lambda lot: (lot.start, lot.burn_order))
        ]

    def _lot(self, lot: Lot) -> dict[str, object]:
        own = self._by_lot.get(lot.position, [])
        sums = {
            name: format_quantity(sign * sum(piece.change for piece in own if piece.kind in kinds))
            for name, sign, kinds in (
                ("burned", -1, {"burned", "taken", "covered"}),
                ("returned", 1, {"returned"}),
                ("expired", -1, {"expired"}),
            )
        }
        return {
            "lot": lot.position,
            "source": lot.origin.source,
            "id": lot.origin.id,
            "type": lot.origin.event.type_name,
            "priority": lot.priority,
            "starts_at": format_instant(lot.start),
            "ends_at": None if lot.end == NEVER else format_instant(lot.end),
            "quantity": format_quantity(lot.quantity),
            **sums,
            "left": format_quantity(sum(piece.change for piece in own)),
        }

    def lines(self) -> list[dict[str, object]]:
        """Return the lines of each lot, by its start, and then those of no lot."""
        lots = [pieces for lot, pieces in self._by_lot.items() if lot is not None]
        return [
            line for pieces in (*lots, self._by_lot.get(None, [])) for line in self._lines(pieces)
        ]

    def _lines(self, pieces: list[Piece]) -> Iterator[dict[str, object]]:
        left = 0
        for piece in pieces:
            left += piece.change
            yield {
                "lot": piece.lot,
                **self._event(piece),
                "change": format_quantity(piece.change),
                "left": format_quantity(left),
            }

    def _event(self, piece: Piece) -> dict[str, object]:
        """Return what a line says of its event, as far as the viewer may see it."""
        position = piece.position
        hidden = position in self._elsewhere and self._question.scope.viewer is not None
        recorded = self._events[position] if position is not None and not hidden else None
        return {
            "position": None if hidden else position,
            "source": recorded.source if recorded else None,
            "id": recorded.id if recorded else None,
            "type": recorded.event.type_name if recorded else None,
            "effective_at": format_instant(piece.at),
            "recorded_at": format_instant(recorded.recorded_at) if recorded else None,
            "what": "used_elsewhere" if hidden else _what(piece, recorded),
            "of": None if piece.of in self._elsewhere else piece.of,
        }

    def reservations(self) -> list[dict[str, object]]:
        """Return what is held back at the as-of, by the event that last changed it."""
        cut = self._question.at.cut(self._package.package)
        held = reserved_by(self._question, self._package, self._line, cut)
        events = self._question.events(held)
        viewer = self._question.scope.viewer
        return [
            {
                "position": position,
                "source": events[position].source,
                "id": events[position].id,
                "type": events[position].event.type_name,
                "effective_at": format_instant(events[position].effective_at),
                "quantity": format_quantity(amount),
            }
            for position, amount in sorted(held.items())
            if viewer is None or position not in self._elsewhere
        ]


class _Summed(_Story):
    """One consumable on which learners are hidden: which lot they burned tells when they did."""

    def _lot(self, lot: Lot) -> dict[str, object]:
        untold = dict.fromkeys(("burned", "returned", "expired", "left"))
        return {**super()._lot(lot), **untold}

    def lines(self) -> list[dict[str, object]]:
        """Return the lots that started, and then all that moved the balance."""
        found = movements(self._question, self._package, self._line)
        lines = list(map(self._told, found))
        return sorted(lines, key=lambda line: line["lot"] is None)

    def _told(self, movement: Movement) -> dict[str, object]:
        line = statement_line(self._question, movement)
        started = movement.step.kind == "started"
        return {
            "lot": movement.step.position if started else None,
            **{key: line[key] for key in ("position", "source", "id", "type")},
            **{key: line[key] for key in ("effective_at", "recorded_at", "what")},
            "of": None,
            "change": line["change"],
            "left": None,
        }


def _what(piece: Piece, recorded: Recorded | None) -> str:
    type_name = recorded.event.type_name if recorded else ""
    return _WHAT_OF_TERMS.get((piece.kind, type_name)) or _WHAT[piece.kind]
