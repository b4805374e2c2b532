"""A question as a command: options in, one call of the ledger, the answer shown.

A view is declared by its name, its filters and its layout; all else is the same for all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.command import Command
from cli.opening import opened
from cli.options import FORMAT, WHEN, WHERE, section_option
from cli.progress import EVENTS, bar
from cli.render.layout import Answer, Layout
from cli.render.show import show
from cli.wording import _

if TYPE_CHECKING:
    from ledger.ledger import Ledger

Asks = Callable[["Ledger", Mapping[str, Any]], Answer]
"""Puts a question to an open ledger, with what was given on the command line."""


def question(
    view: str,
    *,
    about: str,
    examples: Sequence[str],
    layout: Layout,
    filters: Iterable[click.Parameter] = (),
    when: Iterable[click.Parameter] = WHEN,
    asks: Asks | None = None,
    name: str | None = None,
) -> Command:
    """Return the command of a view; `about` is its help, `layout` how its answer is shown."""

    def answer(**given: object) -> None:
        form, section = str(given.pop("format")), given.pop("section", None)
        if form == "json" and section is not None:
            raise click.UsageError(_("--section is not for json: it holds every section"))
        asked = {key: _plain(value) for key, value in given.items() if _was_given(key, value)}
        with opened() as ledger:
            found = asks(ledger, asked) if asks is not None else _ask(ledger, view, asked)
        show(found, layout, form, section if isinstance(section, str) else None, asked)

    return Command(
        name=name or view,
        callback=answer,
        examples=examples,
        help=about,
        params=[
            *filters,
            *when,
            FORMAT,
            *([section_option(layout.names)] if len(layout.names) > 1 else ()),
            *WHERE,
        ],
    )


def _ask(ledger: "Ledger", view: str, asked: Mapping[str, Any]) -> Answer:
    with bar(EVENTS) as progress:
        return ledger.ask(view, **asked, on_progress=progress)


def _was_given(key: str, value: object) -> bool:
    """Return whether an option is part of the question, and was given."""
    if key in {"ledger", "lang"}:
        return False
    return value is not None and value is not False and value != ()


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
