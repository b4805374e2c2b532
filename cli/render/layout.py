"""What is shown of an answer: its lists, their columns for people, their fields for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

Row = Mapping[str, object]
"""One row of an answer, as the ledger gave it."""

Answer = Mapping[str, object]
"""A whole answer: the two dates, the position, and the lists of its view."""


class Kind(Enum):
    """What a column holds, hence how it is aligned, and whether it may be broken over lines."""

    ID = "an id, a date or a word: never broken"
    NUMBER = "a number, aligned at its decimal point: never broken"
    TEXT = "a name or a sentence: broken between words where the terminal is narrow"
    IDS = "several ids: broken between them"


class Style(Enum):
    """How a piece of text stands out, where there is colour."""

    PLAIN = ""
    HEADING = "1"
    FAINT = "2"
    SOON = "33"
    BAD = "31"


class Cell(NamedTuple):
    """One cell: its text, how it stands out, and the sign that says so without colour."""

    text: str
    style: Style = Style.PLAIN
    sign: str = ""


class Band(NamedTuple):
    """A line over the whole width, between the rows; it breaks between its parts only."""

    parts: Sequence[Cell]
    indent: int = 0
    between: str = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `cell` makes its cell of a row, else the value of `key` is shown."""

    key: str
    heading: str
    kind: Kind = Kind.ID
    cell: Callable[[Row], Cell] | None = None
    quiet: bool = False
    """Whether it is left out where no row has anything in it but zero."""
    detail: bool = False
    """Whether it may stand in a line under its row where the terminal is narrow."""
    optional: bool = False
    """Whether it is left out where the terminal is too narrow for it, and of documents."""
    unlike: str | None = None
    """The key of a column: where every row says the same as there, this one is left out."""


@dataclass(frozen=True, slots=True)
class Section:
    """One list of an answer: for people its columns, for programs its fields."""

    name: str
    """The key of the list in the answer, or of a single object."""
    heading: str
    columns: tuple[Column, ...]
    fields: tuple[str, ...]
    """The header of csv, whether there are rows or not."""
    indent: int = 0
    """Columns by which rows stand to the right of bands."""
    empty: str = ""
    """The sentence that stands where there are no rows; nothing is shown where it is empty."""
    spread: Callable[[Row], Iterable[Row]] | None = None
    """How a row becomes rows of csv, where a row holds lists."""
    arranged: Callable[[Sequence[Row]], Iterable[Row | Band]] | None = None
    """How the rows are put in the table, with bands between them."""

    drawn: Callable[[Sequence[Row], int | None, bool], Iterable[str]] | None = None
    """How the rows are drawn instead of a table: given the width, and whether there is colour."""

    def rows(self, answer: Answer) -> Sequence[Row]:
        """Return the rows of this section, as the ledger gave them."""
        value = answer.get(self.name)
        if isinstance(value, Mapping):
            return [value]
        return value if isinstance(value, Sequence) else []


@dataclass(frozen=True, slots=True)
class Layout:
    """How one view is shown."""

    title: str
    """What the first line says, before the dates; `{package}` and the like are filled in."""
    sections: tuple[Section, ...]
    """In the order of the table."""
    main: str
    """The section that ndjson and csv show."""
    facts: Callable[[Answer], Iterable[Cell]] | None = None
    """What else the first line says, between the title and the dates."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the sections, the main one first."""
        return (self.main, *(each.name for each in self.sections if each.name != self.main))

    def section(self, name: str) -> Section:
        """Return the section of that name."""
        return next(section for section in self.sections if section.name == name)
