"""Numbers as tables write them, read and multiplied exactly; what is rounded is rounded by name."""

import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Final

from ledger.converting.problems import BAD_VALUE, RowProblemError
from ledger.converting.profile import AsDecimal
from ledger.domain.refusals import shown
from ledger.words import Words, words_of

_LONGEST: Final = 100
_PLAIN: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_EXACT: Final = Context(prec=1_000, Emin=-10_000, Emax=10_000)
"""Room for every digit of a product: the longest number times the longest factor."""

_ROUNDINGS: Final = {
    "half-even": ROUND_HALF_EVEN,
    "half-up": ROUND_HALF_UP,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "refuse": ROUND_CEILING,
}


def plain_decimal(text: str) -> Decimal:
    """Return the number of a text such as `-12.50` or `1.5e-7`. Raises ValueError."""
    if len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        raise ValueError(Words("{text} is no decimal number", text=shown(text)))
    return Decimal(text)


def plain_text(number: Decimal) -> str:
    """Return a number without exponent and without zeros at its end."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def decimal_reader(settings: AsDecimal) -> Callable[[str], Decimal]:
    """Return what reads the numbers of a column. Raises ValueError where the settings are wrong."""
    factor = plain_decimal(settings.times)
    if settings.thousands == settings.point:
        raise ValueError("thousands and point are the same")
    grouped = None
    if settings.thousands:
        mark, point = re.escape(settings.thousands), re.escape(settings.point)
        grouped = re.compile(rf"[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]+)?", re.ASCII)

    def read(text: str) -> Decimal:
        if grouped is not None and len(text) <= _LONGEST and grouped.fullmatch(text):
            text = text.replace(settings.thousands, "")
        if settings.point == ",":
            text = text.replace(".", "x").replace(",", ".")
        try:
            number = _EXACT.multiply(plain_decimal(text), factor)
        except ValueError as wrong:
            raise RowProblemError(BAD_VALUE, words_of(wrong)) from None
        if settings.sign == "absolute":
            number = number.copy_abs()
        elif settings.sign == "negate":
            number = number.copy_negate()
        return _rounded(number, settings)

    return read


def _rounded(number: Decimal, settings: AsDecimal) -> Decimal:
    decimals = 0 if settings.whole else settings.decimals
    unit = Decimal(1).scaleb(-decimals)
    rounded = number.quantize(unit, _ROUNDINGS[settings.rounding], _EXACT)
    if rounded != number and settings.rounding == "refuse":
        raise RowProblemError(
            BAD_VALUE,
            Words(
                "{number} has more than {decimals} decimals: name a rounding, or correct it",
                number=plain_text(number),
                decimals=decimals,
            ),
        )
    return rounded
