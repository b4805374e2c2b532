"""The grids of cases: the columns that `cases` and `additional` show, and how they are sorted."""

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from ledger.domain.cases import read_labour
from ledger.domain.postings import CaseRow
from ledger.domain.quantities import MINUTE
from ledger.projections.case_list import Listed, zone_of_case
from ledger.projections.columns import Column, Grid, Kind
from ledger.projections.question import Question
from ledger.projections.sums import drawn

_KINDS: Final[dict[str, Kind]] = {"opened_at": "instant", "closed_at": "instant"}
_CASES: Final = (
    *("case", "workspace", "contract", "package", "entitlement", "support_type", "service_code"),
    *("severity", "product", "title", "primary_contact", "opened_at", "closed_at", "status"),
    "source_status",
)
_ADDITIONAL: Final = (
    *("case", "workspace", "support_type", "service_code", "title", "opened_at", "status"),
    *("source_status", "contract"),
)


def case_grid(question: Question) -> Grid[Listed]:
    """Return the grid of all that is known of a case."""
    hours = _hours(question)
    return _grid(
        question,
        _CASES,
        Column("hours", "quantity", lambda listed: hours(listed.row)[0]),
        Column("over_cap", "quantity", lambda listed: hours(listed.row)[1]),
    )


def additional_grid(question: Question) -> Grid[Listed]:
    """Return the grid of additional cases, with their reasons."""
    return _grid(question, _ADDITIONAL, Column("reasons", "texts", attrgetter("reasons")))


def _grid(question: Question, names: tuple[str, ...], *more: Column[Listed]) -> Grid[Listed]:
    plain: list[Column[Listed]] = [
        Column(name, _KINDS.get(name, "text"), attrgetter(f"row.{name}")) for name in names
    ]
    return Grid(
        columns=(*plain, *more),
        identity=lambda listed: [listed.row.case],
        order=lambda listed: [listed.row.opened_at],
        date=attrgetter("row.opened_at"),
        zone=lambda listed: zone_of_case(question, listed.row),
        choices={
            "severity": attrgetter("row.severity"),
            "status": attrgetter("row.status"),
            "product": attrgetter("row.product"),
            "contact": attrgetter("row.primary_contact"),
        },
        places=attrgetter("row.contract", "row.package", "row.entitlement"),
    )


def _hours(question: Question) -> Callable[[CaseRow], tuple[int, int]]:
    """Return what gives the hours of a case as its entitlement counts them, and those over its cap.

    Many cases share the two things that they depend on.
    """
    known: dict[tuple[str | None, str | None, str], tuple[int, int]] = {}

    def hours(row: CaseRow) -> tuple[int, int]:
        key = (row.package, row.entitlement, row.labour)
        if key not in known:
            known[key] = _hours_of(question, row)
        return known[key]

    return hours


def _hours_of(question: Question, row: CaseRow) -> tuple[int, int]:
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
