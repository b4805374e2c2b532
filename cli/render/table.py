"""Answers for people: a title with the two dates and the position, tables, and what to know."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cli.language.wording import N_, _
from cli.render.cells import DOT, SIGN, SOON, clean, written
from cli.render.drill_down import cut_off
from cli.render.fit import wrap
from cli.render.grid import Ink, band_lines, grid
from cli.render.layout import Answer, Band, Cell, Layout, Row, Section, Style

HIDDEN: Final = N_(
    "You see part of this: cases that are not shared with you, and figures that would give them"
    " away, are left out; such a figure is a dash."
)
"""What a viewer is told who does not see everything."""

DATES: Final = {
    "as_of": N_("as of {value}"),
    "known_at": N_("known at {value}"),
    "position": N_("position {value}"),
}
"""How an answer says when it is for, and with which it can be asked again."""


def table_lines(
    answer: Answer,
    layout: Layout,
    given: Mapping[str, object],
    only: str | None,
    width: int | None,
    *,
    colour: bool,
) -> Iterator[str]:
    """Yield the lines of an answer as tables, without line ends.

    `only` names the one section to show, None all; `given` fills the blanks of the title.
    """
    ink = Ink(colour=colour)
    yield from band_lines(_title(answer, layout, given), width, ink)
    sections = layout.sections if only is None else [layout.section(only)]
    for section in sections:
        yield from _section_lines(section, section.rows(answer), width, ink)
    cut = cut_off(answer)
    notes = [
        *_signs(ink),
        *([cut] if cut is not None else []),
        *([_(HIDDEN)] if answer.get("limited") is True else []),
    ]
    if notes:
        yield ""
    for note in notes:
        for line in [note] if width is None else wrap(note, width):
            yield ink(line, Style.FAINT)


def _title(answer: Answer, layout: Layout, given: Mapping[str, object]) -> Band:
    """Return the first line: what is shown, and the dates and position with which to ask again."""
    filled = {key: clean(str(value)) for key, value in given.items()}
    parts = [Cell(_(layout.title).format(**filled), Style.HEADING)]
    parts += layout.facts(answer) if layout.facts is not None else ()
    for key, text in DATES.items():
        if key in answer:
            parts.append(Cell(_(text).format(value=written(answer[key])), Style.FAINT))
    return Band(parts, between=DOT)


def _signs(ink: Ink) -> Iterator[str]:
    """Yield what the sign means, where it stands anywhere."""
    if ink.signed == {Style.BAD}:
        yield _("{sign} overdrawn").format(sign=SIGN)
    elif ink.signed == {Style.SOON}:
        yield _("{sign} ends within {days} days").format(sign=SIGN, days=SOON)
    elif ink.signed:
        yield _("{sign} overdrawn, or ends within {days} days").format(sign=SIGN, days=SOON)


def _section_lines(
    section: Section, rows: Sequence[Row], width: int | None, ink: Ink
) -> Iterator[str]:
    """Yield the heading and the rows of a section, or the sentence that there are none."""
    if not rows and not section.empty:
        return
    yield ""
    if section.heading:
        yield ink(_(section.heading), Style.HEADING)
    if not rows:
        yield _(section.empty)
        return
    if section.drawn is not None:
        yield from section.drawn(rows, width, ink.colour)
        return
    arranged = section.arranged(rows) if section.arranged is not None else rows
    yield from grid(section.columns, list(arranged), width, ink, section.indent)
