"""The answer of a view as a document: its tables with the columns that people are shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cli.documents.model import Block, Document, Entry, Heading, Paragraph, Table, Tone
from cli.language.wording import N_, _, spoken
from cli.render.cells import SIGN, clean, written
from cli.render.drill_down import cut_off
from cli.render.grid import cell_of, drop_needless
from cli.render.layout import Answer, Band, Cell, Kind, Layout, Section, Style
from cli.render.table import HIDDEN

_TONES: Final[Mapping[Style, Tone]] = {
    Style.PLAIN: "plain",
    Style.FAINT: "faint",
    Style.HEADING: "strong",
    Style.SOON: "soon",
    Style.BAD: "bad",
}
_LABELS: Final = {
    "as_of": N_("As of"),
    "known_at": N_("Known at"),
    "position": N_("Position"),
}
_SIGNED: Final = N_("{sign} marks what is overdrawn, or ends soon.")


def document_of(
    answer: Answer, layout: Layout, sections: Sequence[Section], given: Mapping[str, object]
) -> Document:
    """Return the document of an answer; `given` fills the blanks of its title."""
    filled = {key: clean(str(value)) for key, value in given.items()}
    facts = [cell.text for cell in layout.facts(answer)] if layout.facts is not None else []
    blocks: list[Block] = []
    for section in sections:
        blocks += _section(answer, layout, section)
    if any(_is_signed(block) for block in blocks):
        blocks.append(Paragraph(_(_SIGNED).format(sign=SIGN), "faint"))
    cut = cut_off(answer)
    if cut is not None:
        blocks.append(Paragraph(cut, "faint"))
    if answer.get("limited") is True:
        blocks.append(Paragraph(_(HIDDEN), "faint"))
    return Document(
        title=_(layout.title).format(**filled),
        subtitle=", ".join(facts),
        facts=dates_of(answer),
        blocks=blocks,
        language=spoken(),
    )


def dates_of(answer: Answer) -> list[tuple[str, str]]:
    """Return what it takes to ask again: the two dates and the position."""
    return [(_(text), written(answer[key])) for key, text in _LABELS.items() if key in answer]


def _is_signed(block: Block) -> bool:
    return isinstance(block, Table) and any(
        entry.text.endswith(f" {SIGN}") for row in block.rows for entry in row
    )


def _section(answer: Answer, layout: Layout, section: Section) -> Iterator[Block]:
    """Yield the blocks of a section: its rows between the lines that stand over them."""
    rows = section.rows(answer)
    heading = _(section.heading)
    if heading:
        yield Heading(heading)
    if not rows:
        if section.empty:
            yield Paragraph(_(section.empty))
        return
    if section.drawn is not None and section.spread is not None:
        rows = [flat for row in rows for flat in section.spread(row)]
    arranged = list(section.arranged(rows) if section.arranged is not None else rows)
    columns = [column for column in section.columns if not column.optional]
    table = [
        [cell_of(column, row) for column in columns]
        for row in arranged
        if not isinstance(row, Band)
    ]
    columns = drop_needless(columns, table)
    shape = Table(
        caption=heading or _(layout.title).partition("{")[0].strip(),
        headings=[_(column.heading) for column in columns],
        numbers=[column.kind is Kind.NUMBER for column in columns],
        rows=(),
        wide=[place for place, column in enumerate(columns) if column.kind is Kind.TEXT],
    )
    cells = iter(table)
    together: list[list[Entry]] = []
    for row in arranged:
        if not isinstance(row, Band):
            together.append([_entry(cell) for cell in next(cells)])
            continue
        yield from _tables(shape, together)
        together = []
        yield from _band(row)
    yield from _tables(shape, together)


def _tables(shape: Table, rows: list[list[Entry]]) -> Iterator[Table]:
    if rows:
        yield Table(shape.caption, shape.headings, shape.numbers, rows, shape.wide)


def _band(band: Band) -> Iterator[Block]:
    """Yield the line between rows: a heading where it is one, else a paragraph."""
    text = band.between.join(_signed(part) for part in band.parts).strip()
    if not text:
        return
    if all(part.style is Style.HEADING for part in band.parts):
        yield Heading(text, 2)
    else:
        yield Paragraph(text)


def _signed(cell: Cell) -> str:
    return f"{cell.text} {cell.sign}" if cell.sign else cell.text


def _entry(cell: Cell) -> Entry:
    return Entry(_signed(cell), _TONES[cell.style])
