"""`cpod backup`: a copy of the ledger, whole and of one moment."""

from typing import Any

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.parameters import PlainText
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.render.show import show_done
from cli.run.progress import BYTES, bar


def _backup(file: str, viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    with opened() as ledger, bar(BYTES) as progress:
        ledger.back_up(file, on_progress=progress)
    sentence = _("Copied the ledger to {file}. Check it: cpod check --ledger sqlite:///{file}")
    show_done({"backup": file}, sentence.format(file=file), str(given["format"]))


command = Command(
    name="backup",
    callback=_backup,
    examples=("cpod backup /mnt/copies/contoso-2025-09-30.db",),
    help=N_(
        "Copy the ledger to a new file. The copy is whole and of one moment, whoever writes"
        " meanwhile; it has the same events, hashes and seals. A file that is there is not"
        " overwritten. The books are not copied: they are made anew when they are asked for."
    ),
    params=[
        click.Argument(["file"], type=PlainText()),
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
