"""`cpod additional`: the cases that no line of the page holds, with every reason."""

from typing import Final

from cli.language.wording import N_
from cli.options.shared import CASE_FILTERS, CONTRACT, GRID, WORKSPACE
from cli.render.layout import Column, Kind, Layout, Section
from cli.render.words import worded
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("Additional cases"),
    main="cases",
    sections=(
        Section(
            name="services",
            heading="",
            columns=(
                Column("service", N_("Service"), cell=worded("service")),
                Column("cases", N_("Cases"), Kind.NUMBER),
            ),
            fields=("service", "cases"),
        ),
        Section(
            name="cases",
            heading="",
            columns=(
                Column("case", N_("Case")),
                Column("opened_at", N_("Opened")),
                Column("status", N_("Status"), cell=worded("status")),
                Column("support_type", N_("Kind"), cell=worded("support_type"), detail=True),
                Column("service_code", N_("Code"), detail=True, quiet=True),
                Column("workspace", N_("Workspace"), detail=True),
                Column("contract", N_("Contract")),
                Column("reasons", N_("Because"), Kind.IDS, worded("additional", "reasons")),
                Column("title", N_("Title"), Kind.TEXT),
            ),
            fields=(
                *("case", "workspace", "support_type", "service_code", "title", "opened_at"),
                *("status", "source_status", "contract", "reasons"),
            ),
            empty=N_("No additional cases."),
        ),
    ),
)

command = question(
    "additional",
    about=N_(
        "Show the additional cases, each with its reasons. These are reactive and advisory cases"
        " whose contract, package or service is missing, expired or not mapped here, or that bear"
        " a service code of their own."
    ),
    examples=(
        "cpod additional --workspace contoso-paris",
        "cpod additional --as-of 2025-09-30 --expiry-basis case-opened",
        "cpod additional --section services --format csv",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT, *CASE_FILTERS, *GRID),
)
