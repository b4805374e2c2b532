"""`cpod exports`: every file that an answer was written to, as the register has it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.language.wording import N_, _
from cli.opening import operator_only
from cli.options.shared import VIEWER
from cli.render.cells import clean, written
from cli.render.layout import Answer, Cell, Column, Kind, Layout, Row, Section, Style
from cli.view_command import question

if TYPE_CHECKING:
    from ledger.ledger import Ledger


def _who(export: Row) -> Cell:
    """Return who wrote it; without a viewer it was the operator."""
    viewer = export.get("viewer")
    return Cell(_("the operator"), Style.FAINT) if viewer is None else Cell(written(viewer))


def _filters(export: Row) -> Cell:
    """Return the filters as `name value` pairs."""
    filters = export.get("filters")
    if not isinstance(filters, Mapping):
        return Cell("")
    return Cell(clean(" ".join(f"{key}={written(value)}" for key, value in filters.items())))


LAYOUT: Final = Layout(
    title=N_("Exports"),
    main="rows",
    sections=(
        Section(
            name="rows",
            heading="",
            columns=(
                Column("number", N_("Number"), Kind.NUMBER),
                Column("recorded_at", N_("When")),
                Column("viewer", N_("Who"), Kind.TEXT, _who),
                Column("view", N_("View")),
                Column("format", N_("Format")),
                Column("rows", N_("Rows"), Kind.NUMBER),
                Column("as_of", N_("As of"), detail=True),
                Column("position", N_("Position"), Kind.NUMBER, detail=True),
                Column("file", N_("File"), detail=True),
                Column("filters", N_("Filters"), Kind.TEXT, _filters, quiet=True, detail=True),
                Column("sha256", N_("Digest (SHA-256)"), detail=True),
            ),
            fields=(
                *("number", "recorded_at", "viewer", "view", "section", "filters", "as_of"),
                *("known_at", "position", "format", "file", "rows", "bytes", "sha256"),
            ),
            empty=N_("Nothing was exported yet."),
        ),
    ),
)


def _list(ledger: "Ledger", asked: Mapping[str, Any]) -> Answer:
    operator_only(asked.get("viewer"))
    return ledger.exports()


command = question(
    "exports",
    about=N_(
        "Show what was written to files with --output, and by whom. Each file with its view, its"
        " filters, the two dates, its rows and the SHA-256 of its bytes; for the operator."
    ),
    examples=("cpod exports", "cpod exports --format csv", "cpod exports --format json"),
    layout=LAYOUT,
    when=(VIEWER,),
    asks=_list,
)
