"""Opening the ledger that the command line names, and showing its address without a password."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cli.options import ledger_url
from cli.wording import _

if TYPE_CHECKING:
    from ledger.ledger import Ledger

_PASSWORD: Final = re.compile(r"(?<=:)[^:@/]*(?=@)")


@contextmanager
def opened() -> Iterator["Ledger"]:
    """Open the ledger of the command that runs, and close it in the end.

    Raises NoLedger where there is none, and whatever else of `ledger.errors` keeps it shut.
    """
    from ledger.ledger import Ledger

    with Ledger.open(ledger_url(click.get_current_context())) as ledger:
        yield ledger


def shown_url(url: str) -> str:
    """Return the address of a ledger as it may be shown: a password in it is hidden."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{_PASSWORD.sub('***', rest, count=1)}" if mark else url


def operator_only(viewer: str | None) -> None:
    """Refuse `--as` on what only the operator of the ledger does. Raises NotAllowed."""
    if viewer is not None:
        from ledger.errors import NotAllowed

        name = click.get_current_context().command_path
        raise NotAllowed(
            _("{command} is for the operator of the ledger: ask without --as").format(command=name)
        )
