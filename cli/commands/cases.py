"""`cpod cases`: the grid of cases, and the entitlement behind it where one is asked for."""

from typing import Final

import click

from cli.language.wording import N_
from cli.options.parameters import FILTERS, Option
from cli.options.shared import CASE_FILTERS, CONTRACT, GRID, ONE_PACKAGE, WORKSPACE
from cli.options.shared import ENTITLEMENT as WITH_BALANCE
from cli.render.cells import SIGN, is_nothing, written
from cli.render.drill_down import ENTITLEMENT
from cli.render.layout import Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import worded
from cli.view_command import question


def _over_cap(case: Row) -> Cell:
    """Return the hours over the cap of a case; any stand out."""
    text = written(case.get("over_cap"))
    return Cell(text) if is_nothing(text) else Cell(text, Style.BAD, SIGN)


LAYOUT: Final = Layout(
    title=N_("Cases"),
    main="rows",
    sections=(
        ENTITLEMENT,
        Section(
            name="rows",
            heading="",
            columns=(
                Column("case", N_("Case")),
                Column("opened_at", N_("Opened")),
                Column("status", N_("Status"), cell=worded("status")),
                Column("support_type", N_("Kind"), cell=worded("support_type")),
                Column("severity", N_("Severity"), quiet=True, detail=True),
                Column("workspace", N_("Workspace")),
                Column("contract", N_("Contract"), quiet=True, detail=True),
                Column("package", N_("Package"), quiet=True, detail=True),
                Column("entitlement", N_("Entitlement"), quiet=True, detail=True),
                Column("hours", N_("Hours"), Kind.NUMBER, quiet=True),
                Column("over_cap", N_("Over cap"), Kind.NUMBER, _over_cap, quiet=True),
                Column("title", N_("Title"), Kind.TEXT),
            ),
            fields=(
                *("case", "workspace", "contract", "package", "entitlement", "support_type"),
                *("service_code", "severity", "product", "title", "primary_contact"),
                *("opened_at", "closed_at", "status", "source_status", "hours", "over_cap"),
            ),
            empty=N_("No such cases; --list all shows every case that was opened."),
        ),
    ),
)

command = question(
    "cases",
    about=N_(
        "Show cases with their place, status and hours. Without --list it is the main list: the"
        " reactive and advisory cases that the lines of the page hold."
    ),
    examples=(
        "cpod cases --workspace contoso-paris",
        "cpod cases --package BASE-17 --entitlement PRS",
        "cpod cases --list all --search licence --sort -opened_at --limit 50",
    ),
    layout=LAYOUT,
    filters=(
        WORKSPACE,
        CONTRACT,
        ONE_PACKAGE,
        WITH_BALANCE,
        Option(
            "--list",
            "which",
            type=click.Choice(("main", "additional", "all")),
            heading=FILTERS,
            help=N_("The main list, the additional cases, or every case. Default: main."),
        ),
        *CASE_FILTERS,
        *GRID,
    ),
)
