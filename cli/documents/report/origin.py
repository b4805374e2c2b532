"""The end of a report: how it was made and is made again, what it proves, and its fingerprint."""

import shlex
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from cli.documents.model import Block, Facts, Heading, Paragraph
from cli.language.wording import N_, _
from cli.render.cells import clean

_AGAIN: Final = N_(
    "Every number here is computed from the events that were recorded up to position {position},"
    " each with its effective time up to the as-of date. The same question gives the same report,"
    " to the byte. Times are those of {zone}. To make it again:"
)
_RESTS: Final = N_(
    "The data of this report carries the {events} events that its numbers rest on, and the proof"
    " that each of them is among the {size} events which {origin} has sealed. Whoever has the"
    " verifier key can check that, and compute every number anew, where there is no ledger:"
)
_COMPARE: Final = N_(
    "The fingerprint is the SHA-256 of that data, byte for byte. It is compared with what this"
    " prints, for the file report.json as cpod wrote it, or as it is attached to the PDF:"
)
_WHOLE: Final = N_(
    "These streams are in it whole, up to the version named: {streams}. From other streams stands"
    " there what the numbers rest on; a proof never shows that nothing else was recorded, nor that"
    " the contract has no other package."
)
_GROUP: Final = 4
"""Digits of a fingerprint that stand together."""

_SHORT: Final = 16
"""Digits of a fingerprint that name it."""


def fingerprint_of(data: bytes) -> str:
    """Return the SHA-256 of the JSON of a report, in groups of digits."""
    return _grouped(sha256(data).hexdigest())


def shortened(fingerprint: str) -> str:
    """Return the beginning of a fingerprint, to tell reports apart at a glance."""
    return f"{_grouped(fingerprint.replace(' ', '')[:_SHORT])} \N{HORIZONTAL ELLIPSIS}"


def _grouped(digits: str) -> str:
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def again(report: Mapping[str, Any], viewer: str | None) -> Iterator[Block]:
    """Yield how the report was made, and how it is made again."""
    yield Heading(_("How this report was made"))
    zone, position = report["contract"]["timezone"], report["position"]
    yield Paragraph(_(_AGAIN).format(position=position, zone=zone))
    words = ["cpod", "report", str(report["contract"]["contract"])]
    words += ["--as-of", str(report["as_of"]), "--known-at", str(position)]
    if report["expiry_basis"] != "as-of":
        words += ["--expiry-basis", str(report["expiry_basis"])]
    words += [] if viewer is None else ["--as", viewer]
    words += ["--prove"] if "proof" in report else []
    yield _command(words)


def proof(report: Mapping[str, Any], fingerprint: str) -> Iterator[Block]:
    """Yield what the data of a report proves, its fingerprint, and how both are checked."""
    yield Heading(_("What proves this report"))
    carried = report["proof"]
    origin, size, *_rest = carried["checkpoint"].split("\n")
    events = sum(len(stream["events"]) for stream in carried["streams"])
    told = {"events": events, "size": size, "origin": clean(origin)}
    yield Paragraph(_(_RESTS).format_map(told))
    yield _command(["cpod", "verify", "report.json", "--key", "VKEY"])
    whole = [
        f"{stream['stream']} ({stream['events'][-1][0]})"
        for stream in carried["streams"]
        if stream["whole"]
    ]
    yield Paragraph(_(_WHOLE).format(streams=clean(", ".join(whole))))
    yield Facts([(_("Fingerprint"), fingerprint)])
    yield Paragraph(_(_COMPARE))
    yield _command(["sha256sum", "report.json"])


def _command(words: list[str]) -> Paragraph:
    return Paragraph(clean(" ".join(map(shlex.quote, words))), "code")
