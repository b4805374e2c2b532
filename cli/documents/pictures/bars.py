"""Bars as SVG: how much of each entitlement is used."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from cli.documents.pictures.svg import BAD, INK, LEFT, TINT, WIDTH, svg, text_at


class Bar(NamedTuple):
    """One entitlement among the bars: its name, what was granted and used, and that in words."""

    name: str
    granted: Decimal
    used: Decimal
    says: str


def bars(rows: Sequence[Bar]) -> str:
    """Return a bar for each entitlement: used of granted; what is over is red."""
    height, start, end = 30, 235, 480
    parts = []
    for place, bar in enumerate(rows):
        y = 8 + place * height
        most = max(bar.granted, bar.used)
        scale = float((end - start) / most) if most else 0.0
        within, whole = min(bar.used, bar.granted), bar.granted
        parts.append(text_at(start - 10, y + 13, _shortened(bar.name), "end", INK))
        parts.append(_rect(start, y, float(whole) * scale, TINT))
        parts.append(_rect(start, y, max(0.0, float(within)) * scale, LEFT))
        if bar.used > bar.granted:
            over = float(bar.used - bar.granted) * scale
            parts.append(_rect(start + float(whole) * scale, y, over, BAD))
        colour = BAD if bar.used > bar.granted else INK
        parts.append(text_at(end + 12, y + 13, bar.says, "start", colour))
    return svg(WIDTH, 12 + len(rows) * height, parts, size=12)


def _shortened(name: str) -> str:
    longest = 36
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _rect(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="17" fill="{colour}"/>'
