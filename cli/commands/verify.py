"""`cpod verify`: whether a proof, a checkpoint or a report holds; no ledger is needed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command
from cli.files import read_whole
from cli.keys import VERIFIER_KEY, verifier_keys
from cli.options import FORMAT, LANGUAGE
from cli.parameters import DOING, Option, PlainText
from cli.render.cells import clean
from cli.render.show import show_done
from cli.wording import N_, _

if TYPE_CHECKING:
    from ledger.proof.verifier import VerifierKey

PROVED: Final = {
    "sealed": N_("its {events} events are among the {size} that {origin} has sealed"),
    "numbers": N_("every number and every line in it is what these events come to"),
    "whole": N_("{stream} is in it whole, up to version {version}"),
    "pages": N_("its pages are those that this cpod makes of these numbers"),
}
"""What is shown to hold of a report."""

OPEN: Final = {
    "ends": N_("that nothing was recorded after these versions, up to position {position}"),
    "elsewhere": N_(
        "that nothing in other streams belongs to it beside the {events} events that it carries"
    ),
    "known_at": N_("that position {position} is what {known_at} means; the events are not later"),
    "truth": N_("that what was recorded did happen"),
    "pages": N_(
        "its pages, which another version of cpod has made, or somebody has changed: read the data"
        " inside, or make them anew"
    ),
}
"""What nobody can know from a report alone."""

_PDF: Final = b"%PDF-"


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
    if consistency is None and content.startswith(_PDF) and leaf is None:
        holds = _verify_pdf(content, known)
    elif consistency is None:
        holds = verify(Evidence(content, known, None if leaf is None else read_whole(leaf)))
    else:
        old, new = map(read_whole, consistency)
        holds = verify_between(content, old, new, known)
    show_done({"holds": True, **holds}, "\n".join(_lines(holds)), str(given["format"]))


def _verify_pdf(content: bytes, keys: "Sequence[VerifierKey]") -> dict[str, Any]:
    """Return what the data inside a PDF proves, and whether its pages show that data."""
    import json

    from cli.documents.attached import pages_are_of, report_inside
    from ledger.commands.verifying import Evidence, verify

    data = report_inside(content)
    holds: dict[str, Any] = dict(verify(Evidence(data, keys)))
    shown = "proved" if pages_are_of(json.loads(data), content) else "not_proved"
    return {**holds, shown: [*holds[shown], {"what": "pages"}]}


def _lines(holds: Mapping[str, Any]) -> Iterator[str]:
    match holds["what"]:
        case "checkpoint":
            yield _("It holds: {origin} has sealed {size} events.").format_map(holds)
        case "consistency":
            yield _(
                "It holds: the first {old_size} of the {size} events of {origin} are unchanged."
            ).format_map(holds)
        case "report":
            yield from _report_lines(holds)
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


def _report_lines(holds: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a report proves, and what it does not."""
    yield _(
        "It holds: the report of {contract} as of {as_of}, known at position {position}."
    ).format(contract=clean(holds["contract"]), as_of=holds["as_of"], position=holds["position"])
    for heading, sign, claims, sentences in (
        (_("Proved:"), "+", holds["proved"], PROVED),
        (_("Not proved:"), "-", holds["not_proved"], OPEN),
    ):
        yield heading
        for claim in claims:
            told = {name: clean(str(value)) for name, value in {**holds, **claim}.items()}
            yield f"  {sign} {_(sentences[claim['what']]).format_map(told)}"
    yield _("fingerprint {sha256}").format_map(holds)


command = Command(
    name="verify",
    callback=_verify,
    examples=(
        "cpod verify case-17.tlog-proof --leaf case-17.leaf --key contoso.vkey",
        "cpod verify june.checkpoint --key contoso.vkey",
        "cpod verify report.pdf --key contoso.vkey",
        "cpod verify june-july.consistency --consistency june.checkpoint july.checkpoint"
        " --key contoso.vkey",
    ),
    help=N_(
        "Check a proof, a checkpoint or a report, with no ledger and no network. It exits 6 and"
        " says what does not hold. A proof needs its leaf. Every number of a report made with"
        " --prove, as JSON or PDF, is computed anew from the events inside. To check that a newer"
        " checkpoint goes on where an older one ended, give both with --consistency, and the proof"
        " as FILE."
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
