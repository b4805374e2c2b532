"""Quantities: exact to nine decimals, limits at their very edge, and one rounding, half to even."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle.quantities import to_nine_decimals

from ledger.domain.values.quantities import (
    MINUTE,
    NANO,
    SCALE,
    format_quantity,
    multiply,
    parse_quantity,
    round_half_even,
    round_up,
)

NINE = 10**9


def amount(text):
    """The amount of a decimal, reckoned with fractions."""
    return int(Fraction(text) * SCALE)


@pytest.mark.parametrize(
    "sent,units",
    [
        (0, "0"),
        (7, "7"),
        (-7, "-7"),
        ("0", "0"),
        ("-0", "0"),
        ("0.000000001", "1/1000000000"),
        ("-0.000000001", "-1/1000000000"),
        ("0.0000000010", "1/1000000000"),
        ("12.50", "25/2"),
        ("1e3", "1000"),
        ("1E+3", "1000"),
        ("1.5e-8", "15/1000000000"),
        ("10e-10", "1/1000000000"),
        ("999999999.999999999", "999999999999999999/1000000000"),
        ("-999999999.999999999", "-999999999999999999/1000000000"),
        (999_999_999, "999999999"),
        (-999_999_999, "-999999999"),
        ("99999999.9e1", "999999999"),
        (Decimal("2.50"), "5/2"),
        (Decimal("0E+5"), "0"),
        (Decimal("1.000000000000"), "1"),
        ("1." + "0" * 198, "1"),
    ],
)
def test_a_quantity_is_read_exactly(sent, units):
    assert Fraction(parse_quantity(sent), SCALE) == Fraction(units)


SMALLER, DECIMALS, NONE = "smaller than", "at most 9 decimals", "a JSON number"


@pytest.mark.parametrize(
    "sent,said",
    [
        (1_000_000_000, SMALLER),
        (-1_000_000_000, SMALLER),
        ("1000000000", SMALLER),
        ("-1000000000.0", SMALLER),
        ("1e9", SMALLER),
        ("1e999999999", SMALLER),
        (Decimal("1E+9"), SMALLER),
        ("0.0000000001", DECIMALS),
        ("1.0000000001", DECIMALS),
        ("1e-10", DECIMALS),
        ("0.00000000010", DECIMALS),
        ("0.00000000101", DECIMALS),
        ("1e-999999999", DECIMALS),
        (Decimal("0.1234567891"), DECIMALS),
        (True, NONE),
        (False, NONE),
        (None, NONE),
        (1.5, NONE),
        ("", NONE),
        ("01", NONE),
        ("1.", NONE),
        (".5", NONE),
        ("+1", NONE),
        (" 1", NONE),
        ("1 ", NONE),
        ("1\n", NONE),
        ("1,5", NONE),
        ("\u0661", NONE),
        ("NaN", NONE),
        ("1e1234567890", NONE),
        ("1." + "0" * 199, NONE),
        (Decimal("NaN"), NONE),
        (Decimal("-Infinity"), NONE),
        ([1], NONE),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_reason(sent, said):
    with pytest.raises(ValueError, match=said):
        parse_quantity(sent)


@pytest.mark.parametrize(
    "units,text",
    [
        ("0", "0"),
        ("7", "7"),
        ("-7", "-7"),
        ("1/6", "0.166666667"),
        ("-1/6", "-0.166666667"),
        ("1/3", "0.333333333"),
        ("5/2", "2.5"),
        ("-5/2", "-2.5"),
        ("1/1000000000", "0.000000001"),
        ("-1/1000000000", "-0.000000001"),
        ("1/2000000000", "0"),  # half way, to the even neighbour
        ("-1/2000000000", "0"),
        ("3/2000000000", "0.000000002"),
        ("-3/2000000000", "-0.000000002"),
        ("5/2000000000", "0.000000002"),
        ("31/60000000000", "0.000000001"),  # just over half of a billionth
        ("29/60000000000", "0"),
        ("1999999999/2000000000", "1"),
        ("10", "10"),
        ("1000000000", "1000000000"),
    ],
)
def test_an_answer_rounds_once_half_to_even(units, text):
    assert format_quantity(amount(units)) == text


def test_the_scale_holds_nine_decimals_and_minutes():
    assert SCALE == NANO * NINE
    assert MINUTE * 60 == SCALE
    assert format_quantity(MINUTE * 6) == "0.1"


@pytest.mark.parametrize(
    "quantity,rate,product",
    [
        ("2", "3", "6"),
        ("1", "0.333333333", "0.333333333"),
        ("0.000000001", "0.5", "0"),  # ties, to the even billionth
        ("0.000000003", "0.5", "0.000000002"),
        ("0.000000005", "0.5", "0.000000002"),
        ("0.000000001", "0.500000001", "0.000000001"),  # just over a tie: up
        ("0.000000001", "0.499999999", "0"),
        ("0.333333333", "0.333333333", "0.111111111"),
        ("0.666666667", "0.1", "0.066666667"),
        ("0.999999999", "0.999999999", "0.999999998"),
        ("1.5", "0.000000001", "0.000000002"),
        ("2.5", "0.000000001", "0.000000002"),
    ],
)
def test_a_rate_times_a_quantity_is_rounded_half_to_even(quantity, rate, product):
    """What is transferred is exact to nine decimals."""
    assert multiply(amount(quantity), amount(rate)) == amount(product)
    assert multiply(amount(rate), amount(quantity)) == amount(product)
    assert to_nine_decimals(Fraction(quantity) * Fraction(rate)) == Fraction(product)


@given(quantity=st.integers(-(10**18), 10**18), rate=st.integers(0, 10**18))
def test_any_product_is_that_of_fractions_rounded_once(quantity, rate):
    exact = Fraction(quantity, NINE) * Fraction(rate, NINE)
    found = Fraction(multiply(quantity * NANO, rate * NANO), SCALE)
    assert found == to_nine_decimals(exact)


@given(numerator=st.integers(-40, 40), denominator=st.integers(1, 9))
def test_half_even_is_that_of_fractions(numerator, denominator):
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    "whole,step,up", [(0, 3, 0), (1, 3, 3), (2, 3, 3), (3, 3, 3), (4, 3, 6), (6, 3, 6), (1, 1, 1)]
)
def test_an_entry_is_rounded_up_to_a_multiple(whole, step, up):
    assert round_up(whole, step) == up
