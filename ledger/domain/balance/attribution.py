"""Attribution: which event burned which lot, read off the steps of a burn-down.

Every step is split into pieces, one for each lot that it touches; what no lot covers is a piece
without a lot. When a lot starts, it pays overage first in, first out: each delivery that no lot had
covered leaves the overage and burns that lot after all. So the pieces of a lot come to what is left
in it, the pieces without a lot to the overage (below zero), and all of them to what remains.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ledger.domain.balance.burndown import Step

PieceKind = Literal[
    "granted",  # a lot started
    "burned",  # a delivery took from a lot, or from none
    "taken",  # a negative adjustment or a transfer out did
    "covered",  # what was overage left it: a lot that started, or a refund, covers it
    "returned",  # a refund gave back
    "expired",  # the rest of a lot expired
    "lost",  # the rest of a refund did
]


class Piece(NamedTuple):
    """A part of a step, on one lot or on none."""

    kind: PieceKind
    at: int
    position: int | None
    """The event that it is due to; None where only a day passed."""
    lot: int | None
    """The position of the term that made the lot; None for what no lot covers."""
    change: int
    of: int | None = None
    """The event whose overage is covered, where that is another one."""


class _Attribution:
    """What is overage while the steps are read, by the events that made it, oldest first."""

    def __init__(self) -> None:
        self.owed: deque[tuple[int | None, int]] = deque()
        self.overage = 0
        self.refund: int | None = None

    def pieces(self, step: Step) -> Iterator[Piece]:
        match step.kind:
            case "started":
                yield from self.started(step)
            case "consumed":
                yield from self.spent("burned", step)
            case "taken":
                yield from self.spent("taken", step)
            case "refunded":
                yield from self.refunded(step)
            case "expired":
                yield Piece("expired", step.at, None, step.lots[0][0], step.change)
            case "lost":
                yield Piece("lost", step.at, self.refund, None, step.change)

    def started(self, step: Step) -> Iterator[Piece]:
        lot = step.position
        yield Piece("granted", step.at, lot, lot, step.change)
        for event, part in self.settle(sum(part for _, part in step.lots)):
            yield Piece("covered", step.at, event, None, part)
            yield Piece("covered", step.at, event, lot, -part)

    def spent(self, kind: PieceKind, step: Step) -> Iterator[Piece]:
        rest = -step.change
        for lot, part in step.lots:
            yield Piece(kind, step.at, step.position, lot, -part)
            rest -= part
        if rest:
            yield Piece(kind, step.at, step.position, None, -rest)
            self.owed.append((step.position, rest))
            self.overage += rest

    def refunded(self, step: Step) -> Iterator[Piece]:
        self.refund = step.position
        rest = step.change
        for event, part in self.settle(min(rest, self.overage)):
            yield Piece("returned", step.at, step.position, None, part, of=event)
            rest -= part
        for lot, part in step.lots:
            yield Piece("returned", step.at, step.position, lot, part)
            rest -= part
        if rest:
            yield Piece("returned", step.at, step.position, None, rest)

    def settle(self, amount: int) -> Iterator[tuple[int | None, int]]:
        """Take an amount out of the overage, the oldest first; yield whose it was."""
        self.overage -= amount
        while amount:
            event, owed = self.owed.popleft()
            part = min(owed, amount)
            amount -= part
            if part < owed:
                self.owed.appendleft((event, owed - part))
            yield event, part


def attributed(steps: Iterable[Step]) -> Iterator[Piece]:
    """Yield the pieces of steps, in their order; none of them is zero."""
    attribution = _Attribution()
    for step in steps:
        yield from (piece for piece in attribution.pieces(step) if piece.change)
