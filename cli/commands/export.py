"""`cpod export --format hledger`: the balances as a journal that a second engine adds up."""

from pathlib import Path
from typing import Any, Final

import click

from cli.command import Command
from cli.documents.exporting import Part, check_place, deliver
from cli.language.wording import N_
from cli.opening import opened, operator_only
from cli.options.parameters import SHAPE, Option, PlainText
from cli.options.shared import AS_OF, CONTRACT, KNOWN_AT, PACKAGE, VIEWER, WHERE
from cli.output import put
from cli.run.progress import EVENTS, bar

POSTED: Final = "\n    ; at: "
"""What stands in every transaction of a journal once."""

_ASKED: Final = ("as_of", "known_at", "contracts", "packages")


def _export(output: str | None, viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    form = str(given["format"])
    file = None if output in {None, "-"} else Path(str(output))
    check_place(form, file)
    asked = {name: given[name] for name in _ASKED if given[name]}
    pieces: list[str] = []
    with opened() as ledger:
        with bar(EVENTS) as progress:
            answer = ledger.journal(pieces.append, on_progress=progress, **asked)
        text = "".join(pieces)
        if file is None:
            put(text)
            return
        part = Part("", text.encode(), rows=text.count(POSTED))
        deliver(ledger, "journal", answer, asked, form, file, [part])


command = Command(
    name="export",
    callback=_export,
    examples=(
        "cpod export --format hledger -o cpod.journal",
        "cpod export --format hledger --package BASE-17 --as-of 2025-12-31 > base.journal",
    ),
    help=N_(
        "Write the balances as a journal for another program. For hledger each entitlement is an"
        " account in a commodity of its own; lots, consumption and expiries are its transactions,"
        " and hledger comes to the same balances by itself. For the operator."
    ),
    params=[
        Option(
            "--format",
            type=click.Choice(("hledger",)),
            required=True,
            heading=SHAPE,
            help=N_("The program that reads it."),
        ),
        Option(
            "--output",
            "-o",
            metavar="FILE",
            type=PlainText(),
            heading=SHAPE,
            help=N_("The file to write. Default: standard output."),
        ),
        CONTRACT,
        PACKAGE,
        AS_OF,
        KNOWN_AT,
        VIEWER,
        *WHERE,
    ],
)
