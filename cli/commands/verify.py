"""`cpod verify`: whether a proof or a checkpoint holds; no ledger is needed."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from cli.command import Command
from cli.files import read_whole
from cli.keys import VERIFIER_KEY, verifier_keys
from cli.options import FORMAT, LANGUAGE
from cli.parameters import DOING, Option, PlainText
from cli.render.cells import clean
from cli.render.show import show_done
from cli.wording import N_, _


def _verify(
    file: str,
    leaf: str | None,
    consistency: tuple[str, str] | None,
    keys: tuple[str, ...],
    **given: Any,
) -> None:
    from ledger.commands.verifying import Evidence, verify, verify_between

    if not keys:
        raise click.UsageError(_("Give the verifier key of who sealed: --key."))
    if consistency is not None and leaf is not None:
        raise click.UsageError(_("--consistency takes no --leaf."))
    known, content = verifier_keys(keys), read_whole(file)
    if consistency is None:
        holds = verify(Evidence(content, known, None if leaf is None else read_whole(leaf)))
    else:
        old, new = map(read_whole, consistency)
        holds = verify_between(content, old, new, known)
    show_done({"holds": True, **holds}, "\n".join(_lines(holds)), str(given["format"]))


def _lines(holds: Mapping[str, Any]) -> Iterator[str]:
    match holds["what"]:
        case "checkpoint":
            yield _("It holds: {origin} has sealed {size} events.").format_map(holds)
        case "consistency":
            yield _(
                "It holds: the first {old_size} of the {size} events of {origin} are unchanged."
            ).format_map(holds)
        case _:
            yield _(
                "It holds: the leaf is at index {index} of the {size} events of {origin}."
            ).format_map(holds)
            event = holds["event"]
            if event is not None:
                yield _("position {position}, recorded at {recorded_at}, in {stream}").format_map(
                    event
                )
                yield clean(event["state"])
    yield _("root {root}").format_map(holds)


command = Command(
    name="verify",
    callback=_verify,
    examples=(
        "cpod verify case-17.tlog-proof --leaf case-17.leaf --key contoso.vkey",
        "cpod verify june.checkpoint --key contoso.vkey",
        "cpod verify june-july.consistency --consistency june.checkpoint july.checkpoint"
        " --key contoso.vkey",
    ),
    help=N_(
        "Check a proof or a checkpoint, with no ledger and no network. It exits 6 and says what"
        " does not hold. A proof needs its leaf; to check that a newer checkpoint goes on where an"
        " older one ended, give both with --consistency, and the proof as FILE."
    ),
    params=[
        click.Argument(["file"], type=PlainText()),
        Option(
            "--leaf",
            metavar="FILE",
            type=PlainText(),
            heading=DOING,
            help=N_("The leaf that a proof is of."),
        ),
        Option(
            "--consistency",
            metavar="OLD NEW",
            nargs=2,
            type=PlainText(),
            heading=DOING,
            help=N_("FILE proves that the checkpoint NEW goes on where OLD ended."),
        ),
        VERIFIER_KEY,
        FORMAT,
        LANGUAGE,
    ],
)
