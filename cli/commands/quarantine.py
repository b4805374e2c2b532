"""`cpod quarantine`: what was refused waits here; list it, show it, retry it or drop it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command, CommandGroup
from cli.confirming import assert_reason, confirmation
from cli.language.wording import N_, _, plural
from cli.opening import opened, operator_only
from cli.options.parameters import DOING, SHAPE, Option, PlainText, Said
from cli.options.shared import FORMAT, REHEARSED_AS_OF, VIEWER, WHERE
from cli.output import put_bytes
from cli.render.cells import DOT, clean, written
from cli.render.changed import changed_lines
from cli.render.layout import Answer, Column, Kind, Layout, Section
from cli.render.show import show, show_done
from cli.run.refused import advice, refusal_rows, refusals_of, tell_refused
from cli.view_command import question

if TYPE_CHECKING:
    from ledger.commands.ingest.receipt import Outcome
    from ledger.ledger import Ledger
    from ledger.storage.log import HeldLine

_SEPARATOR: Final = clean("\x1f")
"""How a cell shows what stands between the two ids of what a line waits for."""

_NUMBER: Final = click.IntRange(min=1)
_FIELDS: Final = ("number", "code", "file", "line", "reason", "raw", "waits_for", "received_at")
_DROPPED: Final = ("number", "code", "file", "line", "reason")

LAYOUT: Final = Layout(
    title=N_("Quarantine"),
    main="rows",
    sections=(
        Section(
            name="rows",
            heading="",
            columns=(
                Column("number", N_("Number"), Kind.NUMBER),
                Column("code", N_("Code")),
                Column("file", N_("File")),
                Column("line", N_("Line"), Kind.NUMBER),
                Column("reason", N_("Reason"), Kind.TEXT),
            ),
            fields=_FIELDS,
            empty=N_("Nothing waits in the quarantine."),
        ),
    ),
)


def _list(ledger: "Ledger", asked: Mapping[str, Any]) -> Answer:
    operator_only(asked.get("viewer"))
    return ledger.quarantine_list()


def _show(number: int, raw: bool, viewer: str | None, **given: Any) -> None:
    from ledger.commands.quarantine import row

    operator_only(viewer)
    with opened() as ledger:
        held = ledger.quarantine_show(number)
    if raw:
        put_bytes(held.raw + b"\n")
        return
    answer = {**row(held), "advice": advice(held.code)}
    shown = {key: value for key, value in answer.items() if key != "raw" and value is not None}
    label = max(map(len, shown))
    lines = [
        f"{key.replace('_', ' '):<{label}}  {written(value).replace(_SEPARATOR, ' / ')}"
        for key, value in shown.items()
    ]
    lines += ["", clean(str(answer["raw"]))]
    show_done(answer, "\n".join(lines), str(given["format"]))


def _retry(
    numbers: tuple[int, ...], as_of: str | None, dry_run: bool, viewer: str | None, **given: Any
) -> None:
    operator_only(viewer)
    with opened() as ledger:
        retried = ledger.quarantine_retry(numbers or None, as_of=as_of, dry_run=dry_run)
    refusals = refusals_of(retried.outcomes)
    answer = {**retried.answer(), "refusals": refusal_rows(refusals)}
    sentence = _(
        "{tried} tried again: {appended} appended, {duplicates} duplicates,"
        " {refused} still refused."
    ).format_map(answer)
    if dry_run:
        sentence = "\n".join((_rehearsed(sentence), *changed_lines(retried.balances)))
        verdicts = list(map(_verdict, retried.outcomes))
        answer |= {"dry_run": True, "verdicts": verdicts, "balances": list(retried.balances)}
    show_done(answer, sentence, str(given["format"]))
    tell_refused(refusals)
    if refusals:
        click.get_current_context().exit(1)


def _rehearsed(sentence: str) -> str:
    return _("Dry run, nothing was written. {receipt}").format(receipt=sentence)


def _verdict(outcome: "Outcome") -> dict[str, object]:
    """Return for programs what a line that waits would become."""
    refusal = outcome.refusal
    return {
        "number": outcome.number,
        "verdict": outcome.decision,
        "position": outcome.position,
        "code": refusal.code if refusal else None,
        "reason": refusal.reason if refusal else None,
    }


def _drop(
    numbers: tuple[int, ...],
    reason: str | None,
    confirm: str | None,
    dry_run: bool,
    viewer: str | None,
    **given: Any,
) -> None:
    operator_only(viewer)
    if not dry_run:
        assert_reason(reason)
    if not dry_run or confirm is not None:
        _assert_confirmed(set(numbers), confirm)
    with opened() as ledger:
        dropped = ledger.quarantine_drop(numbers, reason, dry_run=dry_run)
    rows = [{key: getattr(held, key) for key in _DROPPED} for held in dropped]
    form = str(given["format"])
    if form == "table":
        show_done({}, "\n".join(_dropped(dropped, dry_run=dry_run)), form)
    else:
        layout = Layout("", (Section("rows", "", (), _DROPPED),), main="rows")
        answer = {"dropped": len(rows), "rows": rows}
        show(answer | {"dry_run": True} if dry_run else answer, layout, form, None, {})


def _assert_confirmed(numbers: Collection[int], confirm: str | None) -> None:
    """Raise click.UsageError unless the numbers, or how many they are, are given once more."""
    question = plural(
        "Nobody can take this back. Give the number once more to drop {count} line",
        "Nobody can take this back. Give the numbers once more, or how many they are, to drop"
        " {count} lines",
        len(numbers),
    )
    said = confirmation(confirm, question).replace(",", " ").split()
    count = len(numbers)
    counted = said == [str(count)] and count not in numbers  # else it may mean that line alone
    if not counted and set(said) != set(map(str, numbers)):
        raise click.UsageError(_("Those are other lines: nothing was dropped."))


def _dropped(lines: Sequence["HeldLine"], *, dry_run: bool) -> Iterator[str]:
    """Yield what people read."""
    if not dry_run:
        yield plural(
            "{count} line dropped; the register says so.",
            "{count} lines dropped; the register says so.",
            len(lines),
        )
        return
    sentence = plural("{count} line would go:", "{count} lines would go:", len(lines))
    yield _rehearsed(sentence)
    for held in lines:
        place = f"{clean(held.file)}:{held.line}"
        yield f"  {held.number}{DOT}{held.code}{DOT}{place}{DOT}{clean(held.reason)}"


command = CommandGroup(
    name="quarantine",
    examples=(
        "cpod quarantine list",
        "cpod quarantine show 3",
        "cpod quarantine retry",
        "cpod quarantine drop 3 4 --reason 'sent by a test system' --confirm 3,4",
    ),
    help=N_(
        "Look after what was refused. Every line that was not accepted waits here as it was"
        " received; what waits for a contract, package, entitlement, event or workspace is taken up"
        " by itself once that has come."
    ),
    commands=(
        question(
            "quarantine",
            name="list",
            about=N_("Show the lines that wait. Each with its code, file, line and reason."),
            examples=("cpod quarantine list", "cpod quarantine list --format json"),
            layout=LAYOUT,
            when=(VIEWER,),
            asks=_list,
        ),
        Command(
            name="show",
            callback=_show,
            examples=("cpod quarantine show 3", "cpod quarantine show 3 --raw > line.json"),
            help=N_("Show one line whole, why it waits, and what to do."),
            params=[
                click.Argument(["number"], type=_NUMBER, metavar="NUMBER"),
                Option(
                    "--raw",
                    is_flag=True,
                    heading=SHAPE,
                    help=N_("Only the line itself, byte for byte as it was received."),
                ),
                VIEWER,
                FORMAT,
                *WHERE,
            ],
        ),
        Command(
            name="retry",
            callback=_retry,
            examples=("cpod quarantine retry --dry-run", "cpod quarantine retry 3 4"),
            help=N_("Try lines again. Without numbers all that wait; what is refused again stays."),
            params=[
                click.Argument(["numbers"], type=_NUMBER, nargs=-1, metavar="[NUMBER]..."),
                Option(
                    "--dry-run",
                    is_flag=True,
                    heading=DOING,
                    help=N_("Judge them, show what would change, and write nothing."),
                ),
                REHEARSED_AS_OF,
                VIEWER,
                FORMAT,
                *WHERE,
            ],
        ),
        Command(
            name="drop",
            callback=_drop,
            examples=(
                "cpod quarantine drop 3 --dry-run",
                "cpod quarantine drop 3 4 --reason 'sent by a test system' --confirm 3,4",
            ),
            help=N_("Take lines out for good. That it was done stays on record in the register."),
            params=[
                click.Argument(
                    ["numbers"], type=_NUMBER, nargs=-1, required=True, metavar="NUMBER..."
                ),
                Option(
                    "--reason",
                    "--why",
                    "reason",
                    metavar="TEXT",
                    type=Said(),
                    heading=DOING,
                    help=N_("Why, for the register."),
                ),
                Option(
                    "--confirm",
                    metavar="NUMBERS",
                    type=PlainText(),
                    heading=DOING,
                    help=N_(
                        "The numbers once more, as in 3,4, or how many they are; without it a"
                        " terminal asks for it, a job ends with 2."
                    ),
                ),
                Option(
                    "--dry-run",
                    is_flag=True,
                    heading=DOING,
                    help=N_("Say which lines would go, and write nothing."),
                ),
                VIEWER,
                FORMAT,
                *WHERE,
            ],
        ),
    ),
)
