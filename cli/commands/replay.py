"""`cpod replay`: history walked event by event, with what each one changed."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import click

from cli.command import Command
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.completion import KnownId
from cli.options.parameters import DATES, FILTERS, Option, PlainText
from cli.options.shared import AS_OF, CONTRACT, FORMAT, PACKAGE, VIEWER, WHERE
from cli.render.cells import DOT, written
from cli.render.changed import FIGURES, changed_line
from cli.render.layout import Answer, Row, Section
from cli.render.show import write_all

_EVENT: Final = (
    *("position", "source", "id", "type", "stream", "version"),
    *("effective_at", "recorded_at"),
)
_SIDES: Final = ("before", "after", "change")


def _spread(event: Row) -> Iterator[Row]:
    """Yield a row of csv for each balance that an event changed, one where it changed none."""
    own = {key: event[key] for key in _EVENT}
    balances = event.get("balances")
    rows = balances if isinstance(balances, list) else []
    for balance in rows:
        flat = {**own, **{key: balance[key] for key in ("package", "entitlement")}}
        for side in _SIDES:
            figures = balance[side] or {}
            flat |= {f"{side}_{name}": figures.get(name) for name in FIGURES}
        yield flat
    if not rows:
        yield own


_CSV: Final = Section(
    "events",
    "",
    (),
    (
        *_EVENT,
        "package",
        "entitlement",
        *(f"{side}_{name}" for side in _SIDES for name in FIGURES),
    ),
    spread=_spread,
)


def _lines(head: Answer, events: Iterable[Answer]) -> Iterator[str]:
    """Yield what people read: an event a line, under it each balance that it changed."""
    about = _("Replay of what is known at {known_at}, balances as of {as_of}")
    yield about.format(known_at=written(head["known_at"]), as_of=written(head["as_of"])) + "\n\n"
    for event in events:
        parts = (event[key] for key in ("position", "effective_at", "type", "source", "id"))
        yield DOT.join(map(written, parts)) + "\n"
        balances = event["balances"]
        for balance in balances if isinstance(balances, list) else []:
            yield f"    {changed_line(balance)}\n"


def _document(head: Answer, events: Iterable[Answer]) -> Iterator[str]:
    """Yield one JSON document, an event a line."""
    import json

    for key, value in head.items():
        start = "{" if key == next(iter(head)) else ",\n "
        yield f"{start}{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
    between = ',\n "events": [\n  '
    for event in events:
        yield between + json.dumps(event, ensure_ascii=False)
        between = ",\n  "
    yield "\n ]}\n" if between == ",\n  " else ',\n "events": []}\n'


def _replay(viewer: str | None, case: str | None, **given: Any) -> None:
    from cli.render.machine import csv_lines, json_lines

    operator_only(viewer)
    form = str(given["format"])
    with opened() as ledger:
        found = ledger.replay(
            until=given["until"],
            first=given["first"],
            as_of=given["as_of"],
            contracts=given["contracts"],
            packages=given["packages"],
            case=case,
        )
        if form == "json":
            write_all(_document(found.head, found.events))
        elif form == "ndjson":
            write_all(json_lines(found.events), size=1)
        elif form == "csv":
            write_all(csv_lines(_CSV, found.events), size=1)
        else:
            write_all(_lines(found.head, found.events), size=1)


command = Command(
    name="replay",
    callback=_replay,
    examples=(
        "cpod replay --until 42",
        "cpod replay --package BASE-17 --from 100 --until 2025-06-30",
        "cpod replay --case 500-123 --as-of 2025-12-31 --format ndjson",
    ),
    help=N_(
        "Walk history event by event. Each with what it was, and every balance that it changed,"
        " before and after, as of one date; for the operator."
    ),
    params=[
        Option(
            "--until",
            metavar="POSITION|DATE|INSTANT",
            type=PlainText(),
            heading=DATES,
            help=N_("The last event: a position, or what was recorded by then. Default: now."),
        ),
        Option(
            "--from",
            "first",
            metavar="POSITION",
            type=click.IntRange(min=1),
            default=1,
            heading=DATES,
            help=N_("The first event. Default: 1."),
        ),
        AS_OF,
        VIEWER,
        CONTRACT,
        PACKAGE,
        Option(
            "--case",
            metavar="ID",
            type=KnownId("case"),
            heading=FILTERS,
            help=N_("Only the events of this case."),
        ),
        FORMAT,
        *WHERE,
    ],
)
