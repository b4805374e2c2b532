"""`cpod ingest`: record events from files or standard input, and print a receipt."""

import gc
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command
from cli.opening import operator_only
from cli.options import FORMAT, VIEWER, WHERE, ledger_url
from cli.output import tell
from cli.parameters import DOING, Option, PlainText
from cli.progress import LINES, bar
from cli.refused import refusal_rows, tell_refused
from cli.render.cells import clean
from cli.render.changed import changed_lines
from cli.render.layout import Layout, Section
from cli.render.show import show, show_done
from cli.wording import N_, _, plural

if TYPE_CHECKING:
    from ledger.commands.receipt import Receipt
    from ledger.ledger import Ledger

_FIELDS: Final = ("file", "line", "verdict", "code", "reason")
_VERDICTS: Final = Layout("", (Section("verdicts", "", (), _FIELDS),), main="verdicts")

_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def _ingest(
    paths: tuple[str, ...],
    init: bool,
    batch_size: int,
    dry_run: bool,
    viewer: str | None,
    **given: Any,
) -> None:
    from ledger.commands.sources import Source

    operator_only(viewer)
    # What was imported stays, and what an ingest makes holds no cycles: looking for them all the
    # time costs a sixth of the run.
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    Source(paths)  # a path that cannot be read stops it before a ledger is created
    context = click.get_current_context()
    with (
        _target(ledger_url(context), init=init, dry_run=dry_run) as ledger,
        bar(LINES, paths) as progress,
    ):

        def told(receipt: "Receipt") -> None:
            progress.wipe()
            _show(receipt, str(given["format"]), dry_run=dry_run)

        balances: list[dict[str, object]] = []
        if dry_run:
            receipt, balances = ledger.rehearse(
                paths,
                batch_size=batch_size,
                as_of=given["as_of"],
                on_progress=progress,
                on_stop=told,
            )
        else:
            receipt = ledger.ingest(
                paths, batch_size=batch_size, on_progress=progress, on_stop=told
            )
    _show(receipt, str(given["format"]), balances, dry_run=dry_run)
    if receipt.refused or receipt.problem is not None:
        context.exit(1)


def _target(url: str, *, init: bool, dry_run: bool) -> "Ledger":
    """Return the ledger to write to; a dry run that would create it only pretends to."""
    from ledger.errors import NoLedger
    from ledger.ledger import Ledger

    if not init:
        return Ledger.open(url)
    if not dry_run:
        return Ledger.create(url)
    try:
        return Ledger.open(url)
    except NoLedger:
        return Ledger.create("memory:")


def _show(
    receipt: "Receipt",
    form: str,
    balances: Sequence[Mapping[str, object]] = (),
    *,
    dry_run: bool,
) -> None:
    """Write the receipt, and what was refused; of a dry run the verdicts and balances, too."""
    answer = {**receipt.answer(), "refusals": refusal_rows(receipt.refusals)}
    if not dry_run:
        show_done(answer, _sentence(receipt), form)
    elif form == "table":
        said = _("Dry run, nothing was written. {receipt}").format(receipt=_sentence(receipt))
        show_done(answer, "\n".join((said, *changed_lines(balances))), form)
    else:
        answer |= {"dry_run": True, "verdicts": [each._asdict() for each in receipt.verdicts]}
        show({**answer, "balances": list(balances)}, _VERDICTS, form, None, {})
    tell_refused(receipt.refusals)
    if receipt.problem is not None:
        tell(f"cpod: {clean(receipt.problem)}")


def _sentence(receipt: "Receipt") -> str:
    """Return the receipt in one line."""
    appended = plural("{count} appended", "{count} appended", receipt.appended)
    if receipt.released:
        waited = plural("{count} had waited", "{count} had waited", receipt.released)
        appended = f"{appended} ({waited})"
    parts = (
        appended,
        plural("{count} duplicate", "{count} duplicates", receipt.duplicates),
        plural("{count} refused", "{count} refused", receipt.refused),
    )
    read = plural("{count} line read", "{count} lines read", receipt.read)
    return f"{read}: {', '.join(parts)}{_positions(receipt)}; {receipt.seconds:.2f} s."


def _positions(receipt: "Receipt") -> str:
    first, last = receipt.first_position, receipt.last_position
    if first is None or last is None:
        return ""
    if first == last:
        return _("; position {first}").format(first=first)
    return _("; positions {first} to {last}").format(first=first, last=last)


def _paths(
    context: click.Context, parameter: click.Parameter, paths: Sequence[str]
) -> tuple[str, ...]:
    """Return the paths; standard input can be read once."""
    if list(paths).count("-") > 1:
        raise click.BadParameter(_("- stands there twice"), context, parameter)
    return tuple(paths)


command = Command(
    name="ingest",
    callback=_ingest,
    examples=(
        "cpod ingest --init deliveries.jsonl.gz",
        "cpod ingest january.jsonl february.jsonl --dry-run",
        "curl -s https://example.com/events | cpod ingest -",
    ),
    help=N_(
        "Record events, one CloudEvent a line or a JSON batch. A line that is there already counts"
        " as a duplicate; a refused one waits in the quarantine, and the rest goes on. Files may be"
        " compressed by gzip; - is standard input."
    ),
    params=[
        click.Argument(["paths"], nargs=-1, required=True, callback=_paths, metavar="PATH..."),
        Option("--init", is_flag=True, heading=DOING, help=N_("Create the ledger if need be.")),
        Option(
            "--batch-size",
            type=click.IntRange(1, 100_000),
            default=1_000,
            metavar="LINES",
            heading=DOING,
            help=N_("Lines of one transaction. Default: 1000."),
        ),
        Option(
            "--dry-run",
            is_flag=True,
            heading=DOING,
            help=N_("Judge every line, show what would change, and write nothing."),
        ),
        Option(
            "--as-of",
            metavar="DATE|INSTANT",
            type=PlainText(),
            heading=DOING,
            help=N_("The date of the balances that a dry run shows. Default: now."),
        ),
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
