"""`cpod export --format hledger`: the balances as a journal that a second engine adds up."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from cli.command import Command
from cli.opening import opened, operator_only
from cli.options import AS_OF, CONTRACT, KNOWN_AT, PACKAGE, VIEWER, WHERE
from cli.output import put
from cli.parameters import SHAPE, Option, PlainText
from cli.progress import EVENTS, bar
from cli.wording import N_


@contextmanager
def _writing(output: str | None) -> Iterator[Callable[[str], object]]:
    """Yield what writes: to standard output, or to a file that appears once it is whole."""
    if output is None or output == "-":
        pieces: list[str] = []
        yield pieces.append
        put("".join(pieces))
        return
    place = Path(output)
    handle, beside = tempfile.mkstemp(prefix=f".{place.name[:100]}.", dir=place.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            yield file.write
        mask = os.umask(0)
        os.umask(mask)
        Path(beside).chmod(0o666 & ~mask)
        Path(beside).replace(place)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(beside).unlink()
        raise


def _export(output: str | None, viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    names = ("as_of", "known_at", "contracts", "packages")
    with opened() as ledger, bar(EVENTS) as progress, _writing(output) as write:
        ledger.journal(write, on_progress=progress, **{name: given[name] for name in names})


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
