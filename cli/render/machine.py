"""Answers for programs: JSON, JSON lines and CSV; exact, never translated, never cut off."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cli.render.formulas import disarmed
from cli.render.layout import Answer, Row, Section

_encode: Final = json.JSONEncoder(ensure_ascii=False).encode
_ANY_END: Final = "\r\n"


def json_document(answer: Answer) -> str:
    """Return an answer as one JSON document in which each row of a list is a line of its own.

    The keys stand in the order of the answer, so equal answers are equal bytes.
    """
    parts = []
    for key, value in answer.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            rows = ",\n  ".join(map(_encode, value))
            parts.append(f"{_encode(key)}: [\n  {rows}\n ]")
        else:
            parts.append(f"{_encode(key)}: {_encode(value)}")
    return "{" + ",\n ".join(parts) + "}\n"


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield each row as one line of JSON."""
    for row in rows:
        yield _encode(row) + "\n"


def csv_lines(section: Section, rows: Iterable[Row]) -> Iterator[str]:
    """Yield the header, then the rows of a section as CSV, one record at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=_ANY_END)  # what could end a record is quoted

    def record(fields: Sequence[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(fields)
        return buffer.getvalue().removesuffix(_ANY_END) + "\n"

    yield record(section.fields)
    for row in rows:
        for flat in section.spread(row) if section.spread is not None else (row,):
            yield record([_field(flat.get(name)) for name in section.fields])


def _field(value: object) -> str:
    """Return a value as it is in CSV: null is empty, a list is joined by `;`, no text is run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _encode(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        plain = all(isinstance(item, str) and ";" not in item for item in value)
        return ";".join(map(disarmed, value)) if plain else _encode(value)
    return disarmed(str(value))
