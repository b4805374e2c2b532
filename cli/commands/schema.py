"""`cpod schema [TYPE]`: the types of events for senders, each as a JSON Schema."""

from difflib import get_close_matches
from typing import Any, Final

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.options.shared import FORMAT, WHERE
from cli.output import put
from cli.render.layout import Column, Kind, Layout, Section
from cli.render.show import show

LAYOUT: Final = Layout(
    title=N_("Types of events"),
    main="types",
    sections=(
        Section(
            name="types",
            heading="",
            columns=(
                Column("type", N_("Type")),
                Column("kind", N_("Kind")),
                Column("about", N_("What it says"), Kind.TEXT),
            ),
            fields=("type", "kind", "about"),
        ),
    ),
)


def _schema(type_name: str | None, **given: Any) -> None:
    form = str(given["format"])
    if type_name is None:
        from cli.event_schemas import described

        show({"types": described()}, LAYOUT, form, None, {})
        return
    from ledger.domain.events import BY_NAME

    if type_name not in BY_NAME:
        near = get_close_matches(type_name, BY_NAME)
        hint = (
            _("Did you mean {names}?").format(names=", ".join(near))
            if near
            else _("cpod schema lists them.")
        )
        raise click.UsageError(
            _("There is no type {name!r}. {hint}").format(name=type_name, hint=hint)
        )
    if form == "csv":
        raise click.UsageError(_("a schema is JSON: ask for --format json"))
    import json

    from cli.event_schemas import event_schema

    indent = None if form == "ndjson" else 2
    put(json.dumps(event_schema(type_name), ensure_ascii=False, indent=indent) + "\n")


command = Command(
    name="schema",
    callback=_schema,
    examples=("cpod schema", "cpod schema case.opened > case.opened.schema.json"),
    help=N_(
        "Show the types of events, or the JSON Schema of one. It describes the whole CloudEvent as"
        " a sender writes it, envelope and data (draft 2020-12)."
    ),
    params=[
        click.Argument(["type_name"], required=False, metavar="[TYPE]"),
        FORMAT,
        *WHERE,
    ],
)
