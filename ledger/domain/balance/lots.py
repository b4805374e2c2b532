"""Lots: quantities with a validity, as the terms of one entitlement make them."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.events.entitlements import (
    EntitlementAdjusted,
    EntitlementGranted,
    EntitlementTransferred,
)
from ledger.domain.recorded import Recorded
from ledger.domain.values.calendar import day_start, next_day_start
from ledger.domain.values.quantities import SCALE, multiply


class Lot(NamedTuple):
    """A quantity that is valid from `start` until `end` (exclusive)."""

    priority: int
    end: int
    start: int
    position: int
    quantity: int
    origin: Recorded
    """The term that made it."""

    @property
    def burn_order(self) -> tuple[int, int, int, int]:
        """Lowest priority, then earliest expiry, then earliest start, then position."""
        return self[:4]


class Change(NamedTuple):
    """A negative adjustment, or a transfer out: it takes from valid lots at its own time."""

    at: int
    position: int
    amount: int
    """Below zero."""
    origin: Recorded


class Supply(NamedTuple):
    """All that gives an entitlement its quantity, and takes it away again."""

    dated: tuple[Lot, ...]
    """Lots that start with a day."""
    arriving: tuple[Lot, ...]
    """Lots that start with an event: positive adjustments, and transfers in."""
    taken: tuple[Change, ...]


def supply(package: Package, line: PackageLine, zone: str) -> Supply:
    """Return the lots and changes of an entitlement, with days in the contract's zone."""
    start, end = day_start(package.starts_on, zone), next_day_start(package.ends_on, zone)
    dated: list[Lot] = []
    arriving: list[Lot] = []
    taken: list[Change] = []
    if line.entitlement.quantity is not None:
        origin = line.origin
        dated.append(Lot(0, end, start, origin.position, line.entitlement.quantity, origin))
    for change in line.changes:
        if isinstance(change.event, EntitlementGranted):
            dated.append(_granted(package, change, change.event, zone))
            continue
        for amount in _amounts(package, line, change):
            if amount > 0:
                lot = Lot(0, end, change.effective_at, change.position, amount, change)
                arriving.append(lot)
            else:
                taken.append(Change(change.effective_at, change.position, amount, change))
    return Supply(tuple(dated), tuple(arriving), tuple(taken))


def _granted(package: Package, origin: Recorded, event: EntitlementGranted, zone: str) -> Lot:
    return Lot(
        priority=event.priority or 0,
        end=next_day_start(event.expires_on or package.ends_on, zone),
        start=day_start(event.starts_on or package.starts_on, zone),
        position=origin.position,
        quantity=event.quantity,
        origin=origin,
    )


def _amounts(package: Package, line: PackageLine, change: Recorded) -> Iterator[int]:
    """Yield what an adjustment or a transfer takes (below zero) and gives."""
    event = change.event
    if isinstance(event, EntitlementAdjusted):
        yield event.quantity
        return
    assert isinstance(event, EntitlementTransferred)
    leaves, enters = (
        (place.package, place.entitlement) == (package.package, line.entitlement.entitlement)
        for place in event.places
    )
    if leaves:
        yield -event.quantity
    if enters:
        yield multiply(event.quantity, event.rate if event.rate is not None else SCALE)
