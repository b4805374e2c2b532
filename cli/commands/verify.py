"""`cpod verify`: whether a proof, a checkpoint or a report holds; no ledger is needed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from cli.command import Command
from cli.files import read_whole
from cli.language.wording import N_, _
from cli.options.keys import VERIFIER_KEY, verifier_keys
from cli.options.parameters import DOING, Option, PlainText
from cli.options.shared import FORMAT, LANGUAGE
from cli.render.cells import clean
from cli.render.show import show_done

if TYPE_CHECKING:
    from ledger.proof.verifier import VerifierKey

HOLDS: Final = {
    "checkpoint": N_("It holds: {origin} has sealed {size} events."),
    "consistency": N_(
        "It holds: the first {old_size} of the {size} events of {origin} are unchanged."
    ),
    "inclusion": N_("It holds: the leaf is at index {index} of the {size} events of {origin}."),
    "report": N_("It holds: the report of {contract} as of {as_of}, known at position {position}."),
}
"""What is said first, by what was verified."""

_EVENT: Final = N_("position {position}, recorded at {recorded_at}, in {stream}")

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
    "packages": N_("that {contract} has no package but those in it: {packages}"),
    "truth": N_("that what was recorded did happen"),
    "pages": N_(
        "its pages: {made_by} made them, and this is {here}; verify it with what made it, or read"
        " the data inside"
    ),
    "pages of old": N_(
        "its pages: an earlier version of cpod made them; read the data inside, or make them again"
    ),
    "no pages": N_("its pages: nothing here can make them again; pip install 'cpod[documents]'"),
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
    from ledger.audit.verify import Evidence, verify, verify_between

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
    if _unseen(holds):
        click.get_current_context().exit(1)


def _verify_pdf(content: bytes, keys: "Sequence[VerifierKey]") -> dict[str, Any]:
    """Return what the data inside a PDF proves, and whether its pages show that data."""
    import json

    from cli.documents.report.attached import pages_of, report_inside
    from ledger.audit.verify import Evidence, verify

    data = report_inside(content)
    holds: dict[str, Any] = dict(verify(Evidence(data, keys)))
    makers = pages_of(json.loads(data), content)
    if makers.made_by is not None and makers.made_by == makers.here:
        return {**holds, "proved": [*holds["proved"], {"what": "pages"}]}
    unseen = {"what": "pages", **makers._asdict()}
    return {**holds, "not_proved": [unseen, *holds["not_proved"]]}


def _unseen(holds: Mapping[str, Any]) -> bool:
    """Return whether pages are shown to somebody that nobody has compared with their data."""
    return any(claim["what"] == "pages" for claim in holds.get("not_proved", ()))


def _lines(holds: Mapping[str, Any]) -> Iterator[str]:
    match holds["what"]:
        case "report":
            yield from _report_lines(holds)
        case "inclusion":
            yield _told(HOLDS["inclusion"], holds)
            event = holds["event"]
            if event is not None:
                yield _told(_EVENT, event)
                yield clean(event["state"])
        case what:
            yield _told(HOLDS[what], holds)
    yield _told(N_("root {root}"), holds)


def _told(sentence: str, facts: Mapping[str, Any]) -> str:
    """Return a sentence filled with facts; what they say came from a file, and is cleaned."""
    return _(sentence).format_map({name: clean(str(value)) for name, value in facts.items()})


def _report_lines(holds: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a report proves, and what it does not."""
    if _unseen(holds):
        yield _("The data holds; the pages were not looked at")
    yield _told(HOLDS["report"], holds)
    for heading, sign, claims, sentences in (
        (_("Proved:"), "+", holds["proved"], PROVED),
        (_("Not proved:"), "-", holds["not_proved"], OPEN),
    ):
        yield heading
        for claim in claims:
            yield f"  {sign} {_told(sentences[_which(claim)], {**holds, **_listed(claim)})}"
    yield _told(N_("fingerprint {sha256}"), holds)


def _which(claim: Mapping[str, Any]) -> str:
    """Return the sentence of a claim: it depends on what is known of who made the pages."""
    if claim["what"] != "pages" or "here" not in claim:
        return str(claim["what"])
    if claim["here"] is None:
        return "no pages"
    return "pages of old" if claim["made_by"] is None else "pages"


def _listed(claim: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a claim with its packages in one line."""
    packages = ", ".join(claim.get("packages", ()))
    return {**claim, "packages": packages or _("none")}


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
        " --prove, as JSON or PDF, is computed again from the events inside; the pages of a PDF are"
        " made again, and where another version made them it exits 1. To check that a newer"
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
