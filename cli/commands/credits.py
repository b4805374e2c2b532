"""`cpod credits`: what is left of proactive credits, and every movement with its balance."""

from typing import Final

from cli.language.wording import N_, _
from cli.options.shared import CONTRACT, ENTITLEMENT, GRID, ONE_PACKAGE, WORKSPACE
from cli.render import balances, drill_down
from cli.render.cells import written
from cli.render.layout import Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import worded
from cli.view_command import question


def _purchased(account: Row) -> Cell:
    """Return what was bought; where that is null it is as needed."""
    if account.get("purchased") is None:
        return Cell(_("as needed"), Style.FAINT)
    return Cell(written(account["purchased"]))


LAYOUT: Final = Layout(
    title=N_("Proactive credits"),
    main="rows",
    sections=(
        drill_down.ENTITLEMENT,
        Section(
            name="accounts",
            heading="",
            columns=(
                Column("package", N_("Package")),
                Column("entitlement", N_("Entitlement")),
                Column("purchased", N_("Purchased"), Kind.NUMBER, _purchased),
                Column("used", N_("Used"), Kind.NUMBER),
                balances.ELSEWHERE,
                balances.RESERVED,
                balances.EXPIRED,
                balances.REMAINING,
                Column("next_expiry", N_("Next expiry"), quiet=True),
                Column(
                    "next_expiry_quantity", N_("Expires then"), Kind.NUMBER, quiet=True, detail=True
                ),
            ),
            fields=(
                *("contract", "package", "entitlement", "name", "purchased", "used"),
                *("used_elsewhere", "reserved", "expired", "remaining"),
                *("next_expiry", "next_expiry_quantity"),
            ),
        ),
        Section(
            name="rows",
            heading="",
            columns=(
                Column("date", N_("Date")),
                Column("what", N_("What"), cell=worded("what")),
                Column("service", N_("Service"), Kind.TEXT, quiet=True),
                Column("quantity", N_("Quantity"), Kind.NUMBER, quiet=True, detail=True),
                Column("unit_price", N_("Unit price"), Kind.NUMBER, quiet=True, detail=True),
                Column("credits", N_("Credits"), Kind.NUMBER),
                balances.BALANCE,
                Column("hours", N_("Hours"), Kind.NUMBER, quiet=True, detail=True),
                Column("workspace", N_("Workspace"), quiet=True),
                Column("package", N_("Package"), detail=True),
                Column("entitlement", N_("Entitlement"), detail=True),
                Column("engagement", N_("Engagement"), quiet=True, detail=True),
            ),
            fields=(
                *("date", "what", "service", "quantity", "unit_price", "price_list", "credits"),
                *("balance", "hours", "engagement", "workspace", "contract", "package"),
                *("entitlement", "type"),
            ),
            empty=N_("No credits have moved here."),
        ),
    ),
)

command = question(
    "credits",
    about=N_(
        "Show proactive credits. For each entitlement what was purchased, used, reserved and"
        " expired, what remains and what expires next; then every movement, with the balance after"
        " it. What other workspaces used is one number."
    ),
    examples=(
        "cpod credits --workspace contoso-paris",
        "cpod credits --package BASE-17 --entitlement CREDITS",
        "cpod credits --since 2025-07-01 --sort -credits --format csv",
    ),
    layout=LAYOUT,
    filters=(WORKSPACE, CONTRACT, ONE_PACKAGE, ENTITLEMENT, *GRID),
)
