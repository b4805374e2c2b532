"""Comparing two books: of each subject they say the same, whatever order it was written in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ledger.projections.books.books import Books
from ledger.projections.books.tables import DERIVED
from ledger.projections.conditions import among

_WHOLE: Final = ("checkpoint", "terms", "reversals")
"""Tables that are compared as a whole: they are small."""

_BY_SUBJECT: Final = ("subject_events", "mentions", *DERIVED)

_SUBJECTS: Final = 500
"""Subjects that are compared at one time."""

_KIND_COLUMN: Final = 5
"""Where the number of its kind stands in the row of a case, after the name and its subject."""


def differences(mine: Books, other: Books) -> dict[str, tuple[int, int]]:
    """Return, by table, how many rows only the one and only the other has.

    Subjects and kinds of cases are numbered in the order in which they were met, which may differ:
    they are compared by name.
    """
    found = _Difference(mine, other)
    for table in _WHOLE:
        query = f"SELECT * FROM {table}"
        found.add(table, mine.rows(query), other.rows(query))
    for names in _names(mine):
        found.add("subjects", names, _known(other, names))
        for table in _BY_SUBJECT:
            found.add(table, _rows(mine, table, names), _rows(other, table, names))
    for names in _names(other):
        missing = sorted(set(names) - set(_known(mine, names)))
        found.add("subjects", [], missing)
        for table in _BY_SUBJECT:
            found.add(table, [], _rows(other, table, missing))
    for table in _BY_SUBJECT:
        found.add_lost(table)
    return found.by_table()


class _Difference:
    """What is found to differ, table by table."""

    def __init__(self, mine: Books, other: Books) -> None:
        self._books = (mine, other)
        self._read: Counter[tuple[str, int]] = Counter()
        self._only: Counter[tuple[str, int]] = Counter()

    def add(self, table: str, mine: list[Any], other: list[Any]) -> None:
        """Compare rows that should be the same, in whatever order."""
        self._read[table, 0] += len(mine)
        self._read[table, 1] += len(other)
        if mine != other:
            left, right = Counter(mine), Counter(other)
            self._only[table, 0] += (left - right).total()
            self._only[table, 1] += (right - left).total()

    def add_lost(self, table: str) -> None:
        """Add the rows that belong to no subject."""
        for side, books in enumerate(self._books):
            ((count,),) = books.rows(f"SELECT count(*) FROM {table}")
            self._only[table, side] += count - self._read[table, side]

    def by_table(self) -> dict[str, tuple[int, int]]:
        """Return the tables that differ."""
        tables = dict.fromkeys(table for table, _ in self._only)
        return {
            table: (self._only[table, 0], self._only[table, 1])
            for table in tables
            if self._only[table, 0] or self._only[table, 1]
        }


def _names(books: Books) -> Iterator[list[str]]:
    """Yield the names of all subjects, some at a time."""
    last = 0
    while rows := books.rows(
        "SELECT number, name FROM subjects WHERE number > ? ORDER BY number LIMIT ?",
        (last, _SUBJECTS),
    ):
        last = rows[-1][0]
        yield [name for _, name in rows]


def _known(books: Books, names: Sequence[str]) -> list[str]:
    """Return those of some subjects that the books have, in the order given."""
    known = {name for (name,) in _of(books, "SELECT s.name FROM subjects s", names)}
    return [name for name in names if name in known]


def _rows(books: Books, table: str, names: Sequence[str]) -> list[Any]:
    """Return the rows of some subjects in a table, with names in the place of numbers."""
    if table != "cases":
        query = f"SELECT s.name, t.* FROM subjects s JOIN {table} t ON t.subject = s.number"
        return [(row[0], *row[2:]) for row in _of(books, query, names)]
    query = (
        "SELECT s.name, t.*, k.* FROM subjects s JOIN cases t ON t.subject = s.number"
        " JOIN case_kinds k ON k.number = t.kind"
    )
    kind, end = _KIND_COLUMN, DERIVED["cases"] + 1
    return [
        (row[0], *row[2:kind], *row[kind + 1 : end], *row[end + 1 :])
        for row in _of(books, query, names)
    ]


def _of(books: Books, query: str, names: Sequence[str]) -> list[Any]:
    """Return the rows of some subjects."""
    if not names:
        return []
    where = among("s.name", names)
    return books.rows(f"{query} WHERE {where.text}", where.parameters)
