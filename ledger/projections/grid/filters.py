"""Narrowing: which of the rows that a viewer may see are shown, by place, value, date and text."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ledger.domain.persons import marks_erased
from ledger.domain.values.calendar import day_end, day_start, parse_date
from ledger.domain.values.instants import parse_instant
from ledger.errors import NotFound, UsageError
from ledger.projections.grid.columns import CHOICES, Grid, GridRow
from ledger.projections.question import Question


def narrowed(question: Question, shape: Grid[GridRow], rows: list[GridRow]) -> list[GridRow]:
    """Return the rows that the filters show.

    Raises UsageError, and NotFound for a contract or package that neither a term that the viewer
    may see nor one of the rows names.
    """
    return _chosen(question, shape, placed(question, shape, rows))


def placed(question: Question, shape: Grid[GridRow], rows: list[GridRow]) -> list[GridRow]:
    """Return the rows on the contracts, package and entitlement that are asked for.

    Raises NotFound for a contract or package that may not be named, and that no row names.
    """
    filters = question.filters
    named = [shape.places(row) for row in rows]
    for contract in sorted(set(filters.contracts) - {place[0] for place in named}):
        if not question.knows_contract(contract):
            raise NotFound("there is no contract {name}", name=contract)
    for package in sorted(_packages(question) - {place[1] for place in named}):
        if not question.knows_package(package):
            raise NotFound("there is no package {name}", name=package)
    return list(on_place(question, shape, rows))


def on_place(
    question: Question, shape: Grid[GridRow], rows: Iterable[GridRow]
) -> Iterator[GridRow]:
    """Yield the rows on the contracts, package and entitlement that are asked for.

    Raises UsageError where an entitlement is asked for without its package.
    """
    contracts, entitlement = set(question.filters.contracts), question.filters.entitlement
    packages = _packages(question)
    if entitlement is not None and not packages:
        raise UsageError("name the package of the entitlement, with --package")
    for row in rows:
        its_contract, its_package, its_entitlement = shape.places(row)
        if (
            (not contracts or its_contract in contracts)
            and (not packages or its_package in packages)
            and entitlement in {None, its_entitlement}
        ):
            yield row


def _packages(question: Question) -> set[str]:
    filters = question.filters
    return {*filters.packages, *([filters.package] if filters.package is not None else ())}


def _chosen(question: Question, shape: Grid[GridRow], rows: list[GridRow]) -> list[GridRow]:
    """Return the rows that the filters by value, by date and by text show."""
    filters = question.filters
    for name in CHOICES:
        wanted = getattr(filters, name)
        if wanted is None:
            continue
        of = shape.choices.get(name)
        if of is None:
            raise UsageError("--{name} is not for these rows", name=name)
        nobody = name == "contact" and marks_erased(wanted)
        rows = [row for row in rows if of(row) == wanted and not nobody]
    rows = _within(filters.since, filters.until, shape, rows)
    return _searched(filters.search, shape, rows)


def _within(
    since: str | None, until: str | None, shape: Grid[GridRow], rows: list[GridRow]
) -> list[GridRow]:
    """Return the rows whose date lies between two (inclusive) dates or instants."""
    if since is not None:
        first = _bound("--since", since, day_start)
        rows = [
            row
            for row in rows
            if (at := shape.date(row)) is not None and at >= first(shape.zone(row))
        ]
    if until is not None:
        last = _bound("--until", until, day_end)
        rows = [
            row
            for row in rows
            if (at := shape.date(row)) is not None and at <= last(shape.zone(row))
        ]
    return rows


def _bound(option: str, text: str, edge: Callable[[Any, str], int]) -> Callable[[str], int]:
    """Return the instant that a date or an instant means, for each zone. Raises UsageError."""
    try:
        if "T" in text.upper():
            instant = parse_instant(text)
            return lambda _zone: instant
        day = parse_date(text)
    except ValueError as wrong:
        raise UsageError(
            "{option} {text}: {wrong}", option=option, text=text, wrong=wrong
        ) from None
    return lambda zone: edge(day, zone)


def _searched(text: str | None, shape: Grid[GridRow], rows: list[GridRow]) -> list[GridRow]:
    """Return the rows that hold a text in one of their columns, in capitals or not.

    What marks an erased person is no text of a row: it finds nobody.
    """
    if not text:
        return rows
    wanted = text.casefold()
    single = [column.of for column in shape.columns if column.kind == "text"]
    several = [column.of for column in shape.columns if column.kind == "texts"]

    def holds(row: GridRow) -> bool:
        values = [of(row) for of in single] + [value for of in several for value in of(row)]
        return any(
            value is not None and wanted in value.casefold() and not marks_erased(value)
            for value in values
        )

    return [row for row in rows if holds(row)]
