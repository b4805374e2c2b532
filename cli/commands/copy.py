"""`cpod copy`: the ledger in another place, with its positions, stamps, hashes and seals."""

from typing import Any

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.parameters import DOING, Option, PlainText
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.render.show import show_done
from cli.run.progress import COPIED, bar


def _copy(target: str, dry_run: bool, viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    with opened() as ledger, bar(COPIED, total=ledger.position) as progress:
        answer = ledger.copy_to(
            target,
            dry_run=dry_run,
            on_progress=lambda position: progress(position, position),
        )
    sentence = (
        _("Nothing is in the way: position {position}, root {root}, could be copied to {where}.")
        if dry_run
        else _("Copied the ledger to {where}, up to position {position}; its root is {root}.")
    )
    text = sentence.format(
        where=answer["copied_to"], position=answer["position"], root=answer["root"]
    )
    show_done({**answer, "dry_run": dry_run}, text, str(given["format"]))


command = Command(
    name="copy",
    callback=_copy,
    examples=(
        "cpod copy 'postgresql://ada@db.example/cpod?schema=contoso'",
        "cpod copy sqlite:///contoso.db --ledger postgresql://ada@db.example/cpod",
    ),
    help=N_(
        "Copy the ledger to another place: from a file to PostgreSQL, back, or to another file or"
        " schema. Events keep their positions, times, hashes and keys; what waits, the seals, the"
        " register and the vault come along, and so every answer is the same, for every date. The"
        " place has to be empty. The copy is of one moment, and there as a whole or not at all; its"
        " events are hashed anew first. The books are made anew when they are asked for."
    ),
    params=[
        click.Argument(["target"], type=PlainText(), metavar="URL"),
        Option(
            "--dry-run",
            is_flag=True,
            heading=DOING,
            help=N_("Say only whether it could be copied there, and what."),
        ),
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
