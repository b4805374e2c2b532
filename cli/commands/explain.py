"""`cpod explain PACKAGE ENTITLEMENT`: lot by lot, which event burned which lot."""

from collections.abc import Iterator, Sequence
from typing import Final

import click

from cli.language.wording import N_, _
from cli.options.completion import KnownId
from cli.options.parameters import Identifier
from cli.render.cells import DOT, SIGN, is_number, written
from cli.render.layout import Answer, Band, Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.words import word, worded
from cli.view_command import question


def _facts(answer: Answer) -> Iterator[Cell]:
    """Yield the unit, and the balance that the lines come to."""
    if answer.get("unit"):
        yield Cell(word("unit", answer["unit"]))
    balance = answer.get("balance")
    if isinstance(balance, dict):
        shown = balance["remaining"] if balance["remaining"] is not None else balance["consumed"]
        text = _("{quantity} left") if balance["remaining"] is not None else _("{quantity} used")
        overdrawn = balance["overage"] not in {"0", None}
        style, sign = (Style.BAD, SIGN) if overdrawn else (Style.PLAIN, "")
        yield Cell(text.format(quantity=written(shown)), style, sign)


def _arranged(lines: Sequence[Row]) -> Iterator[Row | Band]:
    """Yield the lines of each lot under a line that names it."""
    lot: object = ...
    for number, line in enumerate(lines):
        if line.get("lot") != lot:
            lot = line.get("lot")
            if number:
                yield Band([])
            parts = [Cell(_lot_of(line), Style.HEADING)]
            if lot is not None:
                parts += [Cell(written(line.get(key)), Style.FAINT) for key in ("type", "id")]
            yield Band(parts, between=DOT)
        yield line


def _lot_of(line: Row) -> str:
    """Return what stands over lines of one lot, of none, or of whichever where that is hidden."""
    if line.get("lot") is not None:
        return _("Lot {lot}").format(lot=line["lot"])
    return _("Covered by no lot") if line.get("left") is not None else _("Not shown by lot")


def _left(line: Row) -> Cell:
    """Return what is left after a line; below zero it is overage."""
    text = written(line.get("left"))
    overdrawn = text.startswith("-") and is_number(text)
    return Cell(text, Style.BAD, SIGN) if overdrawn else Cell(text)


LAYOUT: Final = Layout(
    title=N_("Explanation of {entitlement} in {package}"),
    main="lines",
    facts=_facts,
    sections=(
        Section(
            name="lots",
            heading=N_("Lots"),
            columns=(
                Column("lot", N_("Lot"), Kind.NUMBER),
                Column("starts_at", N_("Starts")),
                Column("ends_at", N_("Ends")),
                Column("priority", N_("Priority"), Kind.NUMBER, quiet=True, detail=True),
                Column("quantity", N_("Granted"), Kind.NUMBER),
                Column("burned", N_("Burned"), Kind.NUMBER),
                Column("returned", N_("Returned"), Kind.NUMBER, quiet=True),
                Column("expired", N_("Expired"), Kind.NUMBER, quiet=True),
                Column("left", N_("Left"), Kind.NUMBER, _left),
                Column("id", N_("Id"), detail=True),
            ),
            fields=(
                *("lot", "source", "id", "type", "priority", "starts_at", "ends_at"),
                *("quantity", "burned", "returned", "expired", "left"),
            ),
        ),
        Section(
            name="lines",
            heading="",
            columns=(
                Column("effective_at", N_("Effective")),
                Column("what", N_("What"), Kind.TEXT, worded("explained", "what")),
                Column("change", N_("Change"), Kind.NUMBER),
                Column("left", N_("Left"), Kind.NUMBER, _left),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
                Column("type", N_("Type"), detail=True),
                Column("source", N_("Source"), detail=True),
                Column("id", N_("Id"), detail=True),
            ),
            fields=(
                *("lot", "position", "source", "id", "type", "effective_at", "recorded_at"),
                *("what", "of", "change", "left"),
            ),
            empty=N_("Nothing has moved this balance."),
            indent=2,
            arranged=_arranged,
        ),
        Section(
            name="reservations",
            heading=N_("Held back"),
            columns=(
                Column("quantity", N_("Quantity"), Kind.NUMBER),
                Column("effective_at", N_("Effective")),
                Column("type", N_("Type"), detail=True),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
                Column("id", N_("Id")),
            ),
            fields=("position", "source", "id", "type", "effective_at", "quantity"),
        ),
    ),
)

command = question(
    "explain",
    about=N_(
        "Explain a balance, lot by lot. Which delivery burned which lot, what expired, what went"
        " back, and which overage a later lot covered, each with its event; the lines come to the"
        " balance."
    ),
    examples=(
        "cpod explain BASE-17 CREDITS",
        "cpod explain BASE-17 CREDITS --as-of 2025-09-30 --known-at 42",
        "cpod explain BASE-17 CREDITS --format csv",
    ),
    layout=LAYOUT,
    filters=(
        click.Argument(["package"], type=KnownId("package"), metavar="PACKAGE"),
        click.Argument(["entitlement"], type=Identifier(), metavar="ENTITLEMENT"),
    ),
)
