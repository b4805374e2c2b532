"""`cpod summary`: the enterprise-wide view, one line for each service and unit."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from cli.language.wording import N_, _
from cli.options.shared import CONTRACT, FROM, WORKSPACE
from cli.render import balances
from cli.render.cells import written
from cli.render.layout import Band, Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import state, word, worded
from cli.view_command import question


def _by_group(lines: Sequence[Row]) -> Iterator[Row | Band]:
    """Yield the lines under the name of their group."""
    for number, (group, under) in enumerate(groupby(lines, key=lambda line: line.get("group"))):
        if number:
            yield Band([])
        yield Band([Cell(word("group", group), Style.HEADING)])
        yield from under


def _end(contract: Row) -> Cell:
    """Return the last day of a contract; one without is open-ended."""
    ends_on, ends = contract.get("ends_on"), balances.days_left(contract)
    if ends_on is None:
        return Cell(_("open-ended"))
    return Cell(written(ends_on)) if ends is None else ends._replace(text=written(ends_on))


CONTRACTS: Final = (
    Column("contract", N_("Contract")),
    Column("name", N_("Name"), Kind.TEXT),
    Column("state", N_("State"), cell=state),
    Column("starts_on", N_("From")),
    Column("ends_on", N_("To"), cell=_end),
    Column("workspaces", N_("Workspaces"), Kind.IDS, quiet=True),
)
"""How contracts are shown."""

LAYOUT: Final = Layout(
    title=N_("Enterprise summary"),
    main="lines",
    sections=(
        Section(
            name="contracts",
            heading="",
            columns=CONTRACTS,
            fields=("contract", "name", "state", "starts_on", "ends_on", "workspaces"),
            empty=N_("No contract is active and mapped to a workspace here."),
        ),
        Section(
            name="lines",
            heading="",
            columns=(
                Column("service", N_("Service"), Kind.TEXT, worded("service")),
                Column("unit", N_("Unit"), cell=worded("unit")),
                balances.GRANTED,
                balances.CONSUMED,
                Column("consumed_in_scope", N_("In scope"), Kind.NUMBER),
                balances.IN_PERIOD,
                balances.ELSEWHERE,
                balances.EXPIRED,
                balances.REMAINING,
                balances.RESERVED,
                balances.AVAILABLE,
                balances.OVERAGE,
                balances.HOURS,
                Column("cases", N_("Cases"), Kind.NUMBER, quiet=True, detail=True),
            ),
            fields=(
                *("group", "service", "unit", "as_needed", "granted"),
                *("consumed", "consumed_in_scope", "expired", "reserved", "remaining"),
                *("available", "overage", "delivered_hours", "cases", "used_elsewhere"),
                *("consumed_in_period", "cases_in_period"),
            ),
            indent=2,
            arranged=_by_group,
        ),
    ),
)

command = question(
    "summary",
    about=N_(
        "Show the enterprise-wide packages in one view. The active contracts of the workspaces"
        " asked for, and one line for each service and unit. Consumed is of all workspaces, so that"
        " remaining is true; in scope is what these workspaces consumed."
    ),
    examples=(
        "cpod summary",
        "cpod summary --workspace contoso-paris --workspace contoso-dublin",
        "cpod summary --from 2025-07-01 --as-of 2025-09-30 --format csv",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT, FROM),
)
