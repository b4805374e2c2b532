"""`cpod convert`: CloudEvents from the rows of a spreadsheet export; no ledger is needed."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cli.atomic import write_pieces
from cli.command import Command
from cli.files import read_whole
from cli.language.saying import in_words
from cli.language.wording import N_, _, plural
from cli.options.parameters import DOING, SHAPE, Option, PlainText
from cli.options.shared import LANGUAGE
from cli.output import tell
from cli.render.cells import clean
from cli.render.show import write_all
from cli.run.progress import Bar, bar

if TYPE_CHECKING:
    from ledger.convert.conversion import Conversion

ROWS: Final = N_("{count} rows, {rate} a second")


class _StoppedError(Exception):
    """Too many rows do not fit: what was begun is not put in its place."""


def _convert(
    data: str, profile: str, output: str | None, max_errors: int | None, **given: object
) -> None:
    from ledger.convert.conversion import Conversion
    from ledger.convert.profile import read_profile
    from ledger.convert.table import Table
    from ledger.errors import UsageError

    del given
    asked = read_profile(read_whole(profile), profile)
    table = Table(data, asked.file)
    try:
        conversion = Conversion(asked, table, max_errors=max_errors)
    except UsageError as wrong:
        raise UsageError("{place}: {wrong}", place=profile, wrong=wrong) from None
    with bar(ROWS, (data,)) as progress:
        _write(conversion, output, progress)
    _report(conversion, data, output, max_errors)
    if table.problem is not None:
        tell(_("{place}: {wrong}").format(place=clean(data), wrong=clean(in_words(table.problem))))
    if conversion.misfit_rows or table.problem is not None:
        click.get_current_context().exit(1)


def _write(conversion: "Conversion", output: str | None, progress: Bar) -> None:
    """Write the events where they belong."""
    events = conversion.run(progress)
    if output is None:
        write_all(f"{event.decode()}\n" for event in events)
        return

    def lines() -> Iterator[bytes]:
        for event in events:
            yield event
            yield b"\n"
        if conversion.stopped:
            raise _StoppedError

    with suppress(_StoppedError):
        write_pieces(Path(output), lines())


def _report(
    conversion: "Conversion", data: str, output: str | None, max_errors: int | None
) -> None:
    """Say on standard error what became of the rows: causes with their first line."""
    tell(
        _(
            "{rows} rows read, {events} events made; rows left out: {left_out}, rows that do not"
            " fit: {misfits}."
        ).format(
            rows=conversion.rows,
            events=conversion.events,
            left_out=sum(conversion.left_out.values()),
            misfits=conversion.misfit_rows,
        )
    )
    for because, rows in conversion.left_out.items():
        count = plural("{count} row left out", "{count} rows left out", rows)
        tell(_("{count}: {because}").format(count=count, because=clean(because)))
    for misfit in conversion.misfits:
        tell(
            _("{count} ({code}), the first at {file}:{line}: {reason}").format(
                count=plural("{count} row does not fit", "{count} rows do not fit", misfit.rows),
                code=misfit.code,
                file=clean(data),
                line=misfit.line,
                reason=clean(in_words(misfit.reason)),
            )
        )
    if conversion.stopped and output is not None:
        text = _(
            "Stopped there, after {limit} rows that do not fit; nothing was written to {file}."
        )
        tell(text.format(limit=max_errors, file=clean(output)))
    elif conversion.stopped:
        tell(_("Stopped there, after {limit} rows that do not fit.").format(limit=max_errors))


command = Command(
    name="convert",
    callback=_convert,
    examples=(
        "cpod convert --profile helpdesk.toml tickets.csv.gz -o tickets.jsonl",
        "cpod convert --profile focus.toml charges.csv --max-errors 100",
    ),
    help=N_(
        "Make CloudEvents of the rows of a spreadsheet export, one a line, for cpod ingest; no"
        " ledger is needed. A profile says which rows become which events, and the zone of their"
        " times. Rows that do not fit are reported with their line, and the rest goes on. DATA is"
        " a delimited file, compressed or not; - is standard input."
    ),
    params=[
        click.Argument(["data"], type=PlainText()),
        Option(
            "--profile",
            metavar="FILE",
            type=PlainText(),
            required=True,
            heading=DOING,
            help=N_("The profile: what the columns mean, in TOML."),
        ),
        Option(
            "--max-errors",
            metavar="ROWS",
            type=click.IntRange(min=1),
            heading=DOING,
            help=N_("Stop once so many rows do not fit; a file is then not written."),
        ),
        Option(
            "--output",
            "-o",
            "output",
            metavar="FILE",
            type=PlainText(),
            heading=SHAPE,
            help=N_(
                "Write the events to this file, whole or not at all. Default: standard output."
            ),
        ),
        LANGUAGE,
    ],
)
