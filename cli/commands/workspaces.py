"""`cpod workspaces`: every workspace, whose it is, and which contracts it shows."""

from typing import Final

from cli.language.wording import N_
from cli.options.shared import WORKSPACE
from cli.render.layout import Column, Kind, Layout, Section
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("Workspaces"),
    main="workspaces",
    sections=(
        Section(
            name="workspaces",
            heading="",
            columns=(
                Column("workspace", N_("Workspace")),
                Column("name", N_("Name"), Kind.TEXT),
                Column("customer", N_("Customer")),
                Column("timezone", N_("Time zone")),
                Column("contracts", N_("Contracts"), Kind.IDS, quiet=True),
            ),
            fields=("workspace", "customer", "name", "timezone", "contracts"),
            empty=N_("No workspaces here."),
        ),
    ),
)

command = question(
    "workspaces",
    about=N_("Show workspaces, with the contracts that are mapped to each."),
    examples=("cpod workspaces", "cpod workspaces --as ana"),
    layout=LAYOUT,
    filters=(WORKSPACE,),
)
