"""Cells: how one value is written for people, exact, clean of control characters, in words."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from cli.language.wording import LANGUAGES, N_, _, spoken

DOT: Final = " · "
"""What stands between facts in one line."""

DASH: Final = "–"
"""What stands where there is nothing."""

SIGN: Final = "!"
"""What stands beside what needs attention, with or without colour."""

SOON: Final = 30
"""Days before an end that make it stand out."""

_ERASED: Final = N_("(erased)")

# Controls, and what Unicode lets no font show (joiners, marks, fillers, tags), which turns writing
# round or makes two ids look alike; but not the selectors of a form of the character before them
_UNSEEMLY: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def clean(text: str) -> str:
    """Return text of an answer as people may see it: seemly, and in their language if it is ours.

    What stands in the place of an erased text is the only one of ours within an answer.
    """
    text = seemly(text)
    return text.replace(_ERASED, _(_ERASED)) if _ERASED in text else text


def seemly(text: str) -> str:
    """Return text from outside as a terminal may show it: no control characters, one line.

    Line breaks and tabs become blanks; what could move the cursor, turn the writing round or stand
    there unseen becomes a sign for it.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEMLY.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    return " " if found[0] in "\t\n\r" else "\N{REPLACEMENT CHARACTER}"


def written(value: object) -> str:
    """Return a value of an answer in one line; null is a dash."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(written, value)) or DASH
    return clean(str(value))


def is_number(text: str) -> bool:
    """Return whether a text is a plain decimal number."""
    return _NUMBER.fullmatch(text) is not None


def local_number(text: str) -> str:
    """Return a plain decimal number as the language that is spoken writes it, with every decimal.

    In English it stays as it is: it can be copied into a question, or into a sum.
    """
    if spoken() == LANGUAGES[0] or not is_number(text):
        return text
    from babel.numbers import format_decimal

    found: str = format_decimal(Decimal(text), locale=spoken(), decimal_quantization=False)
    return found


def is_nothing(text: str) -> bool:
    """Return whether a cell says nothing that a reader would miss."""
    return text in {"", "0", DASH}


def width_of(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character) or unicodedata.category(character) == "Cf"
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
