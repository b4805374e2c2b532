"""What drill-downs share: the entitlement behind the rows, and the word that rows were cut off."""

from collections.abc import Mapping
from typing import Final

from cli.language.wording import N_, _
from cli.render import balances
from cli.render.cells import written
from cli.render.layout import Answer, Cell, Column, Kind, Row, Section


def _balance(entitlement: Row) -> Row:
    balance = entitlement.get("balance")
    return balance if isinstance(balance, Mapping) else {}


ENTITLEMENT: Final = Section(
    name="entitlement",
    heading="",
    columns=(
        Column("package", N_("Package")),
        Column("entitlement", N_("Entitlement")),
        Column("name", N_("Name"), Kind.TEXT),
        Column(
            "granted",
            N_("Granted"),
            Kind.NUMBER,
            lambda row: balances.granted(_balance(row)),
        ),
        Column(
            "consumed",
            N_("Consumed"),
            Kind.NUMBER,
            lambda row: Cell(written(_balance(row).get("consumed"))),
        ),
        Column(
            "remaining",
            N_("Remaining"),
            Kind.NUMBER,
            lambda row: balances.remaining(_balance(row)),
        ),
        Column("description", N_("Description"), Kind.TEXT, quiet=True, detail=True),
        Column("action_url", N_("Link"), quiet=True, detail=True),
    ),
    fields=("package", "entitlement", "name", "description", "action_url", "balance"),
)
"""The entitlement that a drill-down is asked for, where it is asked for one."""


def cut_off(answer: Answer) -> str | None:
    """Return how to go on where rows were cut off, None where they were not."""
    if answer.get("next") is None:
        return None
    return _("There are {total} rows in all; go on with --after {next}").format(
        total=written(answer.get("total")), next=written(answer.get("next"))
    )
