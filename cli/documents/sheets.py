"""XLSX: a sheet for each list of an answer, with typed cells, a header that stays, and totals.

Texts are written as texts, whatever they begin with; one that would be a formula stays a text when
its cell is edited. A number that a spreadsheet would round, a day before its calendar and an
instant finer than its clock are written as text, exact.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from cli.documents.fields import TOTALLED, About, Type, flat_rows, plain_text, type_in
from cli.language.wording import _
from cli.render.formulas import is_formula
from cli.render.layout import Answer, Row, Section

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL: Final = 32_767
MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, its header among them."""

_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a date that says nothing, in every file
_EXACT_DIGITS: Final = 15
"""Digits that a double always gives back."""
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it spreadsheets disagree about the calendar."""
_WIDEST: Final = 60
_ABOUT: Final = "question"


class TooLarge(ValueError):
    """The answer does not fit into a spreadsheet; the message says what does not."""


def workbook(answer: Answer, sections: Sequence[Section], about: About) -> bytes:
    """Return an answer as a workbook. Raises TooLarge where a cell or a sheet would be cut off."""
    from xlsxwriter.workbook import Workbook

    into = io.BytesIO()
    book = Workbook(into, {"constant_memory": True})
    book.set_properties({"title": about.view, "author": "cpod", "created": _CREATED})
    styles = _Styles(book)
    for section in sections:
        _Sheet(book.add_worksheet(section.name[:31]), styles).fill(
            section.fields, flat_rows(section, answer)
        )
    _about_sheet(book.add_worksheet(_ABOUT), styles, about.facts(answer))
    book.close()
    return into.getvalue()


class _Styles:
    """How cells look: the formats of one workbook."""

    def __init__(self, book: "Workbook") -> None:
        number = "#,##0.#########"
        self.heading = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4"})
        self.total = book.add_format({"bold": True, "top": 1, "num_format": number})
        self.of: dict[Type, Format | None] = {
            Type.TEXT: book.add_format({"num_format": "@"}),
            Type.QUANTITY: book.add_format({"num_format": number}),
            Type.COUNT: None,
            Type.FLAG: None,
            Type.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
            Type.INSTANT: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        self.milliseconds = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})

    def of_text(self, text: str) -> "Format | None":
        """Return how a text looks; one that would be a formula has the mark of a text."""
        return self.quoted if is_formula(text) else self.of[Type.TEXT]


class _Sheet:
    """One sheet, filled from the first row to the last."""

    def __init__(self, sheet: "Worksheet", styles: _Styles) -> None:
        self.sheet = sheet
        self.styles = styles

    def fill(self, fields: Sequence[str], rows: Sequence[Row]) -> None:
        """Write the header, the rows, and the totals where sums make sense."""
        if len(rows) + 2 > MOST_ROWS:
            raise TooLarge(
                _("{rows} rows do not fit into a sheet: take csv or parquet").format(rows=len(rows))
            )
        kinds = [type_in(name, rows) for name in fields]
        widths = [len(name) for name in fields]
        for column, name in enumerate(fields):
            self.sheet.write_string(0, column, name, self.styles.heading)
        for number, row in enumerate(rows, start=1):
            for column, (name, kind) in enumerate(zip(fields, kinds, strict=True)):
                value = row.get(name)
                if value is not None:
                    widths[column] = max(widths[column], self.write(number, column, kind, value))
        self._totals(fields, kinds, rows, len(rows))
        self.sheet.freeze_panes(1, 0)
        if fields:
            self.sheet.autofilter(0, 0, max(len(rows), 1), len(fields) - 1)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, min(width, _WIDEST) + 2)

    def write(self, row: int, column: int, kind: Type, value: Any) -> int:
        """Write one cell and return how many characters it shows."""
        style = self.styles.of[kind]
        if kind is Type.FLAG:
            self.sheet.write_boolean(row, column, value)
        elif kind is Type.COUNT and _is_exact(str(value)):
            self.sheet.write_number(row, column, value, style)
        elif kind is Type.QUANTITY and _is_exact(value):
            self.sheet.write_number(row, column, float(value), style)
        elif kind is Type.DAY and date.fromisoformat(value) >= _FIRST_DAY:
            self.sheet.write_datetime(row, column, date.fromisoformat(value), style)
        elif kind is Type.INSTANT and (moment := _moment(value)) is not None:
            fine = self.styles.milliseconds if moment.microsecond else style
            self.sheet.write_datetime(row, column, moment, fine)
        else:
            return self._write_text(row, column, plain_text(value))
        return len(str(value))

    def _write_text(self, row: int, column: int, text: str) -> int:
        if len(text) > LONGEST_CELL:
            raise TooLarge(
                _(
                    "row {row} holds a text of {length} characters, and a cell takes {most}:"
                    " take csv or parquet"
                ).format(row=row, length=len(text), most=LONGEST_CELL)
            )
        self.sheet.write_string(row, column, text, self.styles.of_text(text))
        return len(text)

    def _totals(
        self, fields: Sequence[str], kinds: Sequence[Type], rows: Sequence[Row], last: int
    ) -> None:
        """Write a row of sums; a column whose sum would not be exact has none."""
        if "unit" in fields:  # a benefit has none, and nothing to add
            rows = [row for row in rows if row.get("unit") is not None]
        if not rows or len({row.get("unit") for row in rows}) > 1:
            return
        for column, (name, kind) in enumerate(zip(fields, kinds, strict=True)):
            values = [row.get(name) for row in rows]
            texts = [str(value) for value in values if value is not None]
            if name not in TOTALLED or kind not in {Type.QUANTITY, Type.COUNT} or not texts:
                continue
            total = format(sum(map(Decimal, texts), Decimal(0)), "f")
            if len(texts) == len(values) and all(map(_is_exact, [*texts, total])):
                self._sum(column, last, float(total))

    def _sum(self, column: int, last: int, value: float) -> None:
        from xlsxwriter.utility import xl_range

        formula = f"=SUBTOTAL(109,{xl_range(1, column, last, column)})"
        self.sheet.write_formula(last + 1, column, formula, self.styles.total, value)


def _is_exact(number: str) -> bool:
    """Return whether a spreadsheet shows this number as it is."""
    return len(number.lstrip("-").replace(".", "").strip("0")) <= _EXACT_DIGITS


def _moment(instant: str) -> datetime | None:
    """Return an instant as a spreadsheet's clock has it; None where that is too coarse."""
    whole, _point, decimals = instant.removesuffix("Z").partition(".")
    if len(decimals) > 3 or date.fromisoformat(whole[:10]) < _FIRST_DAY:  # noqa: PLR2004
        return None
    return datetime.fromisoformat(f"{whole}.{decimals.ljust(3, '0')}")


def _about_sheet(sheet: "Worksheet", styles: _Styles, facts: Mapping[str, str]) -> None:
    """Write what was asked, so that it can be asked again."""
    for row, (name, value) in enumerate(facts.items()):
        sheet.write_string(row, 0, name, styles.heading)
        sheet.write_string(row, 1, value[:LONGEST_CELL], styles.of_text(value))
    sheet.set_column(0, 0, max(map(len, facts)) + 2)
    sheet.set_column(1, 1, _WIDEST)
