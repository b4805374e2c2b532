"""Grids: the rows of a drill-down, narrowed, sorted and cut into pages, all in one place.

Whatever a grid does, it does to rows that the viewer may see: no figure of it counts another row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic

from ledger.domain.values.instants import format_instant
from ledger.domain.values.quantities import format_quantity
from ledger.errors import UsageError
from ledger.projections.grid.columns import Grid, GridRow, Kind
from ledger.projections.grid.cursors import SortKey, read_cursor, write_cursor
from ledger.projections.grid.filters import narrowed
from ledger.projections.question import Question

_WRITTEN: Final[Mapping[Kind, Callable[[Any], object]]] = {
    "texts": list,
    "quantity": format_quantity,
    "instant": format_instant,
}


def grid(question: Question, shape: Grid[GridRow], rows: Iterable[GridRow]) -> dict[str, object]:
    """Return the page that is asked for: `rows`, `total` and, where it is cut, `next`.

    `rows` are those that the viewer may see. Raises UsageError, and NotFound for a contract or
    package that neither a term nor one of the rows names.
    """
    found = narrowed(question, shape, list(rows))
    sorting = _sorting(question.filters.sort, shape)
    if sorting.prepare is not None:
        sorting.prepare(found)
    found.sort(key=shape.identity)
    found.sort(key=sorting.key, reverse=sorting.descending)
    total = len(found)
    found = _after(question.filters.after, sorting, shape, found)
    limit = question.filters.limit
    following: dict[str, object] = {}
    if limit is not None:
        if limit < 1:
            raise UsageError("--limit takes a whole number, 1 or more")
        if len(found) > limit:
            found = found[:limit]
            last = found[-1]
            following["next"] = write_cursor(sorting.name, sorting.key(last), shape.identity(last))
    for column in shape.columns:
        if column.prepare is not None:
            column.prepare(found)
    written = [(column.name, column.of, _WRITTEN.get(column.kind)) for column in shape.columns]
    return {"rows": [_row(written, row) for row in found], "total": total, **following}


def _row(
    columns: Sequence[tuple[str, Callable[[GridRow], Any], Callable[[Any], object] | None]],
    row: GridRow,
) -> dict[str, object]:
    shown: dict[str, object] = {}
    for name, of, write in columns:
        value = of(row)
        shown[name] = value if value is None or write is None else write(value)
    return shown


@dataclass(frozen=True, slots=True)
class _Sorting(Generic[GridRow]):
    """By what rows are sorted, as it was asked."""

    name: str
    key: Callable[[GridRow], SortKey]
    descending: bool = False
    prepare: Callable[[Sequence[GridRow]], None] | None = None


def _sorting(asked: str | None, shape: Grid[GridRow]) -> _Sorting[GridRow]:
    """Return the sorting by a column; rows without a value come last. Raises UsageError."""
    if not asked:
        return _Sorting("", shape.order)
    descending = asked.startswith("-")
    name = asked.removeprefix("-")
    column = next((column for column in shape.columns if column.name == name), None)
    if column is None:
        names = ", ".join(column.name for column in shape.columns)
        raise UsageError("there is no column {name} to sort by: {names}", name=name, names=names)
    of, several = column.of, column.kind == "texts"

    def key(row: GridRow) -> SortKey:
        value = of(row)
        if several:
            value = list(value)
        return [(value is None) is not descending, value]

    return _Sorting(asked, key, descending, column.prepare)


def _after(
    cursor: str | None, sorting: _Sorting[GridRow], shape: Grid[GridRow], rows: list[GridRow]
) -> list[GridRow]:
    """Return the rows that come after the one that a cursor names. Raises UsageError."""
    if not cursor:
        return rows
    key, identity = read_cursor(cursor, sorting.name)
    try:
        for number, row in enumerate(rows):
            here = sorting.key(row)
            beyond = here < key if sorting.descending else here > key
            if beyond or (here == key and shape.identity(row) > identity):
                return rows[number:]
    except TypeError:
        raise UsageError("--after: this is no place in these rows; ask without it") from None
    return []
