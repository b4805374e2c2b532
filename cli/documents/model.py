"""What a document is made of, whatever it is written as: HTML, Markdown or PDF.

Everything in it is plain text in the language that is spoken; each writer makes it safe by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Tone = Literal["plain", "faint", "soon", "bad", "strong", "code"]
"""How a cell stands out; what it means is said in its text, too."""


class Entry(NamedTuple):
    """One cell of a table."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 stands under the title, 2 under that."""

    text: str
    level: int = 1
    apart: bool = False
    """Whether it begins a page."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with their values, such as the dates of an answer."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings, rows of entries, and which columns hold numbers."""

    caption: str
    """What it shows, for who does not see the page."""
    headings: Sequence[str]
    numbers: Sequence[bool]
    """For each column whether it is aligned to the right."""
    rows: Sequence[Sequence[Entry]]
    wide: Sequence[int] = ()
    """The columns that take the room that is left; texts."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, as SVG of its own, and what it shows in words."""

    svg: str
    alt: str
    caption: str
    """Its title."""
    text: str = ""
    """What stands under it."""


Block = Heading | Paragraph | Facts | Table | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: its title, what it says of itself on every page, and its blocks."""

    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    """The two dates, the position, and for whom."""
    blocks: Sequence[Block]
    language: str
