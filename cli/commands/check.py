"""`cpod check`: the ledger audits itself; it says what is proved, what is damaged, what is open."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from cli.command import Command
from cli.files import read_whole
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.keys import VERIFIER_KEY, verifier_keys
from cli.options.parameters import DOING, Option, PlainText
from cli.options.shared import FORMAT, VIEWER, WHERE
from cli.other_history import other_history
from cli.render.cells import clean
from cli.render.show import show_done
from cli.run.progress import CHECKED, bar

DAMAGED: Final = 6

PROVED: Final = {
    "positions": N_("Positions are 1 to {count}, and none is missing."),
    "versions": N_("The versions of every stream follow each other."),
    "stamps": N_("Events were recorded in the order of their positions."),
    "hashes": N_("All {count} events are those that were hashed, and every hash above them."),
    "readable": N_("Every event can be read, and is what its type asks for."),
    "keys": N_("The keys that tell duplicates are those of the events."),
    "homes": N_("Cases and engagements live where their events went: {count}."),
    "vault": N_("Persons in the vault: {persons}; what is kept of them is theirs: {texts} texts."),
    "quarantine": N_("Lines in the quarantine are as they were received: {count}."),
    "bookmarks": N_("Each bookmark of a file fits the events recorded before it: {count}."),
    "database": N_("The database finds its file whole, and its guards stand."),
    "seals": N_("Seals in the ledger hold: {count}; the largest is of {size} events."),
    "checkpoints": N_("Checkpoints from elsewhere hold: {count}; the largest is of {size} events."),
    "rebuilt": N_("The books are what the events say, up to position {position}."),
    "once": N_("Each event stands in the books once: facts {facts}, terms {terms}."),
    "reversals": N_("Reversals have their events, and what is reversed moves nothing: {count}."),
    "conservation": N_("Each delivery that stands counts, or is listed as unplaced: {count}."),
    "balances": N_("Each balance is the sum of its statement: {count}."),
}
"""What was proved, in words; in this order."""

OPEN: Final = {
    "elsewhere": N_(
        "No checkpoint kept elsewhere was given: whoever can write the ledger could have made"
        " every hash anew. Give one with --checkpoint and --key."
    ),
    "tail": N_("Events {first} to {last} came after the checkpoints given."),
    "unsealed": N_("Events {first} to {last} are under no seal: cpod seal."),
    "witness": N_(
        "No witness has signed: that everybody was shown the same seals, only comparing them shows."
    ),
    "erased": N_("Persons were erased: {count}. What stood for them can be checked by nobody."),
    "aside": N_(
        "The texts of the register and of reasons in the quarantine, and the name of the ledger,"
        " are not hashed."
    ),
    "books": N_("The books were not looked at: --books."),
}
"""What was not proved, in words."""


def _check(
    books: bool,
    checkpoints: tuple[str, ...],
    keys: tuple[str, ...],
    viewer: str | None,
    **given: Any,
) -> None:
    operator_only(viewer)
    if bool(checkpoints) != bool(keys):
        raise click.UsageError(_("--checkpoint and --key go together."))
    known, notes = verifier_keys(keys), list(map(read_whole, checkpoints))
    with opened() as ledger, bar(CHECKED, total=ledger.position) as progress:
        answer = ledger.check(
            books=books,
            checkpoints=notes,
            keys=known,
            on_progress=lambda position: progress(position, position),
        )
    show_done(answer, "\n".join(_lines(answer)), str(given["format"]))
    if not answer["ok"]:
        click.get_current_context().exit(DAMAGED)


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer["ok"]:
        yield _("The ledger is whole: {position} events, root {root}").format_map(answer)
    else:
        yield _("The ledger is DAMAGED ({damaged} places):").format_map(answer)
        yield from (f"  ! {_damage(damage)}" for damage in answer["damage"])
        if answer["damaged"] > len(answer["damage"]):
            yield _("  and more; these are the first {count}").format(count=len(answer["damage"]))
        yield ""
        yield from _good(answer)
    yield from other_history(answer)
    yield ""
    yield _("Proved:")
    claims = {claim["what"]: claim for claim in answer["proved"]}
    for what, sentence in PROVED.items():
        if what in claims:
            yield f"  + {_(sentence).format_map(claims[what])}"
    yield _("Not proved:")
    for claim in answer["not_proved"]:
        yield f"  - {_(OPEN[claim['what']]).format_map(claim)}"


def _damage(damage: Mapping[str, Any]) -> str:
    reason = clean(str(damage["reason"]))
    if damage["position"] is None:
        return reason
    if damage["until"] is None:
        return _("position {position}: {reason}").format(position=damage["position"], reason=reason)
    return _("between position {position} and {until}: {reason}").format(
        position=damage["position"], until=damage["until"], reason=reason
    )


def _good(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield which events are still good, and how well that is known."""
    first = answer["first_bad"]
    if first is not None:
        exact = any(one["position"] == first and not one["until"] for one in answer["damage"])
        sentence = (
            _("The first bad position is {first_bad}.")
            if exact
            else _("The first bad position is {first_bad}, or one after it.")
        )
        yield sentence.format_map(answer)
    if answer["good_until"]:
        yield _("Events 1 to {good_until} are good by their hashes.").format_map(answer)
    sealed = min(answer["good_until"], answer["sealed_until"])
    given = min(answer["good_until"], answer["kept_elsewhere_until"])
    if given:
        yield _("Of these, 1 to {size} are under a checkpoint from elsewhere.").format(size=given)
    if sealed:
        yield _("Of these, 1 to {size} are under a seal kept in the ledger.").format(size=sealed)
    yield _("Restore the ledger from a copy that passes cpod check.")


command = Command(
    name="check",
    callback=_check,
    examples=(
        "cpod check",
        "cpod check --books --checkpoint june.checkpoint --key contoso.vkey",
        "cpod check --ledger sqlite:////mnt/copies/contoso-2025-09-30.db --format json",
    ),
    help=N_(
        "Check the whole ledger: every event, hash, seal and key. It prints what it proved and what"
        " it did not; on damage it names the first bad position and what is still good, and exits"
        " 6. A checkpoint that was kept elsewhere shows even a change by somebody who made every"
        " hash anew. Nothing is changed."
    ),
    params=[
        Option(
            "--books",
            is_flag=True,
            heading=DOING,
            help=N_("Make the books anew and compare; check balances, reversals, conservation."),
        ),
        Option(
            "--checkpoint",
            "checkpoints",
            metavar="FILE",
            type=PlainText(),
            multiple=True,
            heading=DOING,
            help=N_("A checkpoint that was kept elsewhere; give it again for several."),
        ),
        VERIFIER_KEY,
        VIEWER,
        FORMAT,
        *WHERE,
    ],
)
