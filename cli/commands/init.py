"""`cpod init`: create the ledger; where there is one already it says so, and all is well."""

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import operator_only
from cli.options.shared import FORMAT, VIEWER, WHERE, ledger_url
from cli.render.show import show_done


def _init(viewer: str | None, **given: object) -> None:
    from ledger.ledger import Ledger
    from ledger.storage.urls import without_password

    operator_only(viewer)
    url = ledger_url(click.get_current_context())
    with Ledger.create(url) as ledger:
        created = ledger.created
    shown = without_password(url)
    sentence = (
        _("Created the ledger {url}.") if created else _("The ledger {url} is there already.")
    )
    show_done(
        {"ledger": shown, "created": created}, sentence.format(url=shown), str(given["format"])
    )


command = Command(
    name="init",
    callback=_init,
    examples=(
        "cpod init",
        "cpod init --ledger sqlite:////var/lib/cpod/contoso.db",
        "cpod init --ledger 'postgresql://ada@db.example/cpod?schema=contoso'",
    ),
    help=N_("Create the ledger. Where there is one already nothing happens."),
    params=[VIEWER, FORMAT, *WHERE],
)
