"""`cpod erase`: a person who is to be forgotten; what was delivered stays as it is."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command
from cli.confirming import assert_reason, confirmation
from cli.language.wording import N_, _, plural
from cli.opening import opened, operator_only
from cli.options.parameters import DOING, Option, Said
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.render.cells import clean
from cli.render.show import show_done
from cli.run.progress import SEARCHED, bar

if TYPE_CHECKING:
    from ledger.commands.erase import Erasure
    from ledger.commands.leftovers import Leftover

_SHOWN: Final = 100
"""Places that people are shown; programs get more."""

_WHERE: Final = {
    "event": N_("event {number}: {field}"),
    "quarantine": N_("line {number} of the quarantine: {field}"),
    "bookmark": N_("the bookmark of a file that was not read to its end: {field}"),
    "register": N_("entry {number} of the register: {field}"),
    "seal": N_("seal {number}: {field}"),
}


class _Person(click.ParamType[str]):
    """A text that says who somebody is, as an event has it: any text at all."""

    name = "person"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.fail(_("it is not UTF-8"), param, ctx)
        return text


def _erase(
    person: str,
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
        question = _("Nobody can take this back. Give the id once more to erase the person")
        if confirmation(confirm, question) != person:
            raise click.UsageError(_("The two ids differ: nothing was erased."))
    with opened() as ledger, bar(SEARCHED, total=ledger.position) as progress:
        done = ledger.erase(
            person,
            reason,
            dry_run=dry_run,
            on_progress=lambda position: progress(position, position),
        )
    show_done(done.answer(), "\n".join(_lines(done)), str(given["format"]))
    if not (done.log_scrubbed and done.books_scrubbed):
        from ledger.errors import LedgerBusy

        raise LedgerBusy(
            _(
                "the person is erased, but another process still reads what was before, and keeps"
                " it on the disk: when it has ended, give the same command again"
            )
        )


def _lines(done: "Erasure") -> Iterator[str]:
    """Yield what people read."""
    text = (
        _("Dry run, nothing was written. Person {person} would be erased: {texts}, {events}.")
        if done.dry_run
        else _("Erased person {person}: {texts}, {events}.")
    )
    texts = plural(
        "{count} text that said who it is", "{count} texts that said who it is", done.texts
    )
    events = plural("in {count} event", "in {count} events", done.events)
    yield text.format(person=done.person, texts=texts, events=events)
    if done.still:
        yield plural(
            "In {count} place a sender or an operator wrote it, and it stays:",
            "In {count} places senders or operators wrote it, and it stays:",
            done.still_count,
        )
        yield from (f"  {_place(place)}" for place in done.still[:_SHOWN])
        more = done.still_count - len(done.still[:_SHOWN])
        if more:
            yield "  " + plural(
                "... and {count} more: --format json lists up to 1,000",
                "... and {count} more: --format json lists up to 1,000",
                more,
            )
    else:
        yield _("It stands nowhere else in this ledger.")
    yield _("Backups, copies and exports that were made before still name the person.")


def _place(place: "Leftover") -> str:
    return _(_WHERE[place.where]).format(number=place.number, field=clean(place.field))


command = Command(
    name="erase",
    callback=_erase,
    examples=(
        "cpod erase ada@contoso.com --dry-run",
        "cpod erase ada@contoso.com --reason 'request 2025-117' --confirm ada@contoso.com",
    ),
    help=N_(
        "Erase a person. Whatever part somebody has in events (user, learner, contact, engineer,"
        " who approved), the name, the address and the id can then be read by nobody; every"
        " balance, hash and proof stays as it is, and views say (erased). It cannot be taken back."
        " What senders wrote elsewhere, such as in titles, stays: it is listed."
    ),
    params=[
        click.Argument(["person"], type=_Person(), metavar="PERSON"),
        Option(
            "--reason",
            metavar="TEXT",
            type=Said(),
            heading=DOING,
            help=N_("Why, for the register; it may not name the person."),
        ),
        Option(
            "--confirm",
            metavar="PERSON",
            type=_Person(),
            heading=DOING,
            help=N_("The same id once more; without it a terminal asks for it, a job ends with 2."),
        ),
        Option(
            "--dry-run",
            is_flag=True,
            heading=DOING,
            help=N_("Say what would be erased and what would stay, and write nothing."),
        ),
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
