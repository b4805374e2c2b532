"""Derived rows: what folds come to, as it stands in the tables of the books."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from ledger.domain.postings import CaseKind, CaseRow, Derived, Posting
from ledger.domain.quantities import SCALE
from ledger.projections.books import Books
from ledger.projections.conditions import among
from ledger.projections.schema import DERIVED

PARAMETERS: Final = 500
"""Parameters of one query."""

_OTHERWISE: Final = frozenset({"postings", "cases", "labour"})
_AS_THEY_ARE: Final = tuple(table for table in DERIVED if table not in _OTHERWISE)
"""The tables whose rows are those of the folds, under the same name."""

_KIND: Final = CaseRow._fields.index("contract")
_AFTER_KIND: Final = CaseRow._fields.index("status") + 1
"""Where the kind of a case begins and ends in its row."""


class DerivedRows:
    """The rows of many subjects, until they are written."""

    def __init__(self) -> None:
        """Begin with none."""
        self._rows: dict[str, list[Sequence[Any]]] = {table: [] for table in DERIVED}
        self._cases: list[tuple[int, CaseRow]] = []

    def add(self, number: int, found: Derived) -> None:
        """Add what the fold of one subject came to."""
        self._rows["postings"] += [
            _posting_row(number, entry, posting) for entry, posting in enumerate(found.postings)
        ]
        self._rows["labour"] += [(number, entry, *row) for entry, row in enumerate(found.labour)]
        self._cases += [(number, row) for row in found.cases]
        for table in _AS_THEY_ARE:
            rows = getattr(found, table)
            if rows:
                self._rows[table] += [(number, *row) for row in rows]

    def write(self, books: Books) -> None:
        """Write all of them, in the transaction that is open."""
        self._rows["cases"] = _case_rows(books, self._cases)
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


def _case_rows(books: Books, cases: Sequence[tuple[int, CaseRow]]) -> list[Sequence[Any]]:
    """Return the rows of cases, each with the number of its kind."""
    numbers = _kind_numbers(books, {row[_KIND:_AFTER_KIND] for _, row in cases})
    return [
        (number, *row[:_KIND], numbers[row[_KIND:_AFTER_KIND]], *row[_AFTER_KIND:])
        for number, row in cases
    ]


def _kind_numbers(books: Books, kinds: Collection[tuple[Any, ...]]) -> dict[tuple[Any, ...], int]:
    """Return the number of each kind of case; those that were not met before are numbered now."""
    names = {json.dumps(kind): kind for kind in kinds}
    found = numbered(books, "case_kinds", names)
    fresh = [name for name in names if name not in found]
    if fresh:
        ((last,),) = books.rows("SELECT coalesce(max(number), 0) FROM case_kinds")
        found |= {name: number for number, name in enumerate(fresh, start=last + 1)}
        marks = ",".join("?" * (2 + len(CaseKind._fields)))
        books.write(
            f"INSERT INTO case_kinds VALUES ({marks})",
            [(found[name], name, *names[name]) for name in fresh],
        )
    return {kind: found[name] for name, kind in names.items()}


def numbered(books: Books, table: str, wanted: Iterable[str]) -> dict[str, int]:
    """Return the number that each name has in a table; unknown ones are absent."""
    names = list(wanted)
    found: dict[str, int] = {}
    for first in range(0, len(names), PARAMETERS):
        where = among("name", names[first : first + PARAMETERS])
        query = f"SELECT name, number FROM {table} WHERE {where.text}"
        found.update(books.rows(query, where.parameters))
    return found
