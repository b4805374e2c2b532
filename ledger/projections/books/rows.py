"""Derived rows: what folds come to, as it stands in the tables of the books."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from ledger.domain.deliveries.postings import CaseKind, CaseRow, Derived, EngagementStep, Posting
from ledger.domain.values.quantities import SCALE, format_quantity
from ledger.projections.books.books import Books
from ledger.projections.books.tables import DERIVED
from ledger.projections.conditions import among

PARAMETERS: Final = 500
"""Parameters of one query."""

_OTHERWISE: Final = frozenset({"postings", "cases", "labour", "engagement_steps"})
_AS_THEY_ARE: Final = tuple(table for table in DERIVED if table not in _OTHERWISE)
"""The tables whose rows are those of the folds, under the same name."""

_KIND: Final = CaseRow._fields.index("contract")
_AFTER_KIND: Final = CaseRow._fields.index("status") + 1
"""Where the kind of a case begins and ends in its row."""

_KIND_COLUMN: Final = 1 + _KIND
"""Where its number stands in the table."""


class DerivedRows:
    """The rows of many subjects, until they are written."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: dict[str, list[Sequence[Any]]] = {table: [] for table in DERIVED}
        self._kinds: dict[tuple[Any, ...], int] = {}

    def add(self, number: int, found: Derived) -> None:
        """Add what the fold of one subject came to."""
        rows = self._rows
        rows["postings"] += [
            _posting_row(number, entry, posting) for entry, posting in enumerate(found.postings)
        ]
        rows["labour"] += [(number, entry, *row) for entry, row in enumerate(found.labour)]
        rows["cases"] += [
            (number, *row[:_KIND], self._kind(row[_KIND:_AFTER_KIND]), *row[_AFTER_KIND:])
            for row in found.cases
        ]
        rows["engagement_steps"] += [(number, *_step_row(row)) for row in found.engagement_steps]
        for table in _AS_THEY_ARE:
            more = getattr(found, table)
            if more:
                rows[table] += [(number, *row) for row in more]

    def _kind(self, kind: tuple[Any, ...]) -> int:
        """Return the place of a kind of case among those that were met."""
        return self._kinds.setdefault(kind, len(self._kinds))

    def write(self, books: Books) -> None:
        """Write all of them, in the transaction that is open."""
        numbers = _kind_numbers(books, list(self._kinds))
        self._rows["cases"] = [
            (*row[:_KIND_COLUMN], numbers[row[_KIND_COLUMN]], *row[_KIND_COLUMN + 1 :])
            for row in self._rows["cases"]
        ]
        for table, rows in self._rows.items():
            books.insert(table, rows)


def _posting_row(number: int, entry: int, posting: Posting) -> Sequence[Any]:
    at, position, package, entitlement, measure, workspace, amount, turn = posting
    whole, fraction = divmod(amount, SCALE)
    return (
        number,
        at,
        position if turn is None else turn,
        entry,
        position,
        package,
        entitlement,
        measure,
        workspace,
        whole,
        fraction,
    )


def _step_row(step: EngagementStep) -> Sequence[Any]:
    *plain, quantity, hours, final = step
    amount = None if quantity is None else format_quantity(quantity)
    return (*plain, amount, format_quantity(hours), int(final))


def _kind_numbers(books: Books, kinds: Sequence[tuple[Any, ...]]) -> list[int]:
    """Return the number of each kind of case; those that were not met before are numbered now."""
    names = list(map(_kind_name, kinds))
    numbers, fresh = numbered(books, "case_kinds", names)
    by_name = dict(zip(names, kinds, strict=True))
    marks = ",".join("?" * (2 + len(CaseKind._fields)))
    books.write(
        f"INSERT INTO case_kinds VALUES ({marks})",
        [(numbers[name], name, *by_name[name]) for name in fresh],
    )
    return [numbers[name] for name in names]


@lru_cache(maxsize=16_384)
def _kind_name(kind: tuple[Any, ...]) -> str:
    return json.dumps(kind)


def numbered(books: Books, table: str, names: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return the number of each name in a table, and which names are not there yet.

    These have the numbers after the last one that is there.
    """
    numbers: dict[str, int] = {}
    for first in range(0, len(names), PARAMETERS):
        where = among("name", names[first : first + PARAMETERS])
        query = f"SELECT name, number FROM {table} WHERE {where.text}"
        numbers.update(books.rows(query, where.parameters))
    fresh = [name for name in names if name not in numbers]
    if fresh:
        ((last,),) = books.rows(f"SELECT coalesce(max(number), 0) FROM {table}")
        numbers |= {name: number for number, name in enumerate(fresh, start=last + 1)}
    return numbers, fresh
