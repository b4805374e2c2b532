"""The options that commands share: each is written once, and stands in every command it fits."""

import os
from typing import Final

import click

from cli.language.wording import LANGUAGES, N_
from cli.options.completion import KnownId
from cli.options.parameters import (
    DATES,
    DOING,
    FILTERS,
    PLACE,
    SHAPE,
    Identifier,
    Option,
    PlainText,
)

DEFAULT_LEDGER: Final = "sqlite:///cpod.db"
FORMATS: Final = ("table", "json", "ndjson", "csv")
VIEW_FORMATS: Final = (*FORMATS, "xlsx", "parquet", "html", "md")

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
    help=N_(
        "The language of texts for people; else CPOD_LANG says it, then LC_ALL and LANG, else"
        " English."
    ),
)
FORMAT: Final = Option(
    "--format",
    type=click.Choice(FORMATS),
    envvar="CPOD_FORMAT",
    default="table",
    heading=SHAPE,
    help=N_("table is for people; json, ndjson and csv are never translated or rounded."),
)
VIEW_FORMAT: Final = Option(
    "--format",
    "form",
    type=click.Choice(VIEW_FORMATS),
    envvar="CPOD_FORMAT",
    default="table",
    heading=SHAPE,
    help=N_(
        "table is for people, html and md are pages of it; json, ndjson, csv, xlsx and parquet are"
        " never translated or rounded. Without it the ending of --output says it."
    ),
)
OUTPUT: Final = Option(
    "--output",
    "-o",
    "output",
    metavar="FILE",
    type=PlainText(),
    heading=SHAPE,
    help=N_("Write to this file, whole or not at all; the register says who did."),
)
AS_OF: Final = Option(
    "--as-of",
    metavar="DATE|INSTANT",
    type=PlainText(),
    heading=DATES,
    help=N_("When in the business's time; a date is its end. Default: now."),
)
REHEARSED_AS_OF: Final = Option(
    "--as-of",
    metavar="DATE|INSTANT",
    type=PlainText(),
    heading=DOING,
    help=N_("The date of the balances that a dry run shows. Default: now."),
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
    type=KnownId("workspace"),
    multiple=True,
    heading=FILTERS,
    help=N_("Only this workspace; give it again for several."),
)
CONTRACT: Final = Option(
    "--contract",
    "contracts",
    metavar="ID",
    type=KnownId("contract"),
    multiple=True,
    heading=FILTERS,
    help=N_("Only this contract; give it again for several."),
)
PACKAGE: Final = Option(
    "--package",
    "packages",
    metavar="ID",
    type=KnownId("package"),
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

FROM: Final = Option(
    "--from",
    "from_day",
    metavar="DATE",
    type=PlainText(),
    heading=DATES,
    help=N_("Show as well what was used from the start of this day until --as-of."),
)
ONE_PACKAGE: Final = Option(
    "--package",
    "package",
    metavar="ID",
    type=KnownId("package"),
    heading=FILTERS,
    help=N_("Only rows on this package."),
)
ENTITLEMENT: Final = Option(
    "--entitlement",
    "entitlement",
    metavar="ID",
    type=Identifier(),
    heading=FILTERS,
    help=N_("Only rows on this entitlement of the package, shown with its balance."),
)
SEVERITY: Final = Option(
    "--severity",
    metavar="TEXT",
    type=PlainText(),
    heading=FILTERS,
    help=N_("Only cases of this severity."),
)
STATUS: Final = Option(
    "--status",
    type=click.Choice(("open", "closed", "cancelled")),
    heading=FILTERS,
    help=N_("Only cases with this status."),
)
PRODUCT: Final = Option(
    "--product",
    metavar="TEXT",
    type=PlainText(),
    heading=FILTERS,
    help=N_("Only rows about this product."),
)
CONTACT: Final = Option(
    "--contact",
    metavar="USER",
    type=Identifier(),
    heading=FILTERS,
    help=N_("Only rows of this contact."),
)
SINCE: Final = Option(
    "--since",
    metavar="DATE|INSTANT",
    type=PlainText(),
    heading=FILTERS,
    help=N_("Only rows whose date is not before this one."),
)
UNTIL: Final = Option(
    "--until",
    metavar="DATE|INSTANT",
    type=PlainText(),
    heading=FILTERS,
    help=N_("Only rows whose date is not after this one."),
)
SEARCH: Final = Option(
    "--search",
    metavar="TEXT",
    type=PlainText(),
    heading=FILTERS,
    help=N_("Only rows that hold this text, in capitals or not."),
)
SORT: Final = Option(
    "--sort",
    metavar="[-]COLUMN",
    type=PlainText(),
    heading=SHAPE,
    help=N_("Sort by this column; with - before it, the last comes first."),
)
LIMIT: Final = Option(
    "--limit",
    metavar="ROWS",
    type=click.IntRange(min=1),
    heading=SHAPE,
    help=N_("Show so many rows; the answer then says how to go on."),
)
AFTER: Final = Option(
    "--after",
    metavar="NEXT",
    type=PlainText(),
    heading=SHAPE,
    help=N_("Go on after a page: what its answer gave as next."),
)

CASE_FILTERS: Final = (SUPPORT_TYPE, EXPIRY_BASIS, SEVERITY, STATUS, PRODUCT, CONTACT)
"""What lists of cases take."""

GRID: Final = (SINCE, UNTIL, SEARCH, SORT, LIMIT, AFTER)
"""What every list of rows takes."""

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
