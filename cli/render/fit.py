"""How wide each column of a grid is: numbers aligned, and the whole fitted to the terminal."""

from collections.abc import Sequence
from typing import Final

from cli.render.cells import is_nothing, is_number, local_number, width_of
from cli.render.layout import Cell, Column, Kind

GAP: Final = "  "
"""What stands between two columns."""

_NARROWEST: Final = 12
"""Names are not broken into less than this."""


def align(columns: Sequence[Column], rows: Sequence[list[Cell]]) -> None:
    """Write signs into the texts of cells, and pad numbers so that their decimal points meet."""
    for place, column in enumerate(columns):
        if column.kind is Kind.NUMBER:
            _align_numbers(place, rows)
            continue
        for row in rows:
            cell = row[place]
            if cell.sign:
                row[place] = cell._replace(text=f"{cell.text} {cell.sign}")


def _align_numbers(place: int, rows: Sequence[list[Cell]]) -> None:
    """Pad the cells of one column on the right: decimals, then room for a sign."""
    decimals = max((_decimals(row[place].text) for row in rows), default=0)
    signed = max((len(row[place].sign) + 1 for row in rows if row[place].sign), default=0)
    for row in rows:
        text, _style, sign = row[place]
        if is_number(text) or is_nothing(text):
            text = local_number(text) + " " * (decimals - _decimals(text))
        row[place] = row[place]._replace(text=text + (f" {sign}" if sign else "").ljust(signed))


def _decimals(text: str) -> int:
    """Return the columns that a number takes from its decimal point on."""
    point = text.find(".")
    return len(text) - point if point >= 0 and is_number(text) else 0


def fit(
    columns: Sequence[Column],
    headings: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    width: int | None,
) -> list[int] | None:
    """Return the width of each column, or None where they cannot stand side by side.

    What is too wide gives way in this order: headings break between words, then names and lists
    do. Ids, dates and numbers keep the width that they need.
    """
    bodies = [
        max((width_of(row[place].text) for row in rows), default=0) for place in range(len(columns))
    ]
    widths = [max(body, width_of(heading)) for body, heading in zip(bodies, headings, strict=True)]
    if width is None:
        return widths
    room = width - len(GAP) * (len(columns) - 1)
    if sum(widths) <= room:
        return widths
    words = [max(map(width_of, heading.split()), default=0) for heading in headings]
    widths = [max(body, word) for body, word in zip(bodies, words, strict=True)]
    least = [
        max(word, min(widths[place], _least(column, [row[place].text for row in rows])))
        for place, (column, word) in enumerate(zip(columns, words, strict=True))
    ]
    return _shrunk(widths, least, sum(widths) - room)


def _shrunk(widths: list[int], least: Sequence[int], excess: int) -> list[int] | None:
    """Return the widths with the widest that may made narrower, until nothing is too much."""
    for _step in range(excess):
        able = [place for place, width in enumerate(widths) if width > least[place]]
        if not able:
            return None
        widths[max(able, key=widths.__getitem__)] -= 1
    return widths


def _least(column: Column, texts: Sequence[str]) -> int:
    """Return how narrow a column may become; whole where it is never broken."""
    if column.kind is Kind.TEXT:
        return _NARROWEST
    between = ", " if column.kind is Kind.IDS else "\n"
    return max((width_of(piece) + 1 for text in texts for piece in text.split(between)), default=0)


def wrap(text: str, width: int, between: str = " ") -> list[str]:
    """Return the text in lines of at most `width` columns, broken only where `between` stands.

    A single piece that is longer stays whole, on a line of its own.
    """
    lines = [""]
    pieces = text.split(between)
    for number, piece in enumerate(pieces, start=1):
        whole = piece + between.rstrip() if number < len(pieces) else piece
        joined = f"{lines[-1]} {whole}" if lines[-1] else whole
        if lines[-1] and width_of(joined) > width:
            lines.append(whole)
        else:
            lines[-1] = joined
    return lines
