"""Confirming what nobody can take back: a person at a terminal is asked, a job has to say it."""

import sys

import click

from cli.language.wording import _
from cli.output import is_terminal


def assert_reason(reason: str | None) -> None:
    """Raise click.UsageError where no reason is given."""
    if reason is None:
        raise click.UsageError(_("Say why with --reason; the register keeps it."))


def confirmation(given: str | None, question: str) -> str:
    """Return what --confirm gives, else what somebody at a terminal answers.

    Raises click.UsageError where nobody can be asked.
    """
    if given is not None:
        return given
    if not is_terminal(sys.stdin):
        raise click.UsageError(
            _("Nobody can take this back: without a terminal, give --confirm as well.")
        )
    return str(click.prompt(question, err=True))
