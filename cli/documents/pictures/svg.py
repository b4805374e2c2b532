"""Pieces of SVG: colours that are told apart without colour, strokes, texts and the frame."""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

INK: Final = "#1b2733"
FAINT: Final = "#556472"
RULE: Final = "#d5dde5"
LEFT: Final = "#14466e"
TINT: Final = "#cfe0ef"
AHEAD: Final = "#9a5200"
BAD: Final = "#a1121d"
OVER: Final = "#f0bfc4"

_FONTS: Final = "system-ui, 'Libertinus Serif', sans-serif"

WIDTH: Final = 720
"""How wide every picture is."""


def stroke(shape: str, colour: str, dashes: str, width: float) -> str:
    """Return an open shape, drawn as a line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'{shape} fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'


def text_at(x: float, y: float, text: str, anchor: str, colour: str, more: str = "") -> str:
    """Return a text at a place: `anchor` is start or end, `more` are attributes."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{more}>'
        f"{escape(text)}</text>"
    )


def svg(width: int, height: int, parts: Sequence[str], size: int = 13) -> str:
    """Return a whole picture of its parts; what it shows is said beside it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="{_FONTS}" font-size="{size}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )
