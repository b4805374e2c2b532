"""`cpod ingest`: record events from files, standard input or a directory, and print a receipt."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import operator_only
from cli.options.job import JOB_OPTIONS
from cli.options.parameters import DOING, Option
from cli.options.shared import FORMAT, REHEARSED_AS_OF, VIEWER, WHERE, ledger_url
from cli.run.job import Job
from cli.run.progress import LINES, bar
from cli.run.receipts import show_followed, show_receipt, show_rehearsal

if TYPE_CHECKING:
    from ledger.commands.ingest.receipt import Receipt
    from ledger.commands.sources.directory import Followed
    from ledger.ledger import Ledger


def _ingest(paths: tuple[str, ...], viewer: str | None, **given: Any) -> None:
    operator_only(viewer)
    follows = bool(given["follow"])
    broker = _broker(paths)
    _check_together(paths, broker, given)
    if not follows and broker is None:
        from ledger.commands.sources.inputs import Source

        Source(paths)  # a path that cannot be read stops it before a ledger is created
    context = click.get_current_context()
    with Job(given, lasting=follows or broker is not None) as job:
        with _opened(job, ledger_url(context), given) as ledger:
            if follows:
                receipt = _follow(job, ledger, paths[0], given)
            elif broker is not None:
                receipt = _from_broker(job, ledger, broker, given)
            elif given["dry_run"]:
                receipt = _rehearse(job, ledger, paths, given)
            else:
                receipt = _record(job, ledger, paths, given)
        job.receipt = receipt
    if not receipt.is_clean:
        context.exit(1)


def _broker(paths: Sequence[str]) -> str | None:
    """Return the address of a broker, where one is named. Raises UsageError."""
    if not any("://" in path for path in paths):
        return None
    from ledger.commands.sources.broker_address import is_feed, read_place

    named = [path for path in paths if is_feed(path)]
    if not named:
        return None
    if len(paths) > 1:
        raise click.UsageError(_("Name one broker, and no files beside it."))
    read_place(named[0])
    return named[0]


def _check_together(paths: Sequence[str], broker: str | None, given: dict[str, Any]) -> None:
    """Refuse options that make no sense together. Raises click.UsageError."""
    if broker is not None and (given["follow"] or given["dry_run"]):
        raise click.UsageError(_("A broker takes neither --follow nor --dry-run."))
    if given["follow"] and len(paths) != 1:
        raise click.UsageError(_("--follow takes one directory"))
    if given["follow"] and given["dry_run"]:
        raise click.UsageError(_("--follow and --dry-run do not go together"))
    if given["until_empty"] and not given["follow"] and broker is None:
        raise click.UsageError(_("--until-empty goes with --follow, or with a broker"))
    if given["poll"] is not None and not given["follow"]:
        raise click.UsageError(_("--poll goes with --follow"))


def _opened(job: Job, url: str, given: dict[str, Any]) -> "Ledger":
    """Return the ledger to write to, as soon as it answers where one has patience for it."""

    def opened() -> "Ledger":
        return _target(url, init=given["init"], dry_run=given["dry_run"])

    return job.patience.call(opened) if job.is_patient else opened()


def _target(url: str, *, init: bool, dry_run: bool) -> "Ledger":
    """Return the ledger to write to; a dry run that would create it only pretends to."""
    from ledger.errors import NoLedger
    from ledger.ledger import Ledger
    from ledger.storage.opening import assert_creatable

    if not init:
        return Ledger.open(url)
    if not dry_run:
        return Ledger.create(url)
    try:
        return Ledger.open(url)
    except NoLedger:
        assert_creatable(url)
        return Ledger.create("memory:")


def _record(job: Job, ledger: "Ledger", paths: Sequence[str], given: dict[str, Any]) -> "Receipt":
    """Ingest files, and show the receipt, of what was done where it ends early."""
    form = str(given["format"])

    def told(receipt: "Receipt") -> None:
        progress.wipe()
        job.receipt = receipt
        show_receipt(receipt, form)
        job.voice.refused(receipt)

    with bar(LINES, paths, quiet=job.voice.as_json) as progress:
        receipt = ledger.ingest(
            paths,
            batch_size=given["batch_size"],
            max_errors=given["max_errors"],
            patience=job.patience,
            on_batch=job.batch if job.counts_batches else None,
            on_resume=job.resumed,
            on_progress=progress,
            on_stop=told,
        )
    told(receipt)
    return receipt


def _rehearse(job: Job, ledger: "Ledger", paths: Sequence[str], given: dict[str, Any]) -> "Receipt":
    """Judge files and write nothing; show the verdicts, and every balance that would change."""
    form = str(given["format"])

    def told(receipt: "Receipt") -> None:
        progress.wipe()
        job.receipt = receipt
        show_rehearsal(receipt, form)
        job.voice.refused(receipt)

    with bar(LINES, paths, quiet=job.voice.as_json) as progress:
        receipt, balances = ledger.rehearse(
            paths,
            batch_size=given["batch_size"],
            as_of=given["as_of"],
            max_errors=given["max_errors"],
            patience=job.patience,
            on_resume=job.resumed,
            on_progress=progress,
            on_stop=told,
        )
    show_rehearsal(receipt, form, balances)
    job.voice.refused(receipt)
    return receipt


def _follow(job: Job, ledger: "Ledger", directory: str, given: dict[str, Any]) -> "Receipt":
    """Ingest the files of a directory as they come; each has its own receipt."""
    form = str(given["format"])

    def told(followed: "Followed") -> None:
        show_followed(followed, form)
        if followed.receipt is not None:
            job.voice.refused(followed.receipt)
        job.file(followed)

    def keep(path: Path, receipt: "Receipt") -> None:
        job.keep(path, receipt)

    def stopped(receipt: "Receipt") -> None:
        job.receipt = receipt

    receipt = ledger.follow(
        directory,
        keep_receipt=keep,
        on_file=told,
        on_word=job.voice.warning,
        until_empty=given["until_empty"],
        poll_seconds=given["poll"],
        batch_size=given["batch_size"],
        max_errors=given["max_errors"],
        patience=job.patience,
        on_batch=job.batch if job.counts_batches else None,
        on_resume=job.resumed,
        on_stop=stopped,
    )
    if receipt.stopped and receipt.problem is not None:
        job.voice.warning(receipt.problem)
    return receipt


def _from_broker(job: Job, ledger: "Ledger", url: str, given: dict[str, Any]) -> "Receipt":
    """Take in messages as they come; at the end, whatever that is, the receipt is shown."""
    form = str(given["format"])

    def told(receipt: "Receipt") -> None:
        job.receipt = receipt
        show_receipt(receipt, form)
        job.voice.refused(receipt)

    receipt = ledger.ingest_from_broker(
        url,
        until_empty=given["until_empty"],
        batch_size=given["batch_size"],
        max_errors=given["max_errors"],
        patience=job.patience,
        on_batch=job.batch if job.counts_batches else None,
        on_word=job.voice.warning,
        on_stop=told,
    )
    told(receipt)
    return receipt


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
        "cpod ingest --follow inbox --metrics-file cpod.prom",
        "cpod ingest 'nats://broker:4222/DELIVERIES?consumer=cpod' --log-format json",
    ),
    help=N_(
        "Record events, one CloudEvent a line or a JSON batch. A line that is there already counts"
        " as a duplicate; a refused one waits in the quarantine, and the rest goes on. Files may be"
        " compressed by gzip, zstd, bzip2 or xz; - is standard input; nats:// is a stream of a"
        " broker. A file in which a run was stopped is gone on with."
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
        REHEARSED_AS_OF,
        *JOB_OPTIONS,
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
