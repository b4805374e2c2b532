"""`cpod statement PACKAGE ENTITLEMENT`: every line that moved a balance, the last being its end."""

from typing import Final

import click

from cli.language.wording import N_
from cli.options.completion import KnownId
from cli.options.parameters import Identifier
from cli.options.shared import FROM
from cli.render.cells import SIGN, is_number, written
from cli.render.layout import Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import word, worded
from cli.view_command import question


def _balance(line: Row) -> Cell:
    """Return the balance after a line; below zero it is overdrawn."""
    text = written(line.get("balance"))
    overdrawn = text.startswith("-") and is_number(text)
    return Cell(text, Style.BAD, SIGN) if overdrawn else Cell(text)


LAYOUT: Final = Layout(
    title=N_("Statement of {entitlement} in {package}"),
    main="lines",
    facts=lambda answer: [Cell(word("unit", answer["unit"]))] if answer.get("unit") else [],
    sections=(
        Section(
            name="lines",
            heading="",
            columns=(
                Column("effective_at", N_("Effective")),
                Column("what", N_("What"), Kind.TEXT, worded("what")),
                Column("change", N_("Change"), Kind.NUMBER),
                Column("balance", N_("Balance"), Kind.NUMBER, _balance),
                Column("type", N_("Type"), detail=True),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
                Column("recorded_at", N_("Recorded"), detail=True),
                Column("source", N_("Source"), detail=True),
                Column("id", N_("Id"), detail=True),
            ),
            fields=(
                *("position", "source", "id", "type", "effective_at", "recorded_at"),
                *("what", "change", "balance"),
            ),
            empty=N_("Nothing has moved this balance."),
        ),
    ),
)

command = question(
    "statement",
    about=N_(
        "Show how a balance came about, line by line. Every event that moved it, and every start"
        " and expiry of a lot; the last balance is the number that the views show."
    ),
    examples=(
        "cpod statement BASE-17 CREDITS",
        "cpod statement BASE-17 CREDITS --as-of 2025-09-30 --known-at 42",
        "cpod statement BASE-17 CREDITS --from 2025-07-01 --format csv",
    ),
    layout=LAYOUT,
    filters=(
        click.Argument(["package"], type=KnownId("package"), metavar="PACKAGE"),
        click.Argument(["entitlement"], type=Identifier(), metavar="ENTITLEMENT"),
        FROM,
    ),
)
