"""Exact quantities: integers of a fixed scale, so that minutes, decimals and sums never round.

An amount is an integer number of sixtieths of a billionth of a unit (`SCALE` to the unit): nine
decimals are exact, and a minute of an hour is exact too. Answers round once, to nine decimals.
"""

import re
from decimal import Decimal
from typing import Final

from ledger.messages import Words

DECIMALS: Final = 9
"""Decimals that a sender may give, and that an answer shows."""

NANO: Final = 60
"""Amount of one billionth of a unit."""

SCALE: Final = NANO * 10**DECIMALS
"""Amount of one unit."""

MINUTE: Final = SCALE // 60
"""Amount of one minute where the unit is an hour."""

LIMIT: Final = 10**9
"""A sent quantity is smaller than this, in magnitude (units)."""

_LONGEST: Final = 200
_NO_QUANTITY: Final = Words("a quantity is a JSON number, or a string such as 12.5")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?", re.ASCII)


def parse_quantity(value: object) -> int:
    """Return the amount of a quantity sent as a JSON number or string.

    Raises ValueError with one sentence when it is no decimal, has more than nine decimals, or is
    not smaller than `LIMIT`. Zeros at the end do not count as decimals: `12.50` is `12.5`.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= LIMIT:
            raise ValueError(Words("a quantity is smaller than {limit}", limit=LIMIT))
        return value * SCALE
    if isinstance(value, str):
        if len(value) > _LONGEST or not _DECIMAL.fullmatch(value):
            raise ValueError(_NO_QUANTITY)
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(_NO_QUANTITY)
    if not value:
        return 0
    if value.adjusted() >= DECIMALS:
        raise ValueError(Words("a quantity is smaller than {limit}", limit=LIMIT))
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    shift = exponent + DECIMALS
    if shift < 0:  # digits are cut off as they stand: there may be a million zeros of them
        if any(digits[shift:]):
            raise ValueError(Words("a quantity has at most {limit} decimals", limit=DECIMALS))
        digits = digits[:shift]
    number = int("".join(map(str, digits))) * int(10 ** max(shift, 0))
    return (-number if sign else number) * NANO


def round_half_even(numerator: int, denominator: int) -> int:
    """Return numerator / denominator (denominator > 0) as an integer, half to even."""
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and whole % 2):
        whole += 1
    return whole


def format_quantity(amount: int) -> str:
    """Return the amount as a decimal: at most nine decimals, half even, no trailing zeros."""
    nanos = round_half_even(amount, NANO)
    sign = "-" if nanos < 0 else ""
    whole, fraction = divmod(abs(nanos), 10**DECIMALS)
    if not fraction:
        return f"{sign}{whole}"
    return f"{sign}{whole}." + f"{fraction:0{DECIMALS}d}".rstrip("0")


def multiply(amount: int, rate: int) -> int:
    """Return amount x rate (both amounts), rounded to nine decimals, half even."""
    return round_half_even(amount * rate, SCALE * NANO) * NANO


def round_up(amount: int, increment: int) -> int:
    """Return the smallest multiple of increment (> 0) that is not below amount."""
    return -(-amount // increment) * increment
