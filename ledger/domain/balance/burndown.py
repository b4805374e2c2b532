"""The burn-down: what lots, deliveries and dates leave of one entitlement.

At one instant lots expire first, then lots start (in burn order, each paying overage first), then
events follow by position. What no lot covers is overage, and the next lot to start pays it.
"""

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from ledger.domain.balance.lots import Change, Lot, Supply

StepKind = Literal["started", "expired", "consumed", "refunded", "taken", "lost"]


class Flow(NamedTuple):
    """A delivery (more than zero) or a refund (less) on the entitlement, by one event."""

    at: int
    turn: int
    """The event right after which it counts: its own, or the opening of its case."""
    position: int
    amount: int


class Step(NamedTuple):
    """One thing that moved the balance."""

    kind: StepKind
    at: int
    position: int | None
    """The event that moved it: the term of a lot that started; None where a day did."""
    change: int
    lots: tuple[tuple[int, int], ...] = ()
    """From or to which lots: the positions of their terms, with the amounts."""


@dataclass(slots=True, eq=False)
class _Open:
    """A lot that has started and is not over."""

    lot: Lot
    left: int

    def __lt__(self, other: "_Open") -> bool:
        return self.lot.burn_order < other.lot.burn_order


@dataclass(slots=True)
class Balance:
    """What a burn-down comes to (amounts); remaining = granted - consumed - expired."""

    granted: int = 0
    consumed: int = 0
    expired: int = 0
    left: list[tuple[int, int]] = field(default_factory=list)
    """When each lot that still holds something ends (exclusive), and what it holds."""
    steps: list[Step] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """What is left; below zero when overdrawn."""
        return self.granted - self.consumed - self.expired

    @property
    def overage(self) -> int:
        """What no lot has covered yet."""
        return max(0, -self.remaining)


class _Burn:
    """The open lots and the overage while the timeline is walked."""

    def __init__(self, *, with_steps: bool) -> None:
        self.balance = Balance()
        self.open: list[_Open] = []
        self.ends: list[tuple[int, _Open]] = []
        self.overage = 0
        self.with_steps = with_steps

    def step(
        self,
        kind: StepKind,
        at: int,
        position: int | None,
        change: int,
        lots: Iterable[tuple[int, int]] = (),
    ) -> None:
        if self.with_steps and change:
            self.balance.steps.append(Step(kind, at, position, change, tuple(lots)))

    def expire_until(self, at: int) -> None:
        """Let every lot whose end has come by `at` expire."""
        while self.ends and self.ends[0][0] <= at:
            end, lot = heappop(self.ends)
            self.open.remove(lot)
            self.expire(end, lot)

    def expire(self, at: int, lot: _Open) -> None:
        if lot.left:
            self.balance.expired += lot.left
            self.step("expired", at, None, -lot.left, [(lot.lot.position, lot.left)])

    def start(self, at: int, lot: Lot) -> None:
        """Let a lot start: it pays overage first."""
        self.balance.granted += lot.quantity
        paid = min(self.overage, lot.quantity)
        self.overage -= paid
        opened = _Open(lot, lot.quantity - paid)
        self.step("started", at, lot.position, lot.quantity, [(lot.position, paid)])
        if lot.end <= at:
            self.expire(at, opened)
        else:
            insort(self.open, opened)
            heappush(self.ends, (lot.end, opened))

    def take(self, amount: int) -> list[tuple[int, int]]:
        """Take from open lots in burn order; what none covers becomes overage."""
        used: list[tuple[int, int]] = []
        for lot in self.open:
            if not amount:
                break
            part = min(lot.left, amount)
            if part:
                lot.left -= part
                amount -= part
                used.append((lot.lot.position, part))
        self.overage += amount
        return used

    def consume(self, flow: Flow) -> None:
        self.balance.consumed += flow.amount
        used = self.take(flow.amount)
        self.step("consumed", flow.at, flow.position, -flow.amount, used)

    def refund(self, flow: Flow) -> None:
        """Lower overage, then give back to open lots in reverse; the rest is lost."""
        amount = -flow.amount
        self.balance.consumed -= amount
        paid = min(self.overage, amount)
        self.overage -= paid
        rest = amount - paid
        returned: list[tuple[int, int]] = []
        for lot in reversed(self.open):
            part = min(lot.lot.quantity - lot.left, rest)
            if part:
                lot.left += part
                rest -= part
                returned.append((lot.lot.position, part))
        self.step("refunded", flow.at, flow.position, amount, returned)
        if rest:
            self.balance.expired += rest
            self.step("lost", flow.at, None, -rest)

    def reduce(self, change: Change) -> None:
        self.balance.granted += change.amount
        used = self.take(-change.amount)
        self.step("taken", change.at, change.position, change.amount, used)


def burn_down(
    supplied: Supply, flows: Iterable[Flow], cut: int, *, with_steps: bool = False
) -> Balance:
    """Return the balance at the end of the instant `cut`.

    `flows` are in order of (at, turn), none after the cut. Runs of deliveries may come as one
    sum where nothing else happens between them: the result is the same.
    """
    burn = _Burn(with_steps=with_steps)
    dated = sorted(supplied.dated, key=lambda lot: (lot.start, lot.burn_order), reverse=True)
    for at, _, event in _events(supplied, flows, cut):
        _starts_until(burn, dated, at)
        if isinstance(event, Lot):
            burn.start(at, event)
        elif isinstance(event, Change):
            burn.reduce(event)
        elif event.amount < 0:
            burn.refund(event)
        else:
            burn.consume(event)
    _starts_until(burn, dated, cut)
    burn.balance.left = [(opened.lot.end, opened.left) for opened in burn.open if opened.left]
    return burn.balance


def _starts_until(burn: _Burn, dated: list[Lot], at: int) -> None:
    """Let lots expire and start, in order, until an instant; `dated` has the next one last."""
    while dated and dated[-1].start <= at:
        lot = dated.pop()
        burn.expire_until(lot.start)
        burn.start(lot.start, lot)
    burn.expire_until(at)


def _events(
    supplied: Supply, flows: Iterable[Flow], cut: int
) -> Iterator[tuple[int, int, Lot | Change | Flow]]:
    """Return what events do, in order of (effective time, position)."""
    terms: list[tuple[int, int, Lot | Change | Flow]] = [
        (taken.at, taken.position, taken) for taken in supplied.taken if taken.at <= cut
    ]
    terms += [(lot.start, lot.position, lot) for lot in supplied.arriving if lot.start <= cut]
    if not terms:
        return ((flow.at, flow.turn, flow) for flow in flows)
    terms += [(flow.at, flow.turn, flow) for flow in flows]
    return iter(sorted(terms, key=lambda event: event[:2]))
