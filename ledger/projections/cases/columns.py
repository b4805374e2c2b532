"""The grids of cases: the columns that `cases` and `additional` show, and how they are sorted."""

from operator import attrgetter
from typing import Final

from ledger.projections.cases.hours import CaseHours
from ledger.projections.cases.listing import Listed, zone_of_case
from ledger.projections.grid.columns import Column, Grid, Kind
from ledger.projections.question import Question

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
    hours = CaseHours(question)
    return _grid(
        question,
        _CASES,
        Column("hours", "quantity", lambda listed: hours.of(listed.row)[0], hours.prepare),
        Column("over_cap", "quantity", lambda listed: hours.of(listed.row)[1], hours.prepare),
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
