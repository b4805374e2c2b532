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

from ledger.convert.problems import BAD_VALUE, RowProblemError
from ledger.convert.profile import AsDecimal
from ledger.domain.refusals import shown
from ledger.messages import Words

_LONGEST: Final = 100
_EXACT: Final = Context(prec=1_000, Emin=-10_000, Emax=10_000)
"""Room for every digit of a product: the longest number times the longest factor."""

_ROUNDINGS: Final = {
    "half-even": ROUND_HALF_EVEN,
    "half-up": ROUND_HALF_UP,
    "down": ROUND_DOWN,
    "up": ROUND_UP,
    "refuse": ROUND_CEILING,
}


def _written(point: str, thousands: str) -> re.Pattern[str]:
    """Return how numbers are written that have this point, and these marks or none."""
    point, mark = re.escape(point), re.escape(thousands)
    plain = rf"[0-9]+({point}[0-9]+)?([eE][+-]?[0-9]{{1,2}})?"
    grouped = rf"[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]+)?"
    return re.compile(rf"[+-]?({plain}|{grouped})" if mark else rf"[+-]?{plain}")


_PLAIN: Final = _written(".", "")


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
    written = _written(settings.point, settings.thousands)

    def read(text: str) -> Decimal:
        if len(text) > _LONGEST or not written.fullmatch(text):
            raise RowProblemError(BAD_VALUE, Words("{text} is no decimal number", text=shown(text)))
        plain = text.replace(settings.thousands, "").replace(settings.point, ".")
        number = _EXACT.multiply(Decimal(plain), factor)
        if settings.sign == "absolute":
            number = number.copy_abs()
        elif settings.sign == "negate":
            number = number.copy_negate()
        return _rounded(number, text, settings)

    return read


def _rounded(number: Decimal, text: str, settings: AsDecimal) -> Decimal:
    decimals = 0 if settings.whole else settings.decimals
    unit = Decimal(1).scaleb(-decimals)
    rounded = number.quantize(unit, _ROUNDINGS[settings.rounding], _EXACT)
    if rounded != number and settings.rounding == "refuse":
        raise RowProblemError(
            BAD_VALUE,
            Words(
                "{text} makes {number}, which has more than {decimals} decimals: name a rounding,"
                " or correct it",
                text=shown(text),
                number=plain_text(number),
                decimals=decimals,
            ),
        )
    return rounded
