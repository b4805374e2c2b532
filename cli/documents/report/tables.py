"""The tables of the report: balances, expiries, deliveries by month, cases and statements."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from cli.documents.model import Entry, Table, Tone
from cli.documents.writing import moment, month_name, number, short_day
from cli.language.wording import N_, _
from cli.render.cells import DASH, SIGN, clean, is_nothing, written
from cli.render.words import word

ReportRow = Mapping[str, Any]

_FIGURES: Final = (
    ("granted", N_("Granted")),
    ("consumed", N_("Consumed")),
    ("expired", N_("Expired")),
    ("remaining", N_("Remaining")),
    ("reserved", N_("Reserved")),
    ("available", N_("Available")),
    ("delivered_hours", N_("Hours delivered")),
)
_ALWAYS: Final = frozenset({"granted", "consumed", "remaining"})


def balances(package: ReportRow) -> Table:
    """Return what a package holds, and what is left of it."""
    rows: Sequence[ReportRow] = package["consumables"]
    shown = [
        (key, heading)
        for key, heading in _FIGURES
        if key in _ALWAYS or not all(is_nothing(written(row[key])) for row in rows)
    ]
    if all(row["available"] == row["remaining"] for row in rows):
        shown = [pair for pair in shown if pair[0] != "available"]
    return Table(
        caption=_("Balances of {name}").format(name=clean(str(package["name"]))),
        headings=[_("Entitlement"), _("Unit"), *(_(heading) for _key, heading in shown)],
        numbers=[False, False, *([True] * len(shown))],
        rows=[
            [
                Entry(clean(str(row["name"]))),
                Entry(word("unit", row["unit"]), "faint"),
                *(_figure(row, key) for key, _heading in shown),
            ]
            for row in rows
        ],
        wide=[0],
    )


def _figure(row: ReportRow, key: str) -> Entry:
    value = row[key]
    if key == "granted" and value is None:
        return Entry(_("as needed"), "faint")
    text = number(value)
    if key in {"remaining", "available"} and isinstance(value, str) and value.startswith("-"):
        return Entry(f"{text} {SIGN}", "bad")
    return Entry(text, "strong" if key == "remaining" else "plain")


def expiring(rows: Sequence[ReportRow]) -> Table:
    """Return what is left, by the day on which it expires."""
    return Table(
        caption=_("What expires when"),
        headings=[_("Last day"), _("Entitlement"), _("Package"), _("Left"), _("Unit")],
        numbers=[False, False, False, True, False],
        rows=[
            [
                Entry(short_day(row["on"])),
                Entry(clean(str(row["name"]))),
                Entry(clean(str(row["package"])), "faint"),
                Entry(number(row["quantity"]), "strong"),
                Entry(word("unit", row["unit"]), "faint"),
            ]
            for row in rows
        ],
        wide=[1],
    )


def deliveries(rows: Sequence[ReportRow], year: str) -> Table:
    """Return what was consumed in each month of a year, and in all of it."""
    months = [date(int(year), month, 1) for month in range(1, 13)]
    first = min(int(row["month"][5:]) for row in rows)
    last = max(int(row["month"][5:]) for row in rows)
    months = months[first - 1 : last]
    places = dict.fromkeys((row["package"], row["entitlement"]) for row in rows)
    lines = []
    for place in places:
        own = [row for row in rows if (row["package"], row["entitlement"]) == place]
        figures = {row["month"]: row["consumed"] for row in own}
        total = format(sum((Decimal(each) for each in figures.values()), Decimal(0)), "f")
        cells = [figures.get(month.isoformat()[:7]) for month in months]
        label = clean(f"{own[0]['name']} ({own[0]['package']})")
        lines.append(
            [
                Entry(label),
                *(_cell(cell) for cell in cells),
                Entry(number(_plain(total)), "strong"),
            ]
        )
    return Table(
        caption=_("Deliveries by month, {year}").format(year=year),
        headings=[year, *(month_name(month) for month in months), _("Total")],
        numbers=[False, *([True] * len(months)), True],
        rows=lines,
        wide=[0],
    )


def _plain(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cell(value: object) -> Entry:
    return Entry(DASH, "faint") if value in {None, "0"} else Entry(number(value))


def cases(rows: Sequence[ReportRow], caption: str, zone: str) -> Table:
    """Return additional cases, each with its reasons in words."""
    return Table(
        caption=caption,
        headings=[_("Case"), _("Title"), _("Opened"), _("Status"), _("Kind"), _("Because")],
        numbers=[False] * 6,
        rows=[
            [
                Entry(clean(str(row["case"]))),
                Entry(written(row["title"])),
                Entry(moment(row["opened_at"], zone)),
                Entry(word("status", row["status"])),
                Entry(word("support_type", row["support_type"])),
                Entry(", ".join(_reason(row, code) for code in row["reasons"])),
            ]
            for row in rows
        ],
        wide=[1, 5],
    )


def _reason(row: ReportRow, code: str) -> str:
    said = word("additional", code)
    return f"{said} {written(row['service_code'])}" if code == "service_code" else said


def statement(found: ReportRow, zone: str) -> Table:
    """Return every line that moved a balance."""
    return Table(
        caption=_("Statement of {entitlement} in {package}").format(
            entitlement=clean(str(found["entitlement"])), package=clean(str(found["package"]))
        ),
        headings=[_("When"), _("What"), _("Event"), _("Position"), _("Change"), _("Balance")],
        numbers=[False, False, False, True, True, True],
        rows=[
            [
                Entry(moment(line["effective_at"], zone)),
                Entry(word("what", line["what"])),
                Entry(clean(f"{line['type']} {line['id']}") if line["id"] else DASH, "faint"),
                Entry(written(line["position"]), "faint"),
                Entry(_signed(line["change"])),
                Entry(number(line["balance"]), _below_zero(line["balance"])),
            ]
            for line in found["lines"]
        ],
        wide=[2],
    )


def _signed(value: object) -> str:
    text = number(value)
    return f"+{text}" if isinstance(value, str) and value[:1].isdigit() and value != "0" else text


def _below_zero(value: object) -> Tone:
    return "bad" if isinstance(value, str) and value.startswith("-") else "plain"
