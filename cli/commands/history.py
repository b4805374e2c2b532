"""`cpod history`: the events of a contract, package or case, as they were recorded."""

from typing import Final

from cli.completion import KnownId
from cli.options import CONTRACT, PACKAGE
from cli.parameters import FILTERS, Option
from cli.question import question
from cli.render.cells import clean
from cli.render.layout import Cell, Column, Kind, Layout, Row, Section, Style
from cli.wording import N_


def _data(event: Row) -> Cell:
    """Return the data of an event as `field value` pairs, after what the other columns say."""
    import json

    data = event.get("data")
    if not isinstance(data, dict):
        return Cell("")
    pairs = (
        f"{key}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for key, value in data.items()
    )
    return Cell(clean(" ".join(pairs)), Style.FAINT)


LAYOUT: Final = Layout(
    title=N_("History"),
    main="events",
    sections=(
        Section(
            name="events",
            heading="",
            columns=(
                Column("position", N_("Position"), Kind.NUMBER),
                Column("effective_at", N_("Effective")),
                Column("recorded_at", N_("Recorded"), detail=True),
                Column("type", N_("Type")),
                Column("source", N_("Source"), detail=True),
                Column("id", N_("Id"), detail=True),
                Column("reversed_by", N_("Reversed by"), Kind.NUMBER, quiet=True, detail=True),
                Column("data", N_("Data"), Kind.TEXT, _data, detail=True),
            ),
            fields=(
                *("position", "effective_at", "recorded_at", "type", "source", "id"),
                *("stream", "version", "reversed_by", "data"),
            ),
            empty=N_("No events."),
        ),
    ),
)

command = question(
    "history",
    about=N_(
        "Show the events of one contract, package or case, in the order of their recording. Each"
        " with both its times and its source; for the operator."
    ),
    examples=(
        "cpod history --case 500-123",
        "cpod history --contract C-2025-17 --format ndjson",
        "cpod history --package BASE-17 --known-at 2025-06-30",
    ),
    layout=LAYOUT,
    filters=(
        CONTRACT,
        PACKAGE,
        Option(
            "--case",
            metavar="ID",
            type=KnownId("case"),
            heading=FILTERS,
            help=N_("The events of this case."),
        ),
    ),
)
