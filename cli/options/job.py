"""The options of a command that runs as a job: unattended, watched by programs."""

import math
from pathlib import Path
from typing import Any, Final

import click

from cli.language.wording import N_, _
from cli.options.parameters import Option, PlainText

JOB: Final = N_("As a job")


class _Seconds(click.FloatRange):
    """Seconds within bounds; what is no number is within none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds):
            self.fail(_("{value} is no number of seconds").format(value=value), param, ctx)
        return seconds


def _writable(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return the name of a file that can be written, as far as one can tell beforehand."""
    if value is not None and (Path(value).is_dir() or not Path(value).absolute().parent.is_dir()):
        raise click.BadParameter(
            _("{file} can be no file: check the path").format(file=value), context, parameter
        )
    return value


JOB_OPTIONS: Final = (
    Option(
        "--follow",
        is_flag=True,
        heading=JOB,
        help=N_(
            "Take in the files of a directory as they come, and move each to done or failed in it."
        ),
    ),
    Option(
        "--until-empty",
        is_flag=True,
        heading=JOB,
        help=N_("With --follow or a broker: end once nothing is left."),
    ),
    Option(
        "--poll",
        type=_Seconds(0.1, 86_400),
        metavar="SECONDS",
        heading=JOB,
        help=N_("With --follow: how long to wait between two looks at it. Default: 2."),
    ),
    Option(
        "--max-errors",
        type=click.IntRange(min=1),
        metavar="LINES",
        heading=JOB,
        help=N_("End with the batch in which so many lines were refused."),
    ),
    Option(
        "--retry",
        type=_Seconds(0, 86_400),
        metavar="SECONDS",
        heading=JOB,
        help=N_(
            "How long a busy or lost ledger is tried again. Default: 10; 600 with --follow or a"
            " broker."
        ),
    ),
    Option(
        "--receipt",
        "receipt_file",
        type=PlainText(),
        metavar="FILE",
        callback=_writable,
        heading=JOB,
        help=N_("Write the receipt to this file as JSON, also where the run ends early."),
    ),
    Option(
        "--metrics-file",
        type=PlainText(),
        metavar="FILE",
        callback=_writable,
        heading=JOB,
        help=N_("Write what is counted to this file, for Prometheus, after each batch."),
    ),
    Option(
        "--log-format",
        type=click.Choice(("text", "json")),
        default="text",
        heading=JOB,
        help=N_("json says on standard error what each batch came to, one line of JSON each."),
    ),
)
