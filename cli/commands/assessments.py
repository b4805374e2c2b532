"""`cpod assessments`: what is configured where, when it ran last, and what it found."""

from typing import Final

import click

from cli.language.wording import N_
from cli.options.parameters import FILTERS, Option
from cli.options.shared import CONTRACT, ENTITLEMENT, GRID, ONE_PACKAGE, WORKSPACE
from cli.render import drill_down
from cli.render.layout import Column, Kind, Layout, Section
from cli.render.words import worded
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("On-demand assessments"),
    main="rows",
    sections=(
        drill_down.ENTITLEMENT,
        Section(
            name="rows",
            heading="",
            columns=(
                Column("technology", N_("Technology")),
                Column("environment", N_("Environment")),
                Column("state", N_("State"), cell=worded("assessment_state", "state")),
                Column("configured_at", N_("Configured"), detail=True),
                Column("last_run_at", N_("Last run")),
                Column("runs", N_("Runs"), Kind.NUMBER),
                Column("quality_index", N_("Quality"), Kind.NUMBER, quiet=True),
                Column("findings", N_("Findings"), Kind.NUMBER, quiet=True),
                Column("workspace", N_("Workspace")),
                Column("package", N_("Package"), quiet=True, detail=True),
                Column("entitlement", N_("Entitlement"), quiet=True, detail=True),
            ),
            fields=(
                *("technology", "environment", "state", "workspace", "contract", "package"),
                *("entitlement", "configured_at", "last_run_at", "runs", "quality_index"),
                "findings",
            ),
            empty=N_("No assessments here."),
        ),
    ),
)

command = question(
    "assessments",
    about=N_(
        "Show on-demand assessments. Each with when it was configured, its last run and what that"
        " found; runs consume nothing."
    ),
    examples=(
        "cpod assessments --workspace contoso-paris",
        "cpod assessments --sort -last_run_at --format csv",
    ),
    layout=LAYOUT,
    filters=(
        WORKSPACE,
        CONTRACT,
        ONE_PACKAGE,
        ENTITLEMENT,
        Option(
            "--status",
            type=click.Choice(("configured", "removed")),
            heading=FILTERS,
            help=N_("Only assessments in this state."),
        ),
        *GRID,
    ),
)
