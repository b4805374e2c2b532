"""Formats of times and dates: each part is said once, and a text that could mean two is refused.

They are written like those of `strptime`, and mean the same whatever the language of the machine.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from ledger.convert.problems import BAD_TIME, RowProblemError
from ledger.domain.refusals import shown
from ledger.messages import Words

_OF_DATES: Final = "YymbBdj"
_OF_TIMES: Final = "YymbBdjHIpMSfz"

_DAY: Final = ("Yy", "mbBj", "dj")
"""Of each of these a date has one letter."""

_HOUR: Final = "HI"

_SAME: Final = (*_DAY, _HOUR, "Hp")
"""Letters of which the one says what the other says, too."""

_BELONGS: Final = ("SM", "fS")
"""The first letter says nothing without the second."""

_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DIGITS: Final = {"Y": 4, "y": 2, "m": 2, "d": 2, "j": 3, "H": 2, "I": 2, "M": 2, "S": 2, "f": 6}
_WORDS: Final = {
    "b": f"(?a:{'|'.join(name[:3] for name in _MONTHS)})",
    "B": f"(?a:{'|'.join(_MONTHS)})",
    "p": "(?a:am|pm)",
    "z": "(?-i:Z)|[+-][0-9]{2}:?[0-5][0-9](:?[0-5][0-9])?",
}
_PART: Final = re.compile(r"%.?|\s+|.", re.DOTALL)
_NOON: Final = 12


class Form:
    """The format of a column, and what reads texts by it."""

    def __init__(self, text: str, century: int | None, *, clock: bool) -> None:
        """Check a format, with a time of day or without. Raises ValueError."""
        parts = _PART.findall(text)
        letters = [part[1:] for part in parts if part[0] == "%" and part[1:] != "%"]
        _check(letters, clock=clock)
        if "y" in letters and century is None:
            raise ValueError(
                "%y says two digits of a year: name the first of the hundred years that they mean, "
                "such as century = 2000"
            )
        if "y" not in letters and century is not None:
            raise ValueError("century belongs to %y: leave it out")
        expressions = map(_expression, ["", *parts], parts, [*parts[1:], ""])
        self._pattern = re.compile("".join(expressions), re.IGNORECASE)
        self._text = text
        self._century = century
        self.has_offset = "z" in letters

    def read(self, text: str) -> datetime:
        """Return the time that a text says; it has no zone unless the format has an offset.

        Raises RowProblemError where the text is written otherwise, or there is no such time.
        """
        found = self._pattern.fullmatch(text)
        try:
            if found is not None:
                return _moment(found.groupdict(), self._century)
        except (ValueError, OverflowError):
            pass
        raise RowProblemError(
            BAD_TIME, Words("{text} is not written as {form}", text=shown(text), form=self._text)
        )


def _check(letters: Sequence[str], *, clock: bool) -> None:
    """Raise ValueError unless these letters say all that is needed, and nothing twice."""
    allowed = _OF_TIMES if clock else _OF_DATES
    for letter in letters:
        if letter == "" or letter not in allowed:
            raise ValueError(
                Words(
                    "the format has no %{letter}: take of %{letters}",
                    letter=letter,
                    letters=" %".join(sorted(f"{allowed}%")),
                )
            )
        if letters.count(letter) > 1:
            raise ValueError(Words("the format has %{letter} twice", letter=letter))
    for choices in (*_DAY, _HOUR) if clock else _DAY:
        if not set(choices) & set(letters):
            raise ValueError(
                Words("the format lacks one of %{letters}", letters=" %".join(choices))
            )
    for choices in _SAME:
        said = [letter for letter in choices if letter in letters]
        if len(said) > 1:
            raise ValueError(
                Words(
                    "the format says one thing twice, by %{one} and by %{other}: leave one out",
                    one=said[0],
                    other=said[1],
                )
            )
    if "I" in letters and "p" not in letters:
        raise ValueError("the format has %I without %p: morning or afternoon is not guessed")
    for letter, whole in _BELONGS:
        if letter in letters and whole not in letters:
            raise ValueError(
                Words("the format has %{letter} without %{whole}", letter=letter, whole=whole)
            )


def _expression(before: str, part: str, after: str) -> str:
    """Return what matches a part of a format. Numbers that touch have all of their digits."""
    letter = part[1:] if part[0] == "%" else ""
    if part.isspace():
        return r"\s+"
    if letter in _WORDS:
        return f"(?P<{letter}>{_WORDS[letter]})"
    if letter not in _DIGITS:
        return re.escape(part[-1])
    most = _DIGITS[letter]
    if letter in "Yy" or _is_number(before) or before == "%z" or _is_number(after):
        return f"(?P<{letter}>[0-9]{{{most}}})"
    blank = "| [0-9]" if letter == "d" else ""
    return f"(?P<{letter}>[0-9]{{1,{most}}}{blank})"


def _is_number(part: str) -> bool:
    return part.isdigit() or (part[:1] == "%" and part[1:] in _DIGITS)


def _moment(said: Mapping[str, str], century: int | None) -> datetime:
    """Return what the parts of a text say. Raises ValueError and OverflowError."""
    day = _day(said, century)
    return datetime(
        *(day.year, day.month, day.day),
        _hour(said),
        int(said.get("M", 0)),
        int(said.get("S", 0)),
        int(said.get("f", "").ljust(6, "0")),
        tzinfo=_offset(said["z"]) if "z" in said else None,
    )


def _day(said: Mapping[str, str], century: int | None) -> date:
    year = int(said["Y"]) if century is None else century + (int(said["y"]) - century) % 100
    if "j" in said:
        found = date(year, 1, 1) + timedelta(int(said["j"]) - 1)
        if found.year != year:
            raise ValueError
        return found
    if "m" in said:
        return date(year, int(said["m"]), int(said["d"]))
    name = said.get("b") or said["B"]
    month = next(n for n, full in enumerate(_MONTHS, 1) if full.startswith(name.lower()))
    return date(year, month, int(said["d"]))


def _hour(said: Mapping[str, str]) -> int:
    if "H" in said:
        return int(said["H"])
    if "I" not in said:
        return 0
    hour = int(said["I"])
    if not 1 <= hour <= _NOON:
        raise ValueError
    return hour % _NOON + (_NOON if said["p"].lower() == "pm" else 0)


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, minutes, seconds = re.findall("[0-9]{2}", f"{text}00")[:3]
    span = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return timezone(-span if text[0] == "-" else span)
