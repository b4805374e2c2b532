"""The list of cases at one as-of: which a viewer sees, and why some are additional."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger.domain.additional import Reason, is_candidate, reasons_of
from ledger.domain.calendar import local_date
from ledger.domain.contracts import UTC
from ledger.domain.postings import CaseRow
from ledger.projections.question import Question

_COLUMNS = ", ".join("case_id" if name == "case" else name for name in CaseRow._fields)


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


def listed_cases(question: Question) -> list[Listed]:
    """Return every opened case in scope that the viewer sees, by opening and id."""
    memory: dict[Any, tuple[Reason, ...]] = {}
    found = [_listed(question, row, memory) for row in _visible(question, _rows(question))]
    return sorted(found, key=lambda listed: (listed.row.opened_at, listed.row.case))


def _rows(question: Question) -> Iterator[CaseRow]:
    """Return what each case looks like at the cut of its own zone."""
    terms, cuts = question.terms, question.cuts()
    scope = question.in_scope()
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM cases WHERE from_at <= ? AND until > ? AND {scope.text}",
        (max(cuts.values()), min(cuts.values()), *scope.parameters),
    )
    one_cut = len(set(cuts.values())) == 1
    for row in map(CaseRow._make, rows):
        cut = cuts[terms.case_zone(row.opening_contract, row.opening_workspace)]
        if one_cut or row.from_at <= cut < row.until:
            yield row


def _visible(question: Question, rows: Iterable[CaseRow]) -> Iterator[CaseRow]:
    scope = question.scope
    if scope.viewer is None and scope.workspaces is None:
        yield from rows
        return
    shares = question.shares() if scope.limited else {}
    for row in rows:
        if scope.sees_case(row.workspace, row.opening_contact, shares.get(row.case, ())):
            yield row


def _listed(question: Question, row: CaseRow, memory: dict[Any, tuple[Reason, ...]]) -> Listed:
    """Return a case with its reasons; many cases share all that reasons depend on."""
    if not is_candidate(row.support_type, row.status):
        return Listed(row, candidate=False, reasons=())
    reference = None
    if question.filters.expiry_basis == "case-opened":
        zone = question.terms.zones.get(row.contract or "", UTC)
        reference = local_date(row.opened_at, zone)
    key = (
        row.contract,
        row.package,
        row.entitlement,
        row.workspace,
        row.service_code,
        reference,
    )
    if key not in memory:
        memory[key] = reasons_of(question.at, *key)
    return Listed(row, candidate=True, reasons=memory[key])


def case_at(question: Question, case: str) -> CaseRow | None:
    """Return what one case looks like at its cut, whoever asks; None where it is not opened."""
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM cases JOIN subjects ON number = subject WHERE name = ?",
        (f"case:{case}",),
    )
    for row in map(CaseRow._make, rows):
        zone = question.terms.case_zone(row.opening_contract, row.opening_workspace)
        if row.from_at <= question.as_of.cut(zone) < row.until:
            return row
    return None


def zone_of_case(question: Question, listed: Listed) -> str:
    """Return the time zone in which a case is cut."""
    return question.terms.case_zone(listed.row.opening_contract, listed.row.opening_workspace)
