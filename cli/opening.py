"""Opening the ledger that the command line names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cli.language.wording import _
from cli.options.shared import ledger_url

if TYPE_CHECKING:
    from ledger.ledger import Ledger


@contextmanager
def opened() -> Iterator["Ledger"]:
    """Open the ledger of the command that runs, and close it in the end.

    Raises NoLedger where there is none, and whatever else of `ledger.errors` keeps it shut.
    """
    from ledger.ledger import Ledger

    with Ledger.open(ledger_url(click.get_current_context())) as ledger:
        yield ledger


def operator_only(viewer: str | None) -> None:
    """Refuse `--as` on what only the operator of the ledger does. Raises NotAllowed."""
    if viewer is not None:
        from ledger.errors import NotAllowed

        name = click.get_current_context().command_path
        raise NotAllowed(
            _("{command} is for the operator of the ledger: ask without --as").format(command=name)
        )
