"""The list of cases at one as-of: which a viewer sees, and why some are additional."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger.domain.additional import Reason, is_candidate, reasons_of
from ledger.domain.calendar import local_date
from ledger.domain.cases import read_labour
from ledger.domain.contracts import UTC
from ledger.domain.instants import format_instant
from ledger.domain.postings import CaseRow
from ledger.domain.quantities import MINUTE, format_quantity
from ledger.projections.accounts import drawn
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
    terms, as_of = question.terms, question.as_of
    zones = {UTC, *terms.zones.values(), *map(terms.workspace_zone, terms.workspaces)}
    cuts = {zone: as_of.cut(zone) for zone in zones}
    rows = question.books.rows(
        f"SELECT {_COLUMNS} FROM cases WHERE from_at <= ? AND until > ?",
        (max(cuts.values()), min(cuts.values())),
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


def case_answer(question: Question, row: CaseRow) -> dict[str, object]:
    """Return a row of the grid of cases."""
    hours, over_cap = _hours(question, row)
    return {
        "case": row.case,
        "workspace": row.workspace,
        "contract": row.contract,
        "package": row.package,
        "entitlement": row.entitlement,
        "support_type": row.support_type,
        "service_code": row.service_code,
        "severity": row.severity,
        "product": row.product,
        "title": row.title,
        "primary_contact": row.primary_contact,
        "opened_at": format_instant(row.opened_at),
        "closed_at": None if row.closed_at is None else format_instant(row.closed_at),
        "status": row.status,
        "source_status": row.source_status,
        "hours": format_quantity(hours),
        "over_cap": format_quantity(over_cap),
    }


def _hours(question: Question, row: CaseRow) -> tuple[int, int]:
    """Return the hours of a case as its entitlement counts them, and those over its cap."""
    line = question.at.line(row.package, row.entitlement)
    entitlement = line.entitlement if line is not None else None
    counts_hours = entitlement is not None and entitlement.unit == "hour"
    increment = entitlement.draw_increment if entitlement is not None and counts_hours else None
    hours = sum(
        drawn(minutes * MINUTE, "labour", increment) * times
        for minutes, times in read_labour(row.labour)
    )
    cap = entitlement.cap_per_case if entitlement is not None else None
    return hours, max(0, hours - cap) if cap is not None else 0
