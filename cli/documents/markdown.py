"""A document as Markdown, with tables as GitHub and Pandoc read them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cli.documents.model import Block, Document, Facts, Heading, Paragraph, Picture, Table
from cli.documents.writing import named

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|~$&]")
_LIST: Final = re.compile(r"^(\d+)([.)])(?=\s|$)|^([-+=:])")


def markdown(document: Document) -> str:
    """Return a document as Markdown."""
    lines = [f"# {_safe(document.title)}", ""]
    if document.subtitle:
        lines += [_safe(document.subtitle), ""]
    lines += _facts(document.facts)
    for block in document.blocks:
        lines += _block(block)
    return "\n".join(lines).rstrip("\n") + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * (block.level + 1)} {_safe(block.text)}"
        yield ""
    elif isinstance(block, Paragraph):
        yield _safe(block.text)
        yield ""
    elif isinstance(block, Facts):
        yield from _facts(block.pairs)
    elif isinstance(block, Picture):
        yield f"*{_safe(block.caption)}:* {_safe(block.text or block.alt)}"
        yield ""
    else:
        yield from _table(block)


def _facts(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield from (f"- {named(_safe(name), _safe(value))}" for name, value in pairs)
    if pairs:
        yield ""


def _table(table: Table) -> Iterator[str]:
    """Yield a table with its columns side by side, padded so that the text reads well, too."""
    rows = [[_safe(entry.text) for entry in row] for row in table.rows]
    headings = [_safe(heading) for heading in table.headings]
    widths = [max(3, *map(len, column)) for column in zip(headings, *rows, strict=True)]
    yield _line(headings, widths, table.numbers)
    rule = [
        "-" * (width - 1) + ":" if number else "-" * width
        for width, number in zip(widths, table.numbers, strict=True)
    ]
    yield f"| {' | '.join(rule)} |"
    yield from (_line(row, widths, table.numbers) for row in rows)
    yield ""


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if number else cell.ljust(width)
        for cell, width, number in zip(cells, widths, numbers, strict=True)
    )
    return f"| {' | '.join(padded)} |"


def _safe(text: str) -> str:
    """Return text that means in Markdown what it says: no markup, in one line."""
    line = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _LIST.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", line)
