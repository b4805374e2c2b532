"""A question as a command: options in, one call of the ledger, the answer shown.

A view is declared by its name, its filters and its layout; all else is the same for all of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.command import Command
from cli.documents.exporting import export, target_of
from cli.opening import opened
from cli.options.shared import OUTPUT, VIEW_FORMAT, WHEN, WHERE, section_option
from cli.output import tell
from cli.render.drill_down import cut_off
from cli.render.layout import Answer, Layout
from cli.render.show import show
from cli.run.progress import EVENTS, bar

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
        form, file, section = (given.pop(key, None) for key in ("form", "output", "section"))
        target = target_of(str(form), _text(file), _text(section))
        asked = {key: _plain(value) for key, value in given.items() if _was_given(key, value)}
        with opened() as ledger:
            found = asks(ledger, asked) if asks is not None else _ask(ledger, view, asked)
            if not target.streamed:
                export(ledger, view, found, layout, target, asked)
                return
        show(found, layout, target.form, target.section, asked)
        cut = cut_off(found)
        if cut is not None and target.form in {"ndjson", "csv"}:
            tell(cut)

    return Command(
        name=name or view,
        callback=answer,
        examples=examples,
        help=about,
        params=[
            *filters,
            *when,
            VIEW_FORMAT,
            OUTPUT,
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


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
