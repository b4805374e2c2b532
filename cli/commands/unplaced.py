"""`cpod unplaced`: what was delivered, should count on an entitlement, and cannot."""

from typing import Final

from cli.language.wording import N_
from cli.options.parameters import FILTERS, Option
from cli.render.layout import Column, Kind, Layout, Section
from cli.render.words import worded
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("Unplaced facts"),
    main="facts",
    sections=(
        Section(
            name="facts",
            heading="",
            columns=(
                Column("position", N_("Position"), Kind.NUMBER),
                Column("effective_at", N_("Effective")),
                Column("type", N_("Type"), detail=True),
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("reason", N_("Because"), Kind.TEXT, worded("unplaced", "reason")),
                Column("source", N_("Source"), detail=True),
                Column("id", N_("Id"), detail=True),
            ),
            fields=(
                *("position", "source", "id", "type", "effective_at"),
                *("package", "entitlement", "reason"),
            ),
            empty=N_("Everything that names a place is in a balance."),
        ),
    ),
)

command = question(
    "unplaced",
    about=N_(
        "Show what was delivered and is in no balance, each with the reason. These are facts that"
        " name a package and an entitlement; --all adds those that name none, and those of cases"
        " that were never opened."
    ),
    examples=("cpod unplaced", "cpod unplaced --all --as-of 2025-12-31 --format csv"),
    layout=LAYOUT,
    filters=(
        Option(
            "--all",
            "everything",
            is_flag=True,
            heading=FILTERS,
            help=N_("Also what names no place, and what belongs to a case never opened."),
        ),
    ),
)
