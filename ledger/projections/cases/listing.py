"""The list of cases at one as-of: which a viewer sees, and why some are additional.

The database puts cases into kinds that share all that their list depends on, each kind is put on
its list once, and only rows that are needed one by one are read.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

from ledger.domain.aggregates.contract import UTC
from ledger.domain.deliveries.additional import Reason, is_candidate, reasons_of
from ledger.domain.deliveries.postings import CaseKind, CaseRow
from ledger.domain.values.calendar import local_date
from ledger.projections.conditions import Condition, among
from ledger.projections.question import Question

_CASES: Final = "cases JOIN case_kinds k ON k.number = kind"
_COLUMNS: Final = ", ".join("case_id" if name == "case" else name for name in CaseRow._fields)
_KINDS_READ: Final = 200
"""Kinds of cases that a query picks out; where more are wanted, it is quicker to read them all."""


class Listed(NamedTuple):
    """A case that the viewer sees, with the reasons for which it is additional."""

    row: CaseRow
    candidate: bool
    reasons: tuple[Reason, ...]

    @property
    def main(self) -> bool:
        """Whether it stands in the main list."""
        return self.candidate and not self.reasons

    @property
    def additional(self) -> bool:
        """Whether it stands among the additional cases."""
        return self.candidate and bool(self.reasons)


class Lists:
    """Puts cases on their list; many share all that it depends on."""

    def __init__(self, question: Question) -> None:
        """Judge by what the question knows."""
        self._question = question
        self._known: dict[Any, tuple[Reason, ...]] = {}
        self.by_opening = question.filters.expiry_basis == "case-opened"
        """Whether it depends on when a case was opened, too."""

    def listed(self, row: CaseRow) -> Listed:
        """Return a case with its reasons."""
        kind = row.kind
        if not is_candidate(kind.support_type, kind.status):
            return Listed(row, candidate=False, reasons=())
        reference = None
        if self.by_opening:
            zone = self._question.terms.zones.get(row.contract or "", UTC)
            reference = local_date(row.opened_at, zone)
        key = (*kind[:5], reference)
        if key not in self._known:
            self._known[key] = reasons_of(self._question.at, *key)
        return Listed(row, candidate=True, reasons=self._known[key])

    def reasons(self, kind: CaseKind) -> tuple[Reason, ...] | None:
        """Return the reasons of a kind of case; None where it is on no list."""
        assert not self.by_opening, "then cases of one kind differ"
        if not is_candidate(kind.support_type, kind.status):
            return None
        return reasons_of(self._question.at, *kind[:5])


def listed_cases(
    question: Question, which: Literal["main", "additional", "all"] = "all"
) -> list[Listed]:
    """Return the opened cases in scope that the viewer sees, by opening and id; those of a list."""
    lists = Lists(question)
    only = None
    if which == "additional" and not lists.by_opening:
        only = _additional(question, lists)
    found = [lists.listed(row) for row in visible(question, rows_at_cut(question, only))]
    if which != "all":
        found = [listed for listed in found if getattr(listed, which)]
    return sorted(found, key=lambda listed: (listed.row.opened_at, listed.row.case))


def standing(question: Question) -> tuple[Condition, Condition]:
    """Return the conditions for cases that stand at every cut, and at some cuts only.

    A date ends at another instant in each time zone: what stands at the first and at the last of
    these stands at all of them, and few others there are.
    """
    cuts = question.cuts().values()
    first, last = min(cuts), max(cuts)
    at_all = Condition("from_at <= ? AND until > ?", (first, last))
    at_some = Condition("from_at <= ? AND until > ?", (last, first))
    return at_all, at_some.asking("NOT (from_at <= ? AND until > ?)", first, last)


def rows_at_cut(question: Question, only: Condition | None = None) -> Iterator[CaseRow]:
    """Yield what each case in scope looks like at the cut of its own zone."""
    scope = question.in_scope()
    wanted = scope if only is None else scope.both(only)
    at_all, at_some = standing(question)
    yield from read_rows(question, at_all.both(wanted))
    yield from cut_rows(question, at_some.both(wanted))


def cut_rows(question: Question, where: Condition) -> Iterator[CaseRow]:
    """Yield the rows of a condition that stand at the cut of their own zone."""
    terms, cuts = question.terms, question.cuts()
    for row in read_rows(question, where):
        cut = cuts[terms.case_zone(row.opening_contract, row.opening_workspace)]
        if row.from_at <= cut < row.until:
            yield row


def read_rows(question: Question, where: Condition) -> Iterator[CaseRow]:
    """Yield the rows of a condition."""
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM {_CASES} WHERE {where.text}", where.parameters
    )
    return map(CaseRow._make, rows)


def visible(question: Question, rows: Iterable[CaseRow]) -> Iterator[CaseRow]:
    """Yield the rows that the viewer may see."""
    scope = question.scope
    if scope.viewer is None and scope.workspaces is None:
        yield from rows
        return
    shares = question.shares() if scope.limited else {}
    for row in rows:
        if scope.sees_case(row.workspace, row.opening_contact, shares.get(row.case, ())):
            yield row


def _additional(question: Question, lists: Lists) -> Condition | None:
    """Return the condition for the kinds of cases that are additional; None for too many."""
    scope = question.in_scope()
    rows = question.books.rows(
        f"SELECT number, {', '.join(CaseKind._fields)} FROM case_kinds WHERE {scope.text}",
        scope.parameters,
    )
    wanted = [number for number, *kind in rows if lists.reasons(CaseKind._make(kind))]
    return among("kind", wanted) if len(wanted) <= _KINDS_READ else None


def case_at(question: Question, case: str) -> CaseRow | None:
    """Return what one case looks like at its cut, whoever asks; None where it is not opened."""
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM {_CASES} JOIN subjects s ON s.number = subject WHERE s.name = ?",
        (f"case:{case}",),
    )
    for row in map(CaseRow._make, rows):
        zone = question.terms.case_zone(row.opening_contract, row.opening_workspace)
        if row.from_at <= question.as_of.cut(zone) < row.until:
            return row
    return None


def zone_of_case(question: Question, row: CaseRow) -> str:
    """Return the time zone in which a case is cut."""
    return question.terms.case_zone(row.opening_contract, row.opening_workspace)
