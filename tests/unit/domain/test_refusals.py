"""Refusals: what a sentence quotes stays on one line and short; dates that clash are named."""

import pytest
from histories import JULY, a_house, event, instant

from ledger.domain.aggregates.decisions import decide
from ledger.domain.refusals import ADVICE, CODES, shown


@pytest.mark.parametrize(
    "value,text",
    [
        ({"a": 1}, "an object"),
        ([1], "a list"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        ("a", "'a'"),
        ("a\nb", "'a\\nb'"),
        ("x" * 78, f"'{'x' * 78}'"),
        ("x" * 79, f"'{'x' * 76}..."),
        (2**239, str(2**239)),
        (2**240, "a number of very many digits"),
        (-(2**240), "a number of very many digits"),
    ],
)
def test_a_value_from_outside_is_quoted_on_one_line_and_short(value, text):
    wanted = text if len(text) <= 80 else f"{text[:77]}..."
    assert shown(value) == wanted
    assert len(shown(value)) <= 80


def test_every_code_says_what_to_do_in_both_languages():
    assert list(ADVICE) == list(CODES)
    for advice in ADVICE.values():
        assert set(advice) == {"en", "fr"}
        assert all(text.endswith(".") and text.count("\n") == 0 for text in advice.values())


@pytest.mark.parametrize(
    "type_name,data,said",
    [
        ("contract.terminated", {"contract": "K", "on": "2024-12-31"}, "2024-12-31"),
        ("contract.amended", {"contract": "K", "ends_on": "2024-11-30"}, "2024-11-30"),
        ("package.amended", {"package": "P", "ends_on": "2024-10-31"}, "2024-10-31"),
    ],
)
def test_the_dates_that_clash_are_named(type_name, data, said):
    refused = decide(event(type_name, reason="r", **data), instant(JULY), a_house())
    assert refused.code == "bad-period"
    assert refused.reason.endswith(f"would start on 2025-01-01 and end on {said}")


def test_a_text_is_shown_as_it_was_sent_but_for_what_cannot_be_seen():
    """A backslash once, a no-break space as one; a line end and what turns a line as escapes."""
    assert shown("C:\\a\xa0\u202fb") == "'C:\\a\xa0\u202fb'"
    assert shown("a\n\x1b\u202e\u2028") == r"'a\n\x1b\u202e\u2028'"
    assert (shown("it's"), shown('it\'s "x"')) == ('"it\'s"', "'it's \"x\"'")
