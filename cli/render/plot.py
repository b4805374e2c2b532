"""A burn-down in characters: what is left as blocks, granted and the forecast as lines.

Heights are exact: each column is the last day of its span, each row is told to an eighth.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, Final, NamedTuple

from cli.render.cells import clean, width_of, written
from cli.render.grid import Ink
from cli.render.layout import Style

ROWS: Final = 8
"""Rows above zero."""

_BELOW: Final = 3
"""Rows below zero, at most."""

_WIDEST: Final = 100
_NARROWEST: Final = 10


class Signs(NamedTuple):
    """The characters to draw with."""

    eighths: str
    hanging: str
    """What fills the upper half of a place, and all of it."""
    granted: str
    ahead: str
    axis: str
    bar: str
    """What is used of a bar, and what is left."""


BLOCKS: Final = Signs(" ▁▂▃▄▅▆▇█", "▀█", "┄", "⠒", "─│└▲", "█░")
PLAIN: Final = Signs(" ....####", "'#", "-", "*", "-|+^", "#.")
"""For a terminal that has nothing but ASCII."""


def signs_for(encoding: str | None) -> Signs:
    """Return the characters that an encoding has."""
    try:
        "".join(BLOCKS).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


class _Canvas:
    """The places of one chart, and what stands in them."""

    def __init__(self, series: Mapping[str, Any], columns: int, signs: Signs) -> None:
        self.signs = signs
        self.columns = columns
        self.past = _track(series["points"], "remaining")
        self.granted = _track(series["points"], "granted")
        self.ahead = _track((series["forecast"] or {}).get("points", ()), "remaining")
        everything = [*self.past, *self.granted, *self.ahead]
        self.first = date.fromisoformat(series["starts_on"])
        self.last = max(date.fromisoformat(series["ends_on"]), *(day for day, _ in everything))
        self.today = date.fromisoformat(series["on"])
        self.high = max([value for _, value in everything] + [Fraction(0)]) or Fraction(1)
        low = min([value for _, value in everything] + [Fraction(0)])
        needed = -(low * ROWS // self.high) if low < 0 else 0
        self.below = min(_BELOW, int(needed))

    def day(self, column: int) -> date:
        """Return the last day of a column's span."""
        days = (self.last - self.first).days + 1
        return self.first + timedelta(days=(column + 1) * days // self.columns - 1)

    def row(self, row: int) -> Iterator[tuple[str, Style]]:
        """Yield the places of a row; 0 stands on the axis, -1 hangs under it."""
        for column in range(self.columns):
            day = self.day(column)
            if day > self.today and self.ahead:
                yield self._ahead(row, day)
            elif day > max(self.today, self.past[-1][0] if self.past else self.today):
                yield (" ", Style.PLAIN)
            else:
                yield self._past(row, day)

    def _past(self, row: int, day: date) -> tuple[str, Style]:
        eighths = self._eighths(_at(self.past, day), row)
        if row < 0:
            full = self.signs.hanging[1 if eighths <= -8 else 0]  # noqa: PLR2004 - all of it
            return (full, Style.BAD) if eighths <= -4 else (" ", Style.PLAIN)  # noqa: PLR2004
        if eighths > 0:
            return (self.signs.eighths[min(eighths, 8)], Style.PLAIN)
        level = _at(self.granted, day)
        stands = level > 0 and min(ROWS - 1, int(level * ROWS // self.high)) == row
        return (self.signs.granted, Style.FAINT) if stands else (" ", Style.PLAIN)

    def _ahead(self, row: int, day: date) -> tuple[str, Style]:
        level = _between(self.ahead, day) * ROWS / self.high
        stands = max(-self.below, min(ROWS - 1, level.__floor__())) == row
        style = Style.BAD if level < 0 else Style.SOON
        return (self.signs.ahead, style) if stands else (" ", Style.PLAIN)

    def _eighths(self, value: Fraction, row: int) -> int:
        """Return how many eighths of a row are filled; below zero they hang from its top."""
        height = value * ROWS * 8 / self.high
        rounded = int(height + Fraction(1, 2)) if height >= 0 else -int(Fraction(1, 2) - height)
        if row < 0:
            return max(-8, min(0, rounded - (row + 1) * 8))
        return max(0, min(8, rounded - row * 8))


def _track(points: Sequence[Mapping[str, Any]], figure: str) -> list[tuple[date, Fraction]]:
    return [(date.fromisoformat(point["on"]), Fraction(Decimal(point[figure]))) for point in points]


def _at(track: Sequence[tuple[date, Fraction]], day: date) -> Fraction:
    """Return the value at the end of a day of a track that moves on its days only."""
    found = Fraction(0)
    for moved, value in track:
        if moved > day:
            break
        found = value
    return found


def _between(track: Sequence[tuple[date, Fraction]], day: date) -> Fraction:
    """Return the value at the end of a day of a track that is straight between its days."""
    before = track[0]
    for after in track:
        if after[0] >= day:
            days = (after[0] - before[0]).days
            share = Fraction((day - before[0]).days, days) if days else Fraction(1)
            return before[1] + (after[1] - before[1]) * share
        before = after
    return before[1]


def plot(
    series: Mapping[str, Any], width: int | None, ink: Ink, signs: Signs = BLOCKS
) -> Iterator[str]:
    """Yield the lines of a burn-down, for a terminal of `width` columns (None: as for a file)."""
    top = written(_highest(series))
    label = max(width_of(top), 1)
    room = min(_WIDEST, 80 if width is None else width) - label - 3
    canvas = _Canvas(series, max(_NARROWEST, room), signs)
    line, side, corner, mark = tuple(signs.axis)
    for row in range(ROWS - 1, -1 - canvas.below, -1):
        name = top if row == ROWS - 1 else ""
        drawn = "".join(
            ink("".join(sign for sign, _ in run), style)
            for style, run in groupby(canvas.row(row), key=lambda place: place[1])
        )
        if row == -1:
            yield f" {'0':>{label}} {corner}{line * canvas.columns}"
        yield f" {name:>{label}} {side}{drawn}".rstrip()
    if not canvas.below:
        yield f" {'0':>{label}} {corner}{line * canvas.columns}"
    yield from _calendar(canvas, label, mark)


def _highest(series: Mapping[str, Any]) -> str:
    values = [Decimal(point["granted"]) for point in series["points"]]
    values += [Decimal(point["remaining"]) for point in series["points"]]
    found = format(max([*values, Decimal(0)]), "f")
    return found if found != "0" else "1"


def _calendar(canvas: _Canvas, label: int, mark: str) -> Iterator[str]:
    """Yield the first and the last day, and a mark under the as-of date."""
    margin = " " * (label + 3)
    first, last = canvas.first.isoformat(), canvas.last.isoformat()
    space = canvas.columns - len(first) - len(last)
    if space >= 1:
        yield f"{margin}{first}{' ' * space}{last}"
    else:
        yield f"{margin}{first}"
    days = (canvas.last - canvas.first).days + 1
    place = ((canvas.today - canvas.first).days + 1) * canvas.columns // days
    if 0 <= place <= canvas.columns:
        text = f"{mark} {canvas.today.isoformat()}"
        place = max(0, place - 1)
        if place + len(text) > canvas.columns:
            text = f"{canvas.today.isoformat()} {mark}"
            place = max(0, place - len(text) + 1)
        yield f"{margin}{' ' * place}{text}"


def share_bar(used: str, granted: str, columns: int, signs: Signs = BLOCKS) -> str:
    """Return a bar of so many columns, filled with what is used of what was granted."""
    whole, part = Fraction(Decimal(granted)), Fraction(Decimal(used))
    if whole <= 0:
        return clean(signs.bar[0 if part > 0 else 1] * columns)
    filled = max(0, min(columns, int(part * columns / whole + Fraction(1, 2))))
    filled = max(filled, 1 if part > 0 else 0)
    if part < whole:
        filled = min(filled, columns - 1)
    return signs.bar[0] * filled + signs.bar[1] * (columns - filled)
