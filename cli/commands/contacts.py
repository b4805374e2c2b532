"""`cpod contacts`: who occupies the seats of support contacts, and how many seats there are."""

from typing import Final

from cli.language.wording import N_
from cli.options.shared import CONTACT, CONTRACT, ENTITLEMENT, GRID, ONE_PACKAGE, WORKSPACE
from cli.render import drill_down
from cli.render.layout import Column, Kind, Layout, Section
from cli.view_command import question

LAYOUT: Final = Layout(
    title=N_("Support contacts"),
    main="rows",
    sections=(
        drill_down.ENTITLEMENT,
        Section(
            name="seats",
            heading="",
            columns=(
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("name", N_("Name"), Kind.TEXT),
                Column("used", N_("Seats used"), Kind.NUMBER),
                Column("allowed", N_("Allowed"), Kind.NUMBER),
                Column("used_in_scope", N_("In scope"), Kind.NUMBER, detail=True, unlike="used"),
                Column("used_elsewhere", N_("Elsewhere"), Kind.NUMBER, quiet=True, detail=True),
            ),
            fields=(
                *("package", "entitlement", "name", "used", "used_in_scope", "used_elsewhere"),
                "allowed",
            ),
        ),
        Section(
            name="rows",
            heading="",
            columns=(
                Column("contact", N_("Contact")),
                Column("name", N_("Name"), Kind.TEXT, quiet=True),
                Column("email", N_("E-mail"), quiet=True),
                Column("workspaces", N_("Workspaces"), Kind.IDS),
                Column("since", N_("Since")),
                Column("package", N_("Package"), detail=True),
                Column("entitlement", N_("Entitlement"), detail=True),
            ),
            fields=(
                *("contact", "name", "email", "workspaces", "since", "contract", "package"),
                "entitlement",
            ),
            empty=N_("No contacts here."),
        ),
    ),
)

command = question(
    "contacts",
    about=N_(
        "Show support contacts, and the seats they occupy. A person takes one seat of an"
        " entitlement, in however many workspaces."
    ),
    examples=(
        "cpod contacts --workspace contoso-paris",
        "cpod contacts --package BASE-17 --entitlement SEATS --as-of 2025-09-30",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT, ONE_PACKAGE, ENTITLEMENT, CONTACT, *GRID),
)
