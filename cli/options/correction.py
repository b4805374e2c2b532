"""What the corrections share: their options, and one way to record them and to show it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.parameters import DATES, DOING, Identifier, Option, PlainText, Said
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.output import tell
from cli.render.cells import clean
from cli.render.changed import changed_lines
from cli.render.show import show_done
from cli.run.refused import advice

if TYPE_CHECKING:
    from ledger.commands.correct import Corrected

REASON: Final = Option(
    "--reason",
    metavar="TEXT",
    type=Said(),
    required=True,
    heading=DOING,
    help=N_("Why; it is recorded with the correction."),
)
BY: Final = Option(
    "--by",
    metavar="NAME",
    type=Said(),
    required=True,
    heading=DOING,
    help=N_("Who decided it; it is recorded with the correction."),
)
COMMON: Final = (
    Option(
        "--dry-run",
        is_flag=True,
        heading=DOING,
        help=N_("Judge it, show the balances before and after, and write nothing."),
    ),
    Option(
        "--id",
        metavar="ID",
        type=Identifier(),
        heading=DOING,
        help=N_("The id of the event: sent again, it is a duplicate. Default: a random one."),
    ),
    Option(
        "--time",
        metavar="INSTANT",
        type=PlainText(),
        heading=DATES,
        help=N_("When it takes effect. Default: now."),
    ),
    Option(
        "--as-of",
        metavar="DATE|INSTANT",
        type=PlainText(),
        heading=DATES,
        help=N_("The date of the balances that are shown. Default: now."),
    ),
    VIEWER,
    FORMAT,
    *WHERE,
)


def correct(type_name: str, data: Mapping[str, object], given: Mapping[str, Any]) -> None:
    """Record an event of an operator, or rehearse it, and show what became of it."""
    operator_only(given["viewer"])
    from ledger.commands.correct import Correction

    correction = Correction(type_name, data, given["id"], given["time"])
    with opened() as ledger:
        done = ledger.correct(correction, as_of=given["as_of"], dry_run=given["dry_run"])
    refusal = done.refusal
    if refusal is None:
        show_done(done.answer(), _sentence(done), str(given["format"]))
        return
    if given["format"] != "table":
        show_done(done.answer(), "", str(given["format"]))
    tell(
        _("cpod: refused ({code}): {reason}").format(
            code=refusal.code, reason=clean(refusal.reason)
        )
    )
    tell(f"  {advice(refusal.code)}")
    click.get_current_context().exit(1)


def _sentence(done: "Corrected") -> str:
    """Return what people read: what was recorded, and the balances that it changes."""
    if done.decision == "duplicate":
        return _("It is recorded already: nothing was written.")
    text = (
        _("Dry run, nothing was written: {type} {id} would be at position {position}.")
        if done.dry_run
        else _("Recorded {type} {id} at position {position}.")
    )
    first = text.format(
        type=done.event["type"], id=clean(str(done.event["id"])), position=done.position
    )
    return "\n".join((first, *changed_lines(done.balances)))
