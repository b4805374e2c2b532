"""A burn-down as SVG: what was granted, what is left, and what is to come, against time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, NamedTuple

from cli.documents.pictures.svg import (
    AHEAD,
    BAD,
    FAINT,
    INK,
    LEFT,
    OVER,
    RULE,
    TINT,
    WIDTH,
    stroke,
    svg,
    text_at,
)
from cli.documents.writing import month_name, number, short_day
from cli.language.wording import N_, _

_HEIGHT: Final = 190
_TOP, _RIGHT, _BOTTOM = 34, 16, 26
_MARGIN: Final = 58
_LETTER: Final = 7.2
"""How wide a character is, more or less."""
_HALO: Final = ' font-weight="bold" paint-order="stroke" stroke="#fff" stroke-width="4"'
"""What lets a text stand on lines."""

_MOST_MONTHS: Final = 14
_MOST_STEPS: Final = 5
_LEGEND: Final = (
    ("granted", N_("granted")),
    ("left", N_("left")),
    ("ahead", N_("forecast at the present rate")),
)


class _Frame(NamedTuple):
    """Which days and quantities the picture shows, and where they are drawn."""

    first: date
    last: date
    low: Decimal
    high: Decimal
    left: float
    """Where the first day begins: to the right of the widest number."""

    def x(self, day: date) -> float:
        """Return where the end of a day is drawn."""
        share = ((day - self.first).days + 1) / ((self.last - self.first).days + 1)
        return self.left + share * (WIDTH - self.left - _RIGHT)

    def y(self, quantity: Decimal) -> float:
        """Return where a quantity is drawn."""
        share = float((quantity - self.low) / (self.high - self.low))
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


Track = Sequence[tuple[date, Decimal]]


def burn_down(series: Mapping[str, Any]) -> str:
    """Return the picture of the series of a limited entitlement, as the ledger answers it."""
    left = _track(series["points"], "remaining")
    granted = _track(series["points"], "granted")
    ahead = _track((series["forecast"] or {}).get("points", ()), "remaining")
    frame = _frame(series, [*left, *granted, *ahead])
    parts = [*_axes(frame), *_area(frame, left), *_below(frame, left)]
    parts += _line(frame, granted, FAINT, "2 3")
    parts += _line(frame, left, LEFT, width=2.2)
    if ahead:
        corners = " ".join(f"{frame.x(day):.1f},{frame.y(value):.1f}" for day, value in ahead)
        parts.append(stroke(f'<polyline points="{corners}"', AHEAD, "6 4", 2))
    today = date.fromisoformat(series["on"])
    if frame.first <= today <= frame.last:
        x = frame.x(today)
        parts.append(stroke(f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"', FAINT, "1 3", 1))
    out = series["ran_out_on"] or (series["forecast"] or {}).get("runs_out_on")
    if out is not None:
        x, y = frame.x(date.fromisoformat(out)), frame.y(Decimal(0))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{BAD}"/>')
        end = "end" if x > WIDTH - 120 else "start"
        shift = -9 if end == "end" else 9
        parts.append(text_at(x + shift, y - 8, short_day(out), end, BAD, _HALO))
    parts += _legend(frame.left, ahead=bool(ahead))
    return svg(WIDTH, _HEIGHT, parts)


def _track(points: Sequence[Mapping[str, Any]], figure: str) -> Track:
    return [(date.fromisoformat(point["on"]), Decimal(point[figure])) for point in points]


def _frame(series: Mapping[str, Any], track: Track) -> _Frame:
    days = [day for day, _value in track]
    first = min([date.fromisoformat(series["starts_on"]), *days])
    last = max([date.fromisoformat(series["ends_on"]), *days])
    values = [value for _day, value in track]
    high = max([*values, Decimal(0)])
    low = min([*values, Decimal(0)])
    if high == low:
        high = low + 1
    widest = max(len(_label(value)) for value in _round_values(low, high))
    return _Frame(first, last, low, high, max(_MARGIN, 14 + _LETTER * widest))


def _axes(frame: _Frame) -> Iterator[str]:
    """Yield lines for round quantities, and the months along the bottom."""
    for value in _round_values(frame.low, frame.high):
        y = frame.y(value)
        colour = FAINT if value == 0 else RULE
        yield f'<path d="M{frame.left:.1f} {y:.1f}H{WIDTH - _RIGHT}" stroke="{colour}"/>'
        yield text_at(frame.left - 8, y + 4, _label(value), "end", FAINT)
    months = list(_months(frame.first, frame.last))
    step = -(-len(months) // _MOST_MONTHS)
    for place, month in enumerate(months):
        x = frame.x(month - timedelta(days=1))
        yield f'<path d="M{x:.1f} {_HEIGHT - _BOTTOM}v4" stroke="{FAINT}"/>'
        if place % step == 0 and x < WIDTH - _RIGHT - 20:
            name = month_name(month, "LLL yy" if place == 0 or month.month == 1 else "LLL")
            yield text_at(x + 3, _HEIGHT - _BOTTOM + 16, name, "start", FAINT)


def _label(value: Decimal) -> str:
    return number(format(value, "f"))


def _months(first: date, last: date) -> Iterator[date]:
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = (day + timedelta(days=32)).replace(day=1)


def _round_values(low: Decimal, high: Decimal) -> list[Decimal]:
    """Return some round quantities from the lowest to the highest, zero among them."""
    span = high - low
    step = Decimal(1).scaleb(span.adjusted())
    for factor in ("0.1", "0.2", "0.5", "1", "2"):
        if span / (step * Decimal(factor)) <= _MOST_STEPS:
            step *= Decimal(factor)
            break
    first, last = int(low / step), int(high / step)
    return [(step * place).normalize() + 0 for place in range(first, last + 1)]


def _steps(frame: _Frame, track: Track) -> str:
    """Return the corners of a line that moves on the days of its points only."""
    corners, before = [], None
    for day, value in track:
        x, y = frame.x(day), frame.y(value)
        if before is not None:
            corners.append(f"{x:.1f},{before:.1f}")
        else:
            corners.append(f"{frame.x(day - timedelta(days=1)):.1f},{y:.1f}")
        corners.append(f"{x:.1f},{y:.1f}")
        before = y
    return " ".join(corners)


def _area(frame: _Frame, track: Track) -> Iterator[str]:
    if track:
        zero, end = frame.y(Decimal(0)), frame.x(track[-1][0])
        start = frame.x(track[0][0] - timedelta(days=1))
        corners = f"{start:.1f},{zero:.1f} {_steps(frame, track)} {end:.1f},{zero:.1f}"
        yield f'<polygon points="{corners}" fill="{TINT}"/>'


def _below(frame: _Frame, track: Track) -> Iterator[str]:
    """Yield what lies below zero, in red."""
    zero = frame.y(Decimal(0))
    for (day, value), (following, _value) in pairwise(track):
        if value < 0:
            x, width = frame.x(day), frame.x(following) - frame.x(day)
            yield (
                f'<rect x="{x:.1f}" y="{zero:.1f}" width="{width:.1f}"'
                f' height="{frame.y(value) - zero:.1f}" fill="{OVER}"/>'
            )


def _line(
    frame: _Frame, track: Track, colour: str, dashes: str = "", width: float = 1.2
) -> Iterator[str]:
    if track:
        yield stroke(f'<polyline points="{_steps(frame, track)}"', colour, dashes, width)


def _legend(left: float, *, ahead: bool) -> Iterator[str]:
    x = left
    for key, label in _LEGEND:
        if key == "ahead" and not ahead:
            continue
        if key == "left":
            yield f'<rect x="{x:.1f}" y="9" width="22" height="9" fill="{TINT}"/>'
            yield f'<path d="M{x:.1f} 9h22" stroke="{LEFT}" stroke-width="2.2"/>'
        else:
            colour, dashes = (AHEAD, "6 4") if key == "ahead" else (FAINT, "2 3")
            yield stroke(f'<path d="M{x:.1f} 13.5h22"', colour, dashes, 2)
        yield text_at(x + 28, 18, _(label), "start", INK)
        x += 28 + _LETTER * len(_(label)) + 24
