"""Series: how the balance of one consumable has gone day by day, and where it is going."""

from datetime import date
from typing import Final

from ledger.domain.aggregates.package import Package, PackageLine
from ledger.domain.balance.burndown import Step
from ledger.domain.balance.forecast import Forecast, forecast
from ledger.domain.balance.lots import supply
from ledger.domain.values.calendar import local_date
from ledger.domain.values.quantities import NANO, format_quantity, round_half_even
from ledger.projections.balances.movements import movements
from ledger.projections.balances.settled import all_flows
from ledger.projections.question import Question, quantity

_FIGURE: Final = {
    "started": ("granted", 1),
    "taken": ("granted", 1),
    "consumed": ("consumed", -1),
    "refunded": ("consumed", -1),
    "expired": ("expired", -1),
    "lost": ("expired", -1),
}
"""Which figure a step of a burn-down moves, and in which direction."""


def series(question: Question, package: Package, line: PackageLine) -> dict[str, object]:
    """Return the figures of a consumable at the end of each day on which they moved.

    Whether the viewer may see them is for the caller to ask.
    """
    entitlement = line.entitlement
    zone = question.terms.package_zone(package.package)
    today = question.at.day(package.package)
    last = last_day(question, package)
    figures = {"granted": 0, "consumed": 0, "expired": 0}
    points: dict[date, dict[str, object]] = {}
    for movement in movements(question, package, line):
        _move(figures, movement.step, limited=entitlement.limited)
        day = local_date(movement.step.at, zone)
        points[day] = _point(day, figures, limited=entitlement.limited)
    if package.starts_on <= today:
        nothing = _point(package.starts_on, dict.fromkeys(figures, 0), limited=entitlement.limited)
        points.setdefault(package.starts_on, nothing)
    if package.starts_on <= today <= last:
        points[today] = _point(today, figures, limited=entitlement.limited)
    ahead = _forecast(question, package, line, today, last)
    return {
        "package": package.package,
        "entitlement": entitlement.entitlement,
        "name": entitlement.name,
        "service": entitlement.service,
        "unit": entitlement.unit,
        "as_needed": not entitlement.limited,
        "starts_on": package.starts_on.isoformat(),
        "ends_on": last.isoformat(),
        "on": today.isoformat(),
        "points": [points[day] for day in sorted(points)],
        "ran_out_on": _ran_out(points, today, last) if entitlement.limited else None,
        "forecast": None if ahead is None else _forecast_answer(ahead),
    }


def last_day(question: Question, package: Package) -> date:
    """Return the last day on which a package may be used: its own, or its contract's."""
    contract = question.at.contract(package.contract)
    ends = [package.ends_on] + ([contract.end] if contract and contract.end else [])
    return min(ends)


def _move(figures: dict[str, int], step: Step, *, limited: bool) -> None:
    name, sign = _FIGURE[step.kind] if limited else ("consumed", 1)
    figures[name] += sign * step.change


def _point(day: date, figures: dict[str, int], *, limited: bool) -> dict[str, object]:
    remaining = figures["granted"] - figures["consumed"] - figures["expired"]
    return {
        "on": day.isoformat(),
        "granted": quantity(figures["granted"] if limited else None),
        "consumed": quantity(figures["consumed"]),
        "expired": quantity(figures["expired"]),
        "remaining": quantity(remaining if limited else None),
    }


def _ran_out(points: dict[date, dict[str, object]], today: date, last: date) -> str | None:
    """Return since when nothing is left, where nothing is and the package still runs."""
    if today > last:
        return None
    found: str | None = None
    for day in sorted(points):
        remaining = str(points[day]["remaining"])
        spent = remaining == "0" or remaining.startswith("-")
        if not spent:
            found = None
        elif found is None and str(points[day]["granted"]) != "0":
            found = day.isoformat()
    return found


def _forecast(
    question: Question, package: Package, line: PackageLine, today: date, last: date
) -> Forecast | None:
    """Return what is to come of a limited entitlement; seats are a level and have no rate."""
    if not line.entitlement.limited or line.entitlement.unit == "seat":
        return None
    zone = question.terms.package_zone(package.package)
    used = all_flows(question.books, question.at, package, line)
    return forecast(supply(package, line, zone), used, package.starts_on, today, last, zone)


def _forecast_answer(ahead: Forecast) -> dict[str, object]:
    rate = ahead.rate
    nanos = round_half_even(rate.numerator, rate.denominator * NANO)
    return {
        "days_elapsed": ahead.days_elapsed,
        "rate_per_day": format_quantity(nanos * NANO),
        "runs_out_on": ahead.runs_out_on.isoformat() if ahead.runs_out_on else None,
        "remaining_at_end": format_quantity(ahead.remaining_at_end),
        "points": [
            {"on": day.isoformat(), "remaining": format_quantity(left)}
            for day, left in ahead.points
        ],
    }
