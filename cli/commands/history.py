"""`cpod history`: the events of a contract, package or case, as they were recorded."""

from typing import Any, Final

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.completion import KnownId
from cli.options.parameters import FILTERS, SHAPE, Option
from cli.options.shared import CONTRACT, PACKAGE, VIEW_FORMAT, VIEW_FORMATS
from cli.render.cells import clean
from cli.render.layout import Cell, Column, Kind, Layout, Row, Section, Style
from cli.render.show import write_all
from cli.view_command import question

_CLOUDEVENTS: Final = "cloudevents"
_FORMAT: Final = Option(
    "--format",
    "form",
    type=click.Choice((*VIEW_FORMATS, _CLOUDEVENTS)),
    envvar="CPOD_FORMAT",
    default="table",
    heading=SHAPE,
    help=N_("As for every command; cloudevents are the events as they were sent, one a line."),
)


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

_asked = question(
    "history",
    about=N_(
        "Show the events of one contract, package or case, or all, in the order of their recording."
        " Each with both its times and its source; as cloudevents they are what their senders sent,"
        " ready for another ledger. For the operator."
    ),
    examples=(
        "cpod history --case 500-123",
        "cpod history --contract C-2025-17 --format ndjson",
        "cpod history --package BASE-17 --known-at 2025-06-30",
        "cpod history --all --format cloudevents > copy.jsonl",
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
        Option(
            "--all",
            "everything",
            is_flag=True,
            heading=FILTERS,
            help=N_("The events of the whole ledger."),
        ),
    ),
)


def _history(**given: Any) -> None:
    """Show the events as they were sent, or as any other question is shown."""
    if given["form"] != _CLOUDEVENTS:
        assert _asked.callback is not None
        _asked.callback(**given)
        return
    operator_only(given["viewer"])
    if given["output"] is not None:
        raise click.UsageError(_("CloudEvents go to standard output: write > FILE."))
    names = ("as_of", "known_at", "contracts", "packages", "case", "everything")
    with opened() as ledger:
        events = ledger.cloudevents(**{name: given[name] for name in names})
        write_all(f"{event.decode()}\n" for event in events)


command = Command(
    name="history",
    callback=_history,
    examples=_asked.examples,
    help=_asked.help,
    params=[_FORMAT if parameter is VIEW_FORMAT else parameter for parameter in _asked.params],
)
