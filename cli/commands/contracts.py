"""`cpod contracts`: every contract with its period, its state, and where it is mapped."""

from typing import Final

from cli.commands.summary import CONTRACTS
from cli.language.wording import N_
from cli.options.shared import CONTRACT, WORKSPACE
from cli.render.layout import Column, Kind, Layout, Section
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("Contracts"),
    main="contracts",
    sections=(
        Section(
            name="contracts",
            heading="",
            columns=(
                *CONTRACTS,
                Column("packages", N_("Packages"), Kind.IDS, quiet=True, detail=True),
                Column("successors", N_("Renewed by"), Kind.IDS, quiet=True, detail=True),
                Column("plan", N_("Plan"), Kind.TEXT, quiet=True, detail=True),
                Column("customer", N_("Customer"), detail=True),
            ),
            fields=(
                *("contract", "name", "customer", "plan", "state", "starts_on", "ends_on"),
                *("terminated_on", "timezone", "workspaces", "packages", "successors"),
            ),
            empty=N_("No contracts here."),
        ),
    ),
)

command = question(
    "contracts",
    about=N_("Show contracts, whatever their state. Each with its period and its workspaces."),
    examples=(
        "cpod contracts",
        "cpod contracts --workspace contoso-paris --as-of 2025-09-30",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT),
)
