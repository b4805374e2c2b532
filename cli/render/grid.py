"""A grid of cells as lines of text: aligned, fitted to the terminal, nothing ever cut off.

Where a terminal is too narrow, details stand in a line under their row; where it is narrower
still, each row stands as lines of `heading  value`.
"""

from collections.abc import Iterator, Sequence

from cli.language.wording import _
from cli.render.cells import DASH, DOT, is_nothing, width_of, written
from cli.render.fit import GAP, align, fit, wrap
from cli.render.layout import Band, Cell, Column, Kind, Row, Style

_MARGIN = 2
"""Columns by which a line of details stands to the right of its row."""


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
    columns: Sequence[Column],
    rows: Sequence[Row | Band],
    width: int | None,
    ink: Ink,
    indent: int = 0,
) -> Iterator[str]:
    """Yield the lines of a table: headings, then rows with the bands between them.

    `width` is that of the terminal in columns, None where lines may be as long as they need; rows
    stand `indent` columns to the right of bands.
    """
    body = [
        row if isinstance(row, Band) else [cell_of(column, row) for column in columns]
        for row in rows
    ]
    table = [row for row in body if not isinstance(row, Band)]
    columns = drop_needless(columns, table)
    ink.signed |= {cell.style for row in table for cell in row if cell.sign}
    needed = [column for column in columns if not column.optional]
    for chosen in (columns, needed, [column for column in needed if not column.detail]):
        shape = _Shape(columns, chosen, table, None if width is None else width - indent, indent)
        if shape.widths is not None:
            yield from shape.lines(body, width, ink)
            return
    shown = [place for place, column in enumerate(columns) if not column.optional]
    for row in table:
        row[:] = [row[place] for place in shown]
    yield from _stacked([_(column.heading) for column in needed], body, width, ink)


def cell_of(column: Column, row: Row) -> Cell:
    """Return what a column shows of a row."""
    return column.cell(row) if column.cell is not None else Cell(written(row.get(column.key)))


def drop_needless(columns: Sequence[Column], table: Sequence[list[Cell]]) -> list[Column]:
    """Take columns that say nothing new out of the table; return those that stay."""
    places = {column.key: place for place, column in enumerate(columns)}
    stay = [
        not (column.quiet and all(is_nothing(row[place].text) for row in table))
        and not (
            column.unlike is not None
            and all(row[place].text == row[places[column.unlike]].text for row in table)
        )
        for place, column in enumerate(columns)
    ]
    for row in table:
        row[:] = [cell for cell, stays in zip(row, stay, strict=True) if stays]
    return [column for column, stays in zip(columns, stay, strict=True) if stays]


class _Shape:
    """Columns side by side, and those that stand under each row; `widths` is None if too wide."""

    def __init__(
        self,
        columns: Sequence[Column],
        chosen: Sequence[Column],
        table: Sequence[list[Cell]],
        width: int | None,
        indent: int,
    ) -> None:
        self.columns = chosen
        self.under = [
            (place, column)
            for place, column in enumerate(columns)
            if column not in chosen and not column.optional
        ]
        places = [place for place, column in enumerate(columns) if column in chosen]
        self.rows = [[row[place] for place in places] for row in table]
        self.indent = indent
        self.headings = [_(column.heading) for column in chosen]
        align(chosen, self.rows)
        self.widths = fit(chosen, self.headings, self.rows, width)

    def lines(
        self, body: Sequence[Band | list[Cell]], width: int | None, ink: Ink
    ) -> Iterator[str]:
        """Yield the headings, then the rows with their details, and the bands between them."""
        if self.rows and any(self.headings):
            yield from self._heading_lines(ink)
        aligned = iter(self.rows)
        for row in body:
            if isinstance(row, Band):
                yield from band_lines(row, width, ink)
                continue
            yield from self._row_lines(next(aligned), ink)
            details = [
                Cell(f"{_lower(_(column.heading))} {row[place].text}", Style.FAINT, row[place].sign)
                for place, column in self.under
                if row[place].text != DASH and not (column.quiet and is_nothing(row[place].text))
            ]
            if details:
                yield from band_lines(Band(details, self.indent + _MARGIN, DOT), width, ink)

    def _heading_lines(self, ink: Ink) -> Iterator[str]:
        """Yield the headings, each ending on the last line."""
        assert self.widths is not None
        broken = [wrap(text, width) for text, width in zip(self.headings, self.widths, strict=True)]
        height = max(map(len, broken))
        for line in zip(*([""] * (height - len(lines)) + lines for lines in broken), strict=True):
            yield self._line([Cell(text, Style.HEADING) for text in line], ink)

    def _row_lines(self, row: Sequence[Cell], ink: Ink) -> Iterator[str]:
        """Yield a row, on as many lines as its longest cell needs."""
        assert self.widths is not None
        broken = [
            wrap(cell.text, width, ", " if column.kind is Kind.IDS else " ")
            if column.kind in {Kind.TEXT, Kind.IDS} and width_of(cell.text) > width
            else [cell.text]
            for column, cell, width in zip(self.columns, row, self.widths, strict=True)
        ]
        for number in range(max(map(len, broken))):
            line = [
                cell._replace(text=lines[number] if number < len(lines) else "")
                for cell, lines in zip(row, broken, strict=True)
            ]
            yield self._line(line, ink)

    def _line(self, cells: Sequence[Cell], ink: Ink) -> str:
        """Return one line: numbers to the right, everything else to the left."""
        assert self.widths is not None
        parts = []
        for column, cell, width in zip(self.columns, cells, self.widths, strict=True):
            space = " " * (width - width_of(cell.text))
            text = ink(cell.text, cell.style)
            parts.append(space + text if column.kind is Kind.NUMBER else text + space)
        return " " * self.indent + GAP.join(parts).rstrip()


def _lower(heading: str) -> str:
    """Return a heading as it stands within a line."""
    return heading[:1].lower() + heading[1:]


def band_lines(band: Band, width: int | None, ink: Ink) -> Iterator[str]:
    """Yield a band: its parts side by side, on more lines where they do not fit."""
    margin = " " * band.indent
    line, used = "", band.indent
    for part in band.parts:
        if part.sign:
            ink.signed.add(part.style)
        text = f"{part.text} {part.sign}" if part.sign else part.text
        takes = width_of(text)
        gap = width_of(band.between) if line else 0
        if line and width is not None and used + gap + takes > width:
            yield margin + line
            line, used, gap = "", band.indent, 0
        used += gap + takes
        line += (band.between if gap else "") + ink(text, part.style)
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
            text = f"{cell.text} {cell.sign}" if cell.sign else cell.text
            yield f"{ink(heading, Style.HEADING)}{space}{GAP}{ink(text, cell.style)}"
