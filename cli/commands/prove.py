"""`cpod prove`: that an event is under a seal, or that one seal goes on where another ended."""

from typing import TYPE_CHECKING, Any

import click

from cli.command import Command
from cli.files import read_whole, write_whole
from cli.language.wording import N_, _
from cli.opening import opened, operator_only
from cli.options.parameters import DOING, FILTERS, Identifier, Option, PlainText
from cli.options.shared import VIEWER, WHERE
from cli.output import put_bytes, tell

if TYPE_CHECKING:
    from ledger.ledger import Ledger


def _prove(
    event: tuple[str, ...],
    position: int | None,
    checkpoint: str | None,
    consistency: tuple[str, str] | None,
    output: str | None,
    leaf: str | None,
    viewer: str | None,
    **_given: Any,
) -> None:
    operator_only(viewer)
    _assert_one_question(event, position, consistency)
    if consistency is not None:
        if checkpoint is not None or leaf is not None:
            raise click.UsageError(_("--consistency takes neither --checkpoint nor --leaf."))
        old, new = map(read_whole, consistency)
        with opened() as ledger:
            content = ledger.prove_consistency(old, new)
        write_whole((output, content))
        if output is None:
            put_bytes(content)
        return
    note = None if checkpoint is None else read_whole(checkpoint)
    with opened() as ledger:
        proven = ledger.prove(_position(ledger, event, position), note)
    write_whole((leaf, proven.leaf), (output, proven.proof))
    if output is None:
        put_bytes(proven.proof)
    tell(
        _("The event at position {position} is under the seal of {size} events.").format(
            position=proven.position, size=proven.size
        )
    )


def _assert_one_question(event: tuple[str, ...], position: int | None, other: object) -> None:
    asked = [bool(event), position is not None, other is not None]
    if sum(asked) != 1 or len(event) not in {0, 2}:
        raise click.UsageError(
            _("Name one event by SOURCE and ID, or by --position; or give --consistency OLD NEW.")
        )


def _position(ledger: "Ledger", event: tuple[str, ...], position: int | None) -> int:
    if position is not None:
        return position
    source, identifier = event
    return ledger.position_of(source, identifier)


command = Command(
    name="prove",
    callback=_prove,
    examples=(
        "cpod prove urn:desk case-17 --checkpoint june.checkpoint --output case-17.tlog-proof"
        " --leaf case-17.leaf",
        "cpod prove --position 4711 --output e4711.tlog-proof",
        "cpod prove --consistency june.checkpoint july.checkpoint --output june-july.consistency",
    ),
    help=N_(
        "Prove that an event is in the ledger, to somebody who has none. The proof is for the"
        " checkpoint given; with it go the leaf, which says what is proved, and your verifier key."
        " With --consistency: prove that what was under an older checkpoint is unchanged under a"
        " newer one. `cpod verify` checks both."
    ),
    params=[
        click.Argument(["event"], metavar="[SOURCE ID]", nargs=-1, type=Identifier()),
        Option(
            "--position",
            metavar="N",
            type=click.IntRange(min=1),
            heading=FILTERS,
            help=N_("The event at this position."),
        ),
        Option(
            "--checkpoint",
            metavar="FILE",
            type=PlainText(),
            heading=FILTERS,
            help=N_("The checkpoint to prove by. Default: the last seal kept in the ledger."),
        ),
        Option(
            "--consistency",
            metavar="OLD NEW",
            nargs=2,
            type=PlainText(),
            heading=FILTERS,
            help=N_("Prove that the checkpoint NEW goes on where OLD ended."),
        ),
        Option(
            "--output",
            "-o",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("Where the proof goes. Default: standard output."),
        ),
        Option(
            "--leaf",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("Where the exact bytes of the leaf go: the event, and where it stands."),
        ),
        VIEWER,
        *WHERE,
    ],
)
