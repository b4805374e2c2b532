"""Showing an answer, or what a command did, in the format that was asked for."""

import sys
from collections.abc import Iterable, Iterator, Mapping

from cli.output import line_width, put, wants_colour
from cli.render.cells import seemly
from cli.render.layout import Answer, Layout, Section


def show(
    answer: Answer, layout: Layout, form: str, section: str | None, given: Mapping[str, object]
) -> None:
    """Write an answer to standard output; `section` is the list to show, None the usual ones.

    JSON always holds all of them.
    """
    if form == "table":
        from cli.render.table import table_lines

        width, colour = line_width(sys.stdout), wants_colour(sys.stdout)
        lines = table_lines(answer, layout, given, section, width, colour=colour)
        put("".join(f"{line}\n" for line in lines))
        return
    from cli.render.machine import csv_lines, json_document, json_lines

    if form == "json":
        put(json_document(answer))
        return
    chosen = layout.section(section or layout.main)
    rows = chosen.rows(answer)
    write_all(json_lines(rows) if form == "ndjson" else csv_lines(chosen, rows))


def show_done(done: Answer, sentence: str, form: str) -> None:
    """Write what a command did: a sentence for people, its figures for programs.

    A sentence may have several lines, and each is made seemly, whatever stands in it.
    """
    if form == "table":
        put("".join(f"{seemly(line)}\n" for line in sentence.split("\n")))
        return
    from cli.render.machine import csv_lines, json_document, json_lines

    if form == "json":
        put(json_document(done))
    elif form == "ndjson":
        write_all(json_lines([done]))
    else:
        flat = dict(_flat(done))
        write_all(csv_lines(Section("", "", (), tuple(flat)), [flat]))


def _flat(done: Answer) -> Iterator[tuple[str, object]]:
    """Yield the figures, those of a group as `group_name`; lists have no place in one line."""
    for key, value in done.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}_{name}", figure) for name, figure in value.items())
        elif not isinstance(value, list):
            yield key, value


def write_all(pieces: Iterable[str], size: int = 1 << 16) -> None:
    """Write pieces to standard output, many at a time, until nobody reads them any more."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            if not put("".join(waiting)):
                return
            waiting, length = [], 0
    put("".join(waiting))
