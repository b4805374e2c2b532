"""What the files of an answer hold, in each format; lists of their own go to files of their own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import click

from cli.documents.exporting import Part, Target
from cli.documents.fields import About, flat_rows, sections_of
from cli.documents.model import Document
from cli.language.wording import _
from cli.render.layout import Answer, Layout, Section

_ONE_LIST: Final = frozenset({"ndjson", "csv", "parquet"})
"""Formats whose files hold one list each."""


def parts_of(
    view: str, answer: Answer, layout: Layout, target: Target, given: Mapping[str, object]
) -> Iterator[Part]:
    """Yield the content of each file that an answer becomes.

    Raises click.UsageError where a library is missing, or where it does not fit into the format.
    """
    form, about = target.form, About(view, given)
    if target.section is not None:
        sections = [layout.section(target.section)]
    elif target.single and form in _ONE_LIST:
        sections = [layout.section(layout.main)]
    else:
        sections = list(sections_of(answer, layout.sections))
    if form not in _ONE_LIST:
        rows = sum(len(section.rows(answer)) for section in sections)
        yield Part("", _whole(form, answer, layout, sections, about), rows)
        return
    for section in sections:
        found = section.rows(answer) if form == "ndjson" else flat_rows(section, answer)
        content = _one_list(form, section, answer, about)
        yield Part(section.name if len(sections) > 1 else "", content, len(found))


def _one_list(form: str, section: Section, answer: Answer, about: About) -> bytes:
    if form == "parquet":
        from cli.documents.parquet import parquet

        return parquet(section.fields, flat_rows(section, answer), about.facts(answer))
    from cli.render.machine import csv_lines, json_lines

    rows = section.rows(answer)
    lines = json_lines(rows) if form == "ndjson" else csv_lines(section, rows)
    return "".join(lines).encode()


def _whole(
    form: str, answer: Answer, layout: Layout, sections: Sequence[Section], about: About
) -> bytes:
    if form == "json":
        from cli.render.machine import json_document

        return json_document(answer).encode()
    if form == "xlsx":
        return _workbook(answer, sections, about)
    if form == "table":
        from cli.render.table import table_lines

        only = sections[0].name if len(sections) == 1 else None
        lines = table_lines(answer, layout, about.given, only, None, colour=False)
        return "".join(f"{line}\n" for line in lines).encode()
    from cli.documents.of_view import document_of

    return WRITERS[form](document_of(answer, layout, sections, about.given))


def _workbook(answer: Answer, sections: Sequence[Section], about: About) -> bytes:
    from cli.documents.sheets import TooLarge, workbook

    try:
        return workbook(answer, sections, about)
    except ImportError as missing:
        raise without(missing, "xlsx") from None
    except TooLarge as large:
        raise click.UsageError(str(large)) from None


def _html(document: Document) -> bytes:
    from cli.documents.html import html

    try:
        return html(document).encode()
    except ImportError as missing:
        raise without(missing, "html") from None


def _markdown(document: Document) -> bytes:
    from cli.documents.markdown import markdown

    return markdown(document).encode()


WRITERS: Final[dict[str, Callable[[Document], bytes]]] = {"html": _html, "md": _markdown}
"""How a document is written in the formats that need nothing else."""


def without(missing: ImportError, form: str) -> click.UsageError:
    """Return what is said where the library of a format is not installed."""
    return click.UsageError(
        _("{format} needs {library}, which is not installed: pip install 'cpod[documents]'").format(
            format=form, library=missing.name
        )
    )
