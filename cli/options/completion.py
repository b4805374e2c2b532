"""Completion by the shell: the ids of contracts, packages, workspaces and cases of the ledger."""

import os
from typing import Any, Final

import click
from click.shell_completion import CompletionItem, split_arg_string

from cli.errors import peek
from cli.options.parameters import Identifier

MOST: Final = 200
"""Ids that are offered at one time."""

_FIELDS: Final = {
    "contract": ("contracts", "contracts", {}),
    "package": ("packages", "packages", {"kind": "all", "state": "all"}),
    "workspace": ("workspaces", "workspaces", {}),
    "case": ("cases", "rows", {"which": "all"}),
}
"""Of each kind of thing: the view that knows it, its list, and the filters that show them all."""


class KnownId(Identifier):
    """An id that the shell completes from the ledger."""

    def __init__(self, kind: str) -> None:
        """Take what it is the id of: a contract, package, workspace or case."""
        self.kind = kind

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the ids that go on as what was typed; none where there is no ledger to ask."""
        del param
        found = [each for each in known_ids(self.kind, ctx) if each.startswith(incomplete)]
        return [CompletionItem(each) for each in found[:MOST]]


def known_ids(kind: str, context: click.Context) -> list[str]:
    """Return the ids of a kind of thing that the user on the line may see, sorted.

    A shell that completes is never disturbed: where there is nothing to ask, there are none.
    """
    from cli.options.shared import ledger_url
    from ledger.errors import CpodError
    from ledger.ledger import Ledger

    view, section, filters = _FIELDS[kind]
    asked: dict[str, Any] = dict(filters)
    try:
        with Ledger.open(ledger_url(context)) as ledger:
            rows = ledger.ask(view, viewer=_viewer(), **asked)[section]
    except (CpodError, OSError):
        return []
    assert isinstance(rows, list)
    return sorted({str(row[kind]) for row in rows})


def _viewer() -> str | None:
    """Return who is named by `--as` on the line, before or after what is completed, if anybody.

    A shell may give `--as=USER` as three words. Where the user is still missing it is nobody, who
    sees nothing.
    """
    words = split_arg_string(os.environ.get("COMP_WORDS", ""))
    return peek([*(word for word in words if word != "="), ""], "--as")
