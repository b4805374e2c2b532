"""How many cases of the main list stand on each entitlement, counted by the database.

Cases are read one by one only where counting kinds of them is not exact: those that a date's end
divides by time zone, those of a workspace of which the viewer may see some, and all of them where
their list depends on when each was opened.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from ledger.domain.deliveries.postings import CaseKind, CaseRow
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.values.calendar import day_start
from ledger.domain.values.instants import within_facts
from ledger.projections.cases.listing import (
    Lists,
    cut_rows,
    read_rows,
    standing,
    visible,
    zone_of_case,
)
from ledger.projections.conditions import Condition, among
from ledger.projections.question import Question

PlaceOfCase = tuple[str | None, str | None]
"""The package and the entitlement that a case names."""

_KIND: Final = ", ".join(CaseKind._fields)


class CaseCounts(NamedTuple):
    """How many cases of the main list each package and entitlement has."""

    listed: Counter[PlaceOfCase]
    in_period: Counter[PlaceOfCase]
    """Those that were opened in the period that is asked for."""


def count_cases(question: Question) -> CaseCounts:
    """Return how many cases of the main list the viewer sees."""
    return _Counting(question).counts()


class _Counting:
    """One question, while its cases are counted."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._lists = Lists(question)
        self._found = CaseCounts(Counter(), Counter())
        day = question.period_day
        self._starts = (
            {zone: within_facts(day_start(day, zone)) for zone in question.cuts()}
            if day is not None
            else {}
        )

    def counts(self) -> CaseCounts:
        question = self._question
        at_all, at_some = standing(question)
        scope = question.in_scope()
        self._add_rows(cut_rows(question, at_some.both(scope)))
        if self._lists.by_opening:
            self._add_rows(read_rows(question, at_all.both(scope)))
        elif question.scope.workspaces is None:
            self._count(at_all, scope)
        else:
            names = sorted(question.scope.workspaces)
            # Who sees a case that nobody shares, and of which nobody is the contact, sees them all
            whole = [name for name in names if question.scope.sees_case(name, None, ())]
            partly = sorted(set(names) - set(whole))
            if whole:
                self._count(at_all, among("workspace", whole))
            if partly:
                self._add_rows(read_rows(question, at_all.both(among("workspace", partly))))
        return self._found

    def _count(self, times: Condition, workspaces: Condition) -> None:
        """Add the cases that stand, in workspaces in which all are seen."""
        starts = self._starts.values()
        first, last = (min(starts), max(starts)) if starts else (FOREVER, FOREVER)
        if first < last:
            divided = times.asking("opened_at >= ? AND opened_at < ?", first, last)
            self._add_rows(read_rows(self._question, divided.both(workspaces)))
            times = times.asking("NOT (opened_at >= ? AND opened_at < ?)", first, last)
        counted = (
            "SELECT kind, count(*) AS cases,"
            " sum(CASE WHEN opened_at >= ? THEN 1 ELSE 0 END) AS late"
            f" FROM cases WHERE {times.text} GROUP BY kind"
        )
        rows = self._question.books.rows(
            f"SELECT cases, late, {_KIND} FROM ({counted}) c JOIN case_kinds k ON k.number = c.kind"
            f" WHERE {workspaces.text}",
            (last, *times.parameters, *workspaces.parameters),
        )
        for cases, late, *names in rows:
            kind = CaseKind._make(names)
            if self._lists.reasons(kind) == ():
                self._add((kind.package, kind.entitlement), cases, late)

    def _add_rows(self, rows: Iterable[CaseRow]) -> None:
        for row in visible(self._question, rows):
            if self._lists.listed(row).main:
                start = self._starts.get(zone_of_case(self._question, row), FOREVER)
                self._add((row.package, row.entitlement), 1, int(row.opened_at >= start))

    def _add(self, place: PlaceOfCase, cases: int, late: int) -> None:
        self._found.listed[place] += int(cases)
        self._found.in_period[place] += int(late)
