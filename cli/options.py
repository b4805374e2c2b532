"""The options that commands share: each is written once, and stands in every command it fits."""

import os
from typing import Final

import click

from cli.parameters import DATES, FILTERS, PLACE, SHAPE, Identifier, Option, PlainText
from cli.wording import LANGUAGES, N_

DEFAULT_LEDGER: Final = "sqlite:///cpod.db"
FORMATS: Final = ("table", "json", "ndjson", "csv")

LEDGER: Final = Option(
    "--ledger",
    metavar="URL",
    type=PlainText(),
    heading=PLACE,
    help=N_("Where the ledger is; else CPOD_LEDGER says it, else sqlite:///cpod.db."),
)
LANGUAGE: Final = Option(
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar="CPOD_LANG",
    heading=PLACE,
    help=N_("The language of texts for people; else CPOD_LANG says it, else English."),
)
FORMAT: Final = Option(
    "--format",
    type=click.Choice(FORMATS),
    envvar="CPOD_FORMAT",
    default="table",
    heading=SHAPE,
    help=N_("table is for people; json, ndjson and csv are never translated or rounded."),
)
AS_OF: Final = Option(
    "--as-of",
    metavar="DATE|INSTANT",
    type=PlainText(),
    heading=DATES,
    help=N_("When in the business's time; a date is its end. Default: now."),
)
KNOWN_AT: Final = Option(
    "--known-at",
    metavar="POSITION|DATE|INSTANT",
    type=PlainText(),
    heading=DATES,
    help=N_("When in the ledger's time: what was recorded by then. Default: now."),
)
VIEWER: Final = Option(
    "--as",
    "viewer",
    metavar="USER",
    type=Identifier(),
    heading=DATES,
    help=N_("Answer what this user may see. Default: everything, as the operator."),
)

WORKSPACE: Final = Option(
    "--workspace",
    "workspaces",
    metavar="ID",
    type=Identifier(),
    multiple=True,
    heading=FILTERS,
    help=N_("Only this workspace; give it again for several."),
)
CONTRACT: Final = Option(
    "--contract",
    "contracts",
    metavar="ID",
    type=Identifier(),
    multiple=True,
    heading=FILTERS,
    help=N_("Only this contract; give it again for several."),
)
PACKAGE: Final = Option(
    "--package",
    "packages",
    metavar="ID",
    type=Identifier(),
    multiple=True,
    heading=FILTERS,
    help=N_("Only this package; give it again for several."),
)
SUPPORT_TYPE: Final = Option(
    "--support-type",
    type=click.Choice(("reactive", "advisory", "other")),
    heading=FILTERS,
    help=N_("Only cases of this kind."),
)
EXPIRY_BASIS: Final = Option(
    "--expiry-basis",
    type=click.Choice(("as-of", "case-opened")),
    heading=FILTERS,
    help=N_("The day on which the contract has to be in force. Default: as-of."),
)

WHERE: Final = (LEDGER, LANGUAGE)
"""What every command takes."""

WHEN: Final = (AS_OF, KNOWN_AT, VIEWER)
"""What every question takes."""


def section_option(names: tuple[str, ...]) -> Option:
    """Return the option that picks one of the lists of an answer; the first is the main one."""
    return Option(
        "--section",
        type=click.Choice(names),
        heading=SHAPE,
        help=N_("Show this list of the answer; ndjson and csv else show the first named here."),
    )


def ledger_url(context: click.Context) -> str:
    """Return the URL of the ledger: the nearest --ledger, else CPOD_LEDGER, else the default."""
    place: click.Context | None = context
    while place is not None:
        given = place.params.get("ledger")
        if given is not None:
            return str(given)
        place = place.parent
    return os.environ.get("CPOD_LEDGER") or DEFAULT_LEDGER
