"""Exact quantities: fractions inside, nine decimals half even at the edge."""

from fractions import Fraction

BILLION = 10**9


def exact(value) -> Fraction | None:
    """The quantity that a JSON number or string says, null staying null."""
    return None if value is None else Fraction(value)


def to_nine_decimals(quantity: Fraction) -> Fraction:
    """The nearest quantity of nine decimals, the even one of two that are as near."""
    return Fraction(round(quantity * BILLION), BILLION)


def up_to_multiple(quantity: Fraction, increment: Fraction | None) -> Fraction:
    """The smallest multiple of the increment that is not below the quantity."""
    return quantity if increment is None else -(-quantity // increment) * increment


def text(quantity: Fraction | None) -> str | None:
    """A quantity as answers show it: rounded once, without trailing zeros."""
    if quantity is None:
        return None
    billionths = round(quantity * BILLION)
    whole, rest = divmod(abs(billionths), BILLION)
    decimals = f".{rest:09}".rstrip("0") if rest else ""
    return f"{'-' if billionths < 0 else ''}{whole}{decimals}"
