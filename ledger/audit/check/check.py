"""Check: the ledger audits itself, and says what it proved, what is damaged, and what is open."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from ledger.audit.check.bookmarks import check_bookmarks
from ledger.audit.check.events import EventCheck, Progress
from ledger.audit.check.findings import Claim, Findings
from ledger.audit.check.seals import SealCheck
from ledger.audit.check.vault import check_vault
from ledger.errors import Damaged
from ledger.proof.verifier import VerifierKey
from ledger.storage.audit import Audit
from ledger.storage.codec import Codec
from ledger.storage.vault.rows import ERASED


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was kept apart from the ledger: checkpoints, and the keys to verify them with."""

    checkpoints: Sequence[bytes] = ()
    keys: Sequence[VerifierKey] = ()


def check_log(
    audit: Audit, codec: Codec, elsewhere: Elsewhere, on_progress: Progress | None = None
) -> Findings:
    """Return what is found in a log: events, hashes, seals, and what is kept beside them."""
    findings = Findings()
    events = EventCheck(audit, codec.without_vault(), findings)
    events.run(on_progress)
    if not events.stopped:
        _check_counter(audit, findings)
        _check_homes(audit, events.homes, findings)
        check_vault(audit, events.commitments, findings)
    for what in ("positions", "versions", "stamps", "hashes"):
        findings.prove(what, "readable", count=findings.position)
    for what in ("readable", "keys"):
        findings.prove(what, count=findings.position)
    findings.prove("homes", "readable", count=len(events.homes))
    _check_held(audit, findings)
    check_bookmarks(audit, findings)
    _check_database(audit, findings)
    _check_seals(audit, elsewhere, findings)
    return findings


def _check_seals(audit: Audit, elsewhere: Elsewhere, findings: Findings) -> None:
    seals = SealCheck(audit, findings)
    try:
        findings.given_until = seals.given(elsewhere.checkpoints, elsewhere.keys)
        findings.sealed_until = seals.kept()
    except Damaged as wrong:
        findings.damage("seals", None, str(wrong))


def _check_counter(audit: Audit, findings: Findings) -> None:
    try:
        head = audit.head()
    except Damaged as wrong:
        findings.damage("positions", None, str(wrong))
        return
    last = findings.position
    stamp = audit.events(last - 1, 1)[0].recorded_at if last > 0 else None
    if head.position > last:
        reason = f"events {last + 1} to {head.position} are gone, as the counter says"
        findings.damage("positions", last + 1, reason)
    elif head.position < last:
        reason = f"the counter ends at {head.position}: what comes after was not recorded by it"
        findings.damage("positions", head.position + 1, reason)
    elif head.recorded_at != stamp:
        findings.damage("stamps", None, "the counter has another time than the last event")


def _check_homes(audit: Audit, expected: dict[str, str], findings: Findings) -> None:
    """Compare where subjects are said to live with where their events went."""
    missing = dict(expected)
    try:
        for subject, stream in audit.homes():
            name = subject.decode(errors="replace")
            if missing.pop(name, None) != stream.decode(errors="replace"):
                findings.damage("homes", None, f"{name} does not live where it is said to")
    except Damaged as wrong:
        findings.damage("homes", None, str(wrong))
    for name in missing:
        findings.damage("homes", None, f"nothing says where {name} lives")


def _check_held(audit: Audit, findings: Findings) -> None:
    count = 0
    try:
        for number, digest, raw in audit.held():
            count += 1
            if sha256(raw).digest() != digest:
                reason = f"line {number} of the quarantine is not the one that was received"
                findings.damage("quarantine", None, reason)
    except (Damaged, TypeError) as wrong:
        findings.damage("quarantine", None, str(wrong))
    findings.prove("quarantine", count=count)


def _check_database(audit: Audit, findings: Findings) -> None:
    try:
        for complaint in audit.complaints():
            findings.damage("database", None, complaint)
    except Damaged as wrong:
        findings.damage("database", None, str(wrong))
    findings.prove("database")


def leave_open(audit: Audit, findings: Findings, *, books: bool) -> None:
    """Note what nobody can know from what was looked at."""
    last, given, kept = findings.position, findings.given_until, findings.sealed_until
    if given < last:
        findings.leave_open("tail" if given else "elsewhere", first=given + 1, last=last)
    if kept < last:
        findings.leave_open("unsealed", first=kept + 1, last=last)
    findings.leave_open("witness")
    with suppress(Damaged):
        erased = sum(what == ERASED for what, _ in audit.register())
        if erased:
            findings.leave_open("erased", count=erased)
    findings.leave_open("aside")
    if not books:
        findings.leave_open("books")


def answer(findings: Findings) -> dict[str, object]:
    """Return findings as they are written for programs."""
    return {
        "ok": findings.damaged == 0,
        "position": findings.position,
        "root": b64encode(findings.root).decode(),
        "first_bad": findings.first_bad,
        "good_until": findings.good_until,
        "sealed_until": findings.sealed_until,
        "kept_elsewhere_until": findings.given_until,
        "damaged": findings.damaged,
        "damage": [damage._asdict() for damage in findings.damages],
        "proved": list(map(_claim, findings.proved)),
        "not_proved": list(map(_claim, findings.unproved)),
    }


def _claim(claim: Claim) -> dict[str, object]:
    return {"what": claim.what, **claim.figures}
