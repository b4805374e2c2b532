"""Checking bookmarks: the events are there that were when each file was read so far.

A bookmark that is ahead of the events, or beside others, would let an ingest skip lines that are
not recorded. None does: one that is found here is not used either.
"""

from ledger.audit.check.findings import Findings
from ledger.audit.check.roots import Roots
from ledger.errors import Damaged
from ledger.storage.audit import Audit
from ledger.storage.log import Intake


def check_bookmarks(audit: Audit, findings: Findings) -> None:
    """Compare what is kept of files that are under way with the events, which are checked."""
    roots, count = Roots(audit, findings), 0
    try:
        for count, intake in enumerate(audit.intakes(), start=1):  # noqa: B007 - how many
            wrong = _wrong(intake, findings.position, roots)
            if wrong is not None:
                reason = f"{intake.file} {wrong}: the next ingest reads it from its beginning"
                findings.damage("bookmarks", None, reason)
    except (Damaged, TypeError, ValueError) as wrong:
        findings.damage("bookmarks", None, f"how far files were read is damaged ({wrong})")
    if count:
        findings.prove("bookmarks", count=count)


def _wrong(intake: Intake, here: int, roots: Roots) -> str | None:
    """Return what is wrong with a bookmark; None where nothing is."""
    position = intake.position
    if position is None:  # it was kept when that was not
        return None if intake.appended <= here else "has more lines recorded than there are events"
    if position > here:
        return f"was read when there were {position} events, and {here} are here"
    if position and intake.root not in roots.possible(position):
        return f"was read when the events up to {position} were others"
    return None
