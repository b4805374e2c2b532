"""`cpod report CONTRACT`: the customer's proof of delivery, as a page, a PDF or data."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command
from cli.documents.exporting import Part, check_place, chosen_form, deliver
from cli.files import read_whole
from cli.language.wording import N_, _
from cli.opening import opened
from cli.options.completion import KnownId
from cli.options.parameters import DOING, SHAPE, Option, PlainText
from cli.options.shared import EXPIRY_BASIS, OUTPUT, WHEN, WHERE
from cli.output import put_bytes
from cli.run.progress import EVENTS, bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.ledger import Ledger

    Progress = Callable[[int], None]

_FORMATS: Final = ("md", "html", "pdf", "json")
_ENDINGS: Final = {
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".json": "json",
}


def _report(
    contract: str,
    form: str,
    output: str | None,
    prove: bool,
    checkpoint: str | None,
    **given: Any,
) -> None:
    from cli.documents.report.formats import report_bytes

    if checkpoint is not None and not prove:
        raise click.UsageError(_("--checkpoint goes with --prove."))
    if prove:
        _assert_whole(given["viewer"])
    note = None if checkpoint is None else read_whole(checkpoint)
    chosen = chosen_form(form, output, _ENDINGS)
    file = None if output in {None, "-"} else Path(str(output))
    check_place(chosen, file)
    asked = {
        key: value
        for key, value in given.items()
        if value is not None and key not in {"ledger", "lang"}
    }
    asked["contracts"] = [contract]
    with opened() as ledger:
        with bar(EVENTS) as progress:
            report = _made(ledger, asked, note, progress, prove=prove)
        content = report_bytes(report, chosen, asked.get("viewer"))
        if file is None:
            put_bytes(content)
            return
        rows = sum(len(statement["lines"]) for statement in report["statements"])
        told = {**asked, "proved": True} if prove else asked
        deliver(ledger, "report", report, told, chosen, file, [Part("", content, rows)])


def _assert_whole(viewer: str | None) -> None:
    """Refuse a viewer, who may not see every event. Raises NotAllowed."""
    if viewer is not None:
        from ledger.errors import NotAllowed

        raise NotAllowed(
            _(
                "a report that carries its proof holds its events whole, and a viewer may not see"
                " them all: ask without --as, or without --prove"
            )
        )


def _made(
    ledger: "Ledger",
    asked: dict[str, Any],
    note: bytes | None,
    progress: "Progress",
    *,
    prove: bool,
) -> dict[str, Any]:
    """Return the report, with its proof where that is asked for."""
    if not prove:
        return ledger.ask("report", **asked, on_progress=progress)
    (contract,) = asked["contracts"]
    dates = {name: value for name, value in asked.items() if name != "contracts"}
    return ledger.prove_report(contract, checkpoint=note, **dates, on_progress=progress)


command = Command(
    name="report",
    callback=_report,
    examples=(
        "cpod report C-2025-17 --as-of 2025-09-30 -o report.pdf",
        "cpod report C-2025-17 -o report.html",
        "cpod report C-2025-17 --as ana --format json",
        "cpod report C-2025-17 --prove --checkpoint june.checkpoint -o report.json",
    ),
    help=N_(
        "Make the report of a contract, the customer's proof of delivery. Its packages and their"
        " balances, how each has burned down, what expires when, deliveries by month, the"
        " additional cases with their reasons, and every statement; a PDF has its own data inside."
        " With --prove its data carries the events that its numbers rest on, and `cpod verify`"
        " computes them again where there is no ledger."
    ),
    params=[
        click.Argument(["contract"], type=KnownId("contract"), metavar="CONTRACT"),
        EXPIRY_BASIS,
        *WHEN,
        Option(
            "--format",
            "form",
            type=click.Choice(_FORMATS),
            default="md",
            heading=SHAPE,
            help=N_("Default: md. Without it the ending of --output says it."),
        ),
        OUTPUT,
        Option(
            "--prove",
            is_flag=True,
            heading=DOING,
            help=N_("Put the events inside, and the proof that they are under a seal."),
        ),
        Option(
            "--checkpoint",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("The checkpoint to prove by. Default: the last seal kept in the ledger."),
        ),
        *WHERE,
    ],
)
