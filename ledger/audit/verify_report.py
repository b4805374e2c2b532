"""Verifying a report that carries its proof: its events are sealed, and its numbers follow.

Nothing is taken from the report but the question and the events. These lead to the root that is
signed; the folds and the view of this program make the report of them anew; every value of the two
is compared.
"""

import sqlite3
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from ledger.audit.recompute import Asked, Recomputed, recompute
from ledger.audit.report_proof import ReportProof, read, whole_streams, written
from ledger.domain.aggregates.contract import UTC
from ledger.domain.envelope import IDENTIFIER_LIMIT
from ledger.domain.values.as_of import parse_as_of
from ledger.domain.values.calendar import day_end, parse_date
from ledger.domain.values.instants import format_instant, parse_instant
from ledger.errors import CpodError, ProofFailed
from ledger.messages import Words
from ledger.projections.views import report as view
from ledger.proof.several import verify_several
from ledger.proof.verifier import Checkpoint, DoesNotHold, VerifierKey, verify_checkpoint
from ledger.storage.codec import Codec, parse_json
from ledger.storage.leaves import leaf_of

MOST_VALUES: Final = 8_000_000
"""Values in the JSON of a report that is read: some 200,000 events with all their lines."""

_SHOWN: Final = 80
"""Characters of a value that a sentence shows."""

_NOTHING: Final = "nothing"
_PACKAGE: Final = "package:"

_HOSTILE: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError),
    *(ValueError, sqlite3.Error),
)
"""What may come of values and events that no ledger of ours would have written."""


def verify_report(content: bytes, keys: Sequence[VerifierKey]) -> dict[str, object]:
    """Return what a report proves, and what it does not, by its JSON. Raises ProofFailed."""
    found = _read(content)
    try:
        checkpoint = verify_checkpoint(read(found["proof"]).checkpoint, keys)
        proof = assert_proved(found, checkpoint)
    except DoesNotHold as wrong:
        raise ProofFailed(wrong) from None
    except _HOSTILE as wrong:
        raise ProofFailed("it cannot be read as a report: {wrong}", wrong=_cut(wrong)) from None
    return {
        "what": "report",
        "contract": found["contract"]["contract"],
        **{name: found[name] for name in ("as_of", "known_at", "position", "expiry_basis")},
        "events": len(proof.rows),
        "sha256": sha256(content).hexdigest(),
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64encode(checkpoint.root).decode(),
        **_claims(found, proof, checkpoint),
    }


def _claims(
    report: Mapping[str, Any], proof: ReportProof, checkpoint: Checkpoint
) -> dict[str, object]:
    """Return what was proved of a report, and what nobody can know from it."""
    others = sum(row.stream not in proof.whole for row in proof.rows)
    known_at, position = report["known_at"], report["position"]
    packages = [
        stream.removeprefix(_PACKAGE) for stream in proof.whole if stream.startswith(_PACKAGE)
    ]
    dated = [{"what": "known_at", "known_at": known_at, "position": position}]
    return {
        "proved": [
            {"what": "sealed", "events": len(proof.rows), "size": checkpoint.size},
            {"what": "numbers"},
            *(
                {"what": "whole", "stream": stream, "version": version}
                for stream, version in proof.whole.items()
            ),
        ],
        "not_proved": [
            {"what": "ends", "position": position},
            {"what": "packages", "packages": packages},
            {"what": "elsewhere", "events": others},
            *(dated if known_at != position else []),
            {"what": "truth"},
        ],
    }


def assert_proved(report: Mapping[str, Any], checkpoint: Checkpoint) -> ReportProof:
    """Return the proof of a report, once its events are under a checkpoint and give the report.

    Who signed the checkpoint is not looked at. Raises ProofFailed with the first thing that is not
    as it has to be: where it stands, what is said there, and what it comes to.
    """
    try:
        proof = read(report["proof"])
        verify_several(
            {row.position - 1: leaf_of(row) for row in proof.rows}, proof.hashes, checkpoint
        )
        found = _recomputed(_asked(report, proof, checkpoint.size), proof)
    except DoesNotHold as wrong:
        raise ProofFailed(wrong) from None
    for needless in sorted({row.position for row in proof.rows} - set(found.resting)):
        raise ProofFailed(
            "the event at position {position} is none that the report rests on", position=needless
        )
    whole = whole_streams(proof.rows, found.streams)
    again = {**found.report, "proof": written(proof._replace(whole=whole))}
    for where, said, comes_to in _differences(report, again, ""):
        raise ProofFailed(
            "{where} says {said}; the events come to {comes_to}",
            where=where,
            said=said,
            comes_to=comes_to,
        )
    return proof


def _read(content: bytes) -> dict[str, Any]:
    """Return a report that is to be verified. Raises ProofFailed where it is none with a proof."""
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ProofFailed("it is too large to be a report")
    try:
        found = parse_json(content)
    except ValueError as wrong:
        raise ProofFailed("it is no report: it is no JSON ({wrong})", wrong=wrong) from None
    if not isinstance(found, dict) or "report" not in found:
        raise ProofFailed("it is neither a proof, nor a checkpoint, nor a report")
    if found["report"] != view.VERSION:
        raise ProofFailed(
            "this report is of version {version}, and version {known} is what this cpod makes: "
            "verify it with the one that made it",
            version=_cut(found["report"]),
            known=view.VERSION,
        )
    if "proof" not in found:
        raise ProofFailed("this report carries no proof: `cpod report --prove` makes one that does")
    return found


def _asked(report: Mapping[str, Any], proof: ReportProof, size: int) -> Asked:
    """Return the question that a report says it answers. Raises DoesNotHold."""
    contract, basis, position = (
        report.get(name) for name in ("contract", "expiry_basis", "position")
    )
    name = contract.get("contract") if isinstance(contract, dict) else None
    if type(name) is not str or not 0 < len(name) <= IDENTIFIER_LIMIT:
        raise DoesNotHold("contract.contract: the id of a contract is expected")
    if basis not in ("as-of", "case-opened"):
        raise DoesNotHold("expiry_basis: as-of or case-opened is expected")
    if type(position) is not int or not proof.rows[-1].position <= position <= size:
        raise DoesNotHold(
            "position: it is not between the last event that the report carries, {position}, and "
            "the last that is sealed, {size}",
            position=proof.rows[-1].position,
            size=size,
        )
    try:
        as_of = parse_as_of(str(report.get("as_of")))
        moment = _moment(report.get("known_at"), position)
    except ValueError as wrong:
        raise DoesNotHold("its dates cannot be read: {wrong}", wrong=wrong) from None
    late = next(
        (row for row in proof.rows if moment is not None and row.recorded_at > moment), None
    )
    if late is not None:
        raise DoesNotHold(
            "the event at position {position} was recorded at {instant}, after what the report "
            "says it is known at",
            position=late.position,
            instant=format_instant(late.recorded_at),
        )
    return Asked(name, as_of, report.get("known_at"), position, basis)


def _moment(known_at: object, position: int) -> int | None:
    """Return the last instant that a known-at means; None for a position. Raises ValueError."""
    if type(known_at) is int:
        if known_at != position:
            raise ValueError(
                Words(
                    "known_at {known_at} is not position {position}",
                    known_at=known_at,
                    position=position,
                )
            )
        return None
    if isinstance(known_at, str) and "T" not in known_at:
        return day_end(parse_date(known_at), UTC)
    moment = parse_instant(known_at)
    if format_instant(moment) != known_at:
        raise ValueError("known_at is not written as it has to be")
    return moment


def _recomputed(asked: Asked, proof: ReportProof) -> Recomputed:
    try:
        return recompute(proof.rows, asked, Codec())
    except (CpodError, *_HOSTILE) as wrong:
        raise DoesNotHold("no report can be made of its events: {wrong}", wrong=wrong) from None


def _differences(said: object, found: object, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield where a value is not what it comes to, with both: the first ones first."""
    if isinstance(said, dict) and isinstance(found, dict):
        for name in [*found, *(name for name in said if name not in found)]:
            here = f"{where}.{name}" if where else str(name)
            if name not in said or name not in found:
                yield here, _shown(said, name), _shown(found, name)
            else:
                yield from _differences(said[name], found[name], here)
    elif isinstance(said, list) and isinstance(found, list):
        for place in range(max(len(said), len(found))):
            here = f"{where}[{place}]"
            if place >= len(said) or place >= len(found):
                yield here, _shown(said, place), _shown(found, place)
            else:
                yield from _differences(said[place], found[place], here)
    elif type(said) is not type(found) or said != found:
        yield where, _cut(said), _cut(found)


def _shown(values: Any, key: Any) -> str:
    there = key in values if isinstance(values, dict) else key < len(values)
    return _cut(values[key]) if there else _NOTHING


def _cut(value: object) -> str:
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
