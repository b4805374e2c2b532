"""Texts that a spreadsheet would take for a formula, and how they are kept from being one."""

import re
from itertools import dropwhile
from typing import Final
from unicodedata import category, normalize

_SIGNS: Final = frozenset("=+-@")
_BLANKS: Final = "'\u115f\u1160\u2800\u3164\uffa0"
"""Apostrophes, so that no text can pass for a disarmed one; letters and signs that show nothing."""

_HARMLESS: Final = re.compile(r"[0-9A-Za-z].*|-[0-9]+(\.[0-9]+)?", re.DOTALL)
"""Most texts, and numbers."""


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet could run a text: a sign comes first, in whatever width.

    Nothing that does not show counts as a beginning. Numbers are none; what begins with a tab or a
    carriage return is one, for some spreadsheets begin a cell there.
    """
    if not text or _HARMLESS.fullmatch(text):
        return False
    begins = next(dropwhile(_shows_nothing, text), "")
    return normalize("NFKC", begins)[:1] in _SIGNS or text.lstrip("'")[:1] in {"\t", "\r"}


def disarmed(text: str) -> str:
    """Return a text as no spreadsheet runs it: a formula with an apostrophe before it."""
    return f"'{text}" if is_formula(text) else text


def _shows_nothing(character: str) -> bool:
    return category(character)[0] in "CMZ" or character in _BLANKS
