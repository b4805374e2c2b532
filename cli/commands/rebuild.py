"""`cpod rebuild`: make the books anew from the events, or check that they are as they should be."""

import json
from typing import Any

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.parameters import DOING, Option
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.other_history import other_history
from cli.render.cells import clean
from cli.render.show import show_done
from cli.run.progress import EVENTS, bar


def _rebuild(check: bool, viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    with opened() as ledger, bar(EVENTS) as progress:
        answer = ledger.rebuild(check=check, on_progress=progress)
    found = answer.get("differences")
    differences = found if isinstance(found, list) else []
    if not check:
        sentence = _("The books were made anew, up to position {position}.")
    elif differences:
        sentence = _("The books are not what the events say, up to position {position}:")
    else:
        sentence = _("The books are what the events say, up to position {position}.")
    lines = [sentence.format(position=answer["position"])]
    lines += [clean(f"  {json.dumps(each, ensure_ascii=False)}") for each in differences]
    if check:
        lines += other_history(answer)
    show_done(answer, "\n".join(lines), str(given["format"]))
    if differences:
        click.get_current_context().exit(1)


command = Command(
    name="rebuild",
    callback=_rebuild,
    examples=("cpod rebuild", "cpod rebuild --check"),
    help=N_(
        "Make the books anew from the events. The books are what answers are read from; nothing"
        " is lost with them. With --check nothing is changed: books made anew are compared with"
        " those in use."
    ),
    params=[
        Option(
            "--check",
            is_flag=True,
            heading=DOING,
            help=N_("Compare only; a difference is shown and exits 1."),
        ),
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
