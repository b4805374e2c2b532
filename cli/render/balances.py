"""What a balance looks like, in whichever view it stands: its columns, and its fields for csv."""

import sys
from typing import Final

from cli.language.wording import N_, _, plural
from cli.render.cells import SIGN, SOON, is_number, written
from cli.render.layout import Cell, Column, Kind, Row, Style

_BAR: Final = 10
"""Columns of a bar."""

FIELDS: Final = (
    "granted",
    "consumed",
    "expired",
    "reserved",
    "remaining",
    "available",
    "overage",
    "delivered_hours",
    "used_elsewhere",
    "consumed_in_period",
)
"""The figures of a balance, as answers name them."""


def granted(row: Row) -> Cell:
    """Return what was granted; where that is null it is as needed."""
    if row.get("granted") is None:
        return Cell(_("as needed"), Style.FAINT)
    return Cell(written(row["granted"]))


def bar(row: Row) -> Cell:
    """Return a bar of what is used of what was granted; nothing where it is as needed or hidden."""
    used, given = row.get("consumed"), row.get("granted")
    if used is None or given is None:
        return Cell("")
    from cli.render.plot import share_bar, signs_for

    text = share_bar(str(used), str(given), _BAR, signs_for(sys.stdout.encoding))
    return Cell(text, Style.BAD if overage(row).sign else Style.FAINT)


def remaining(row: Row) -> Cell:
    """Return what is left; below zero it is overdrawn."""
    return _below_zero(written(row.get("remaining")))


def available(row: Row) -> Cell:
    """Return what may still be promised; below zero it is overdrawn."""
    return _below_zero(written(row.get("available")))


def _below_zero(text: str) -> Cell:
    overdrawn = text.startswith("-") and is_number(text)
    return Cell(text, Style.BAD, SIGN) if overdrawn else Cell(text)


def overage(row: Row) -> Cell:
    """Return what was used beyond what was granted."""
    text = written(row.get("overage"))
    return Cell(text, Style.BAD, SIGN) if is_number(text) and text != "0" else Cell(text)


def days_left(row: Row) -> Cell | None:
    """Return how many days something still runs, None where it does not; few stand out."""
    days = row.get("days_left")
    if not isinstance(days, int):
        return None
    text = _("last day") if days == 0 else plural("{count} day left", "{count} days left", days)
    return Cell(text, Style.SOON, SIGN) if days <= SOON else Cell(text)


GRANTED: Final = Column("granted", N_("Granted"), Kind.NUMBER, granted)
BAR: Final = Column("bar", N_("Used"), cell=bar, quiet=True, optional=True)
CONSUMED: Final = Column("consumed", N_("Consumed"), Kind.NUMBER)
EXPIRED: Final = Column("expired", N_("Expired"), Kind.NUMBER, quiet=True, detail=True)
RESERVED: Final = Column("reserved", N_("Reserved"), Kind.NUMBER, quiet=True, detail=True)
REMAINING: Final = Column("remaining", N_("Remaining"), Kind.NUMBER, remaining)
AVAILABLE: Final = Column(
    "available", N_("Available"), Kind.NUMBER, available, detail=True, unlike="remaining"
)
OVERAGE: Final = Column("overage", N_("Overage"), Kind.NUMBER, overage, quiet=True, detail=True)
HOURS: Final = Column(
    "delivered_hours", N_("Hours delivered"), Kind.NUMBER, quiet=True, detail=True
)
ELSEWHERE: Final = Column("used_elsewhere", N_("Elsewhere"), Kind.NUMBER, quiet=True, detail=True)
IN_PERIOD: Final = Column("consumed_in_period", N_("In period"), Kind.NUMBER, quiet=True)
BALANCE: Final = Column(
    "balance", N_("Balance"), Kind.NUMBER, lambda row: _below_zero(written(row.get("balance")))
)
