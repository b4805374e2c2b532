"""A grid of cells as lines of text: aligned, fitted to the terminal, nothing ever cut off.

Where a terminal is too narrow for rows, each row stands as lines of `heading  value`.
"""

from collections.abc import Iterator, Sequence

from cli.render.cells import is_nothing, width_of, written
from cli.render.fit import GAP, align, fit, wrap
from cli.render.layout import Band, Cell, Column, Kind, Row, Style
from cli.wording import _


class Ink:
    """Puts text into styles where there is colour, and remembers which of them bore a sign."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour
        self.signed: set[Style] = set()

    def __call__(self, text: str, style: Style) -> str:
        """Return the text in a style."""
        if not self.colour or style is Style.PLAIN or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"


def grid(
    columns: Sequence[Column], rows: Sequence[Row | Band], width: int | None, ink: Ink
) -> Iterator[str]:
    """Yield the lines of a table: headings, then rows with the bands between them.

    `width` is that of the terminal in columns, None where lines may be as long as they need.
    """
    body = [
        row if isinstance(row, Band) else [_cell(each, row) for each in columns] for row in rows
    ]
    table = [row for row in body if not isinstance(row, Band)]
    columns = _drop_quiet(columns, table)
    ink.signed |= {cell.style for row in table for cell in row if cell.sign}
    align(columns, table)
    headings = [_(column.heading) for column in columns]
    widths = fit(columns, headings, table, width)
    if widths is None:
        yield from _stacked(headings, body, width, ink)
        return
    if table and any(headings):
        yield from _heading_lines(columns, headings, widths, ink)
    for row in body:
        if isinstance(row, Band):
            yield from band_lines(row, width, ink)
        else:
            yield from _row_lines(columns, row, widths, ink)


def _cell(column: Column, row: Row) -> Cell:
    return column.cell(row) if column.cell is not None else Cell(written(row.get(column.key)))


def _drop_quiet(columns: Sequence[Column], table: Sequence[list[Cell]]) -> list[Column]:
    """Take quiet columns in which nothing stands out of the table; return those that stay."""
    stay = [
        not column.quiet or not all(is_nothing(row[place].text) for row in table)
        for place, column in enumerate(columns)
    ]
    for row in table:
        row[:] = [cell for cell, stays in zip(row, stay, strict=True) if stays]
    return [column for column, stays in zip(columns, stay, strict=True) if stays]


def _heading_lines(
    columns: Sequence[Column], headings: Sequence[str], widths: Sequence[int], ink: Ink
) -> Iterator[str]:
    """Yield the headings, each ending on the last line."""
    broken = [wrap(text, width) for text, width in zip(headings, widths, strict=True)]
    height = max(map(len, broken))
    for line in zip(*([""] * (height - len(lines)) + lines for lines in broken), strict=True):
        yield _line(columns, [Cell(text, Style.HEADING) for text in line], widths, ink)


def _row_lines(
    columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], ink: Ink
) -> Iterator[str]:
    """Yield a row, on as many lines as its longest cell needs."""
    if all(width_of(cell.text) <= width for cell, width in zip(row, widths, strict=True)):
        yield _line(columns, row, widths, ink)
        return
    broken = [
        wrap(cell.text, width, ", " if column.kind is Kind.IDS else " ")
        if column.kind in {Kind.TEXT, Kind.IDS}
        else [cell.text]
        for column, cell, width in zip(columns, row, widths, strict=True)
    ]
    for number in range(max(map(len, broken))):
        line = [
            cell._replace(text=lines[number] if number < len(lines) else "")
            for cell, lines in zip(row, broken, strict=True)
        ]
        yield _line(columns, line, widths, ink)


def _line(columns: Sequence[Column], cells: Sequence[Cell], widths: Sequence[int], ink: Ink) -> str:
    """Return one line: numbers to the right, everything else to the left."""
    parts = []
    for column, cell, width in zip(columns, cells, widths, strict=True):
        space = " " * (width - width_of(cell.text))
        text = ink(cell.text, cell.style)
        parts.append(space + text if column.kind is Kind.NUMBER else text + space)
    return GAP.join(parts).rstrip()


def band_lines(band: Band, width: int | None, ink: Ink) -> Iterator[str]:
    """Yield a band: its parts side by side, on more lines where they do not fit."""
    margin = " " * band.indent
    line, used = "", band.indent
    for part in band.parts:
        if part.sign:
            ink.signed.add(part.style)
        text = f"{part.text} {part.sign}" if part.sign else part.text
        takes = width_of(text)
        if line and width is not None and used + len(GAP) + takes > width:
            yield margin + line
            line, used = "", band.indent
        used += takes + (len(GAP) if line else 0)
        line += (GAP if line else "") + ink(text, part.style)
    yield margin + line if line else ""


def _stacked(
    headings: Sequence[str], body: Sequence[Band | list[Cell]], width: int | None, ink: Ink
) -> Iterator[str]:
    """Yield each row as lines of heading and value."""
    label = max(map(width_of, headings))
    after_row = False
    for row in body:
        if isinstance(row, Band):
            yield from band_lines(row, width, ink)
            after_row = False
            continue
        if after_row:
            yield ""
        after_row = True
        for heading, cell in zip(headings, row, strict=True):
            space = " " * (label - width_of(heading))
            yield f"{ink(heading, Style.HEADING)}{space}{GAP}{ink(cell.text.strip(), cell.style)}"
