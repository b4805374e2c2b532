"""`cpod engagements`: workshops, designated engineers and proactive services, planned or done."""

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
    title=N_("Engagements"),
    main="rows",
    sections=(
        drill_down.ENTITLEMENT,
        Section(
            name="rows",
            heading="",
            columns=(
                Column("engagement", N_("Engagement")),
                Column("kind", N_("Kind"), cell=worded("engagement", "kind")),
                Column("state", N_("State"), cell=worded("engagement_state", "state")),
                Column("starts_at", N_("Begins"), quiet=True, detail=True),
                Column("delivered_at", N_("Delivered"), quiet=True),
                Column("delivered_hours", N_("Hours"), Kind.NUMBER, quiet=True),
                Column("consumed", N_("Consumed"), Kind.NUMBER, quiet=True),
                Column("reserved", N_("Reserved"), Kind.NUMBER, quiet=True, detail=True),
                Column("charge", N_("Charge"), Kind.NUMBER, quiet=True, detail=True),
                Column("workspace", N_("Workspace"), detail=True),
                Column("package", N_("Package"), quiet=True, detail=True),
                Column("entitlement", N_("Entitlement"), quiet=True, detail=True),
                Column("mode", N_("Where"), cell=worded("mode"), quiet=True, detail=True),
                Column("title", N_("Title"), Kind.TEXT),
                Column("reason", N_("Reason"), Kind.TEXT, quiet=True, detail=True),
            ),
            fields=(
                *("engagement", "kind", "title", "state", "workspace", "contract", "package"),
                *("entitlement", "scheduled", "scheduled_at", "starts_at", "ends_at", "mode"),
                *("delivered_at", "cancelled_at", "delivered_hours", "unit", "consumed"),
                *("reserved", "quantity", "charge", "reason"),
            ),
            empty=N_("No engagements here."),
        ),
    ),
)

command = question(
    "engagements",
    about=N_(
        "Show workshops, time of designated engineers and proactive services. Each with its state,"
        " its hours, and what it consumed, holds back or cost in the unit of its entitlement."
    ),
    examples=(
        "cpod engagements --workspace contoso-paris",
        "cpod engagements --package BASE-17 --entitlement WORKSHOPS",
        "cpod engagements --status scheduled --sort starts_at",
    ),
    layout=LAYOUT,
    filters=(
        WORKSPACE,
        CONTRACT,
        ONE_PACKAGE,
        ENTITLEMENT,
        Option(
            "--status",
            type=click.Choice(
                ("scheduled", "in_delivery", "delivered", "cancelled", "cancelled_charged")
            ),
            heading=FILTERS,
            help=N_("Only engagements in this state."),
        ),
        *GRID,
    ),
)
