"""`cpod report CONTRACT`: the customer's proof of delivery, as a page, a PDF or data."""

from pathlib import Path
from typing import Any, Final

import click

from cli.command import Command
from cli.completion import KnownId
from cli.exporting import Part, check_place, chosen_form, deliver
from cli.opening import opened
from cli.options import EXPIRY_BASIS, OUTPUT, WHEN, WHERE
from cli.output import put_bytes
from cli.parameters import SHAPE, Option
from cli.progress import EVENTS, bar
from cli.wording import N_

_FORMATS: Final = ("md", "html", "pdf", "json")
_ENDINGS: Final = {
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".json": "json",
}


def _report(contract: str, form: str, output: str | None, **given: Any) -> None:
    from cli.documents.report import report_bytes

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
            report: dict[str, Any] = ledger.ask("report", **asked, on_progress=progress)
        content = report_bytes(report, chosen, asked.get("viewer"))
        if file is None:
            put_bytes(content)
            return
        rows = sum(len(statement["lines"]) for statement in report["statements"])
        deliver(ledger, "report", report, asked, chosen, file, [Part("", content, rows)])


command = Command(
    name="report",
    callback=_report,
    examples=(
        "cpod report C-2025-17 --as-of 2025-09-30 -o report.pdf",
        "cpod report C-2025-17 -o report.html",
        "cpod report C-2025-17 --as ana --format json",
    ),
    help=N_(
        "Make the report of a contract, the customer's proof of delivery. Its packages and their"
        " balances, how each has burned down, what expires when, deliveries by month, the"
        " additional cases with their reasons, and every statement; a PDF has its own data inside."
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
        *WHERE,
    ],
)
