"""Checking the books: they are what the events come to, and nothing that was delivered is lost.

The laws are those of the contract: books made anew are the books in use; every event stands in
them once; a reversed event moves nothing, and every reversal has its event; what counts on an
entitlement is a delivery that stands, and every case that stands counts once; and for every
entitlement remaining = granted - consumed - expired, which is where its statement ends.
"""

from collections.abc import Callable
from typing import Final

from ledger.audit.check.findings import Findings
from ledger.domain.balance.burndown import Balance, Flow
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.events.reversals import EventReversed
from ledger.domain.recorded import event_key
from ledger.domain.values.as_of import AsOf
from ledger.domain.values.quantities import SCALE
from ledger.projections.balances.accounts import balance_of
from ledger.projections.balances.settled import all_flows
from ledger.projections.books.books import Books
from ledger.projections.books.compare import differences
from ledger.projections.books.fold import Decoder
from ledger.projections.terms import terms_of
from ledger.storage.log import LogReader, StoredRow

_REVERSALS: Final = (
    "SELECT position, stream, stream_version, topic, state, recorded_at FROM terms"
    " WHERE topic = 'event.reversed'"
)
_COUNTED_AND_NOT_STANDING: Final = """
    SELECT s.name, p.package, p.entitlement FROM postings p JOIN subjects s ON s.number = p.subject
    WHERE p.measure NOT IN ('delivered', 'reserved_hours', 'reserved_quantity')
    AND NOT EXISTS (SELECT 1 FROM placed d INDEXED BY placed_by_subject
        WHERE d.subject = p.subject AND d.until = :forever
        AND d.package = p.package AND d.entitlement = p.entitlement)
    GROUP BY p.subject, s.name, p.package, p.entitlement, p.measure
    HAVING sum(p.whole) + sum(p.fraction) / :scale <> 0 OR sum(p.fraction) % :scale <> 0"""
_STANDING_AND_NOT_COUNTED: Final = """
    SELECT s.name, d.package, d.entitlement FROM placed d JOIN subjects s ON s.number = d.subject
    WHERE d.kind = 'case' AND d.until = ?
    AND d.package IS NOT NULL AND d.entitlement IS NOT NULL
    AND (SELECT coalesce(sum(p.whole), 0) FROM postings p INDEXED BY postings_by_subject
        WHERE p.subject = d.subject
        AND p.package = d.package AND p.entitlement = d.entitlement AND p.measure = 'case') <> 1"""


def check_books(
    books: Books, rebuild: Callable[[], Books], log: LogReader, decoder: Decoder, findings: Findings
) -> None:
    """Check books that are caught up; `rebuild` makes them anew, up to the same position."""
    rebuilt = rebuild()
    try:
        for table, (mine, other) in differences(books, rebuilt).items():
            reason = f"{table}: {mine} rows only in use, {other} only when made anew"
            findings.damage("rebuilt", None, reason)
    finally:
        rebuilt.close()
    position = books.checkpoint.position
    findings.prove("rebuilt", position=position)
    _check_once(books, position, findings)
    _check_reversals(books, log, decoder, findings)
    _check_conservation(books, findings)
    _check_balances(books, decoder, findings)


def _check_once(books: Books, position: int, findings: Findings) -> None:
    (facts, distinct) = books.rows("SELECT count(*), count(DISTINCT position) FROM subject_events")[
        0
    ]
    ((terms,),) = books.rows("SELECT count(*) FROM terms")
    if facts != distinct or facts + terms != position:
        reason = f"of {position} events the books have {facts} facts and {terms} terms"
        findings.damage("once", None, reason)
    findings.prove("once", facts=facts, terms=terms)


def _check_reversals(books: Books, log: LogReader, decoder: Decoder, findings: Findings) -> None:
    """Every reversal and the event it reverses belong together, and that event moves nothing."""
    rows = books.rows(_REVERSALS)
    keys: dict[str, int] = {}
    for row in map(StoredRow._make, rows):
        event = decoder.recorded(row).event
        assert isinstance(event, EventReversed)
        keys[event_key(event.reverses.source, event.reverses.id)] = row.position
    positions = log.find(list(keys))
    expected = {position: keys[key] for key, position in positions.items()}
    pairs = dict(books.rows("SELECT position, by_position FROM reversals"))
    if pairs != expected or len(pairs) != len(rows):
        findings.damage("reversals", None, "reversals and what they reverse are no pairs")
    for position, by in pairs.items():
        if by <= position:
            findings.damage("reversals", by, f"it reverses position {position}, which came later")
    moving = books.rows(
        "SELECT DISTINCT position FROM postings WHERE position IN (SELECT position FROM reversals)"
    )
    for (position,) in moving:
        findings.damage("reversals", position, "it is reversed, and moves a balance")
    findings.prove("reversals", count=len(pairs))


def _check_conservation(books: Books, findings: Findings) -> None:
    figures = {"forever": FOREVER, "scale": SCALE}
    for subject, package, entitlement in books.rows(_COUNTED_AND_NOT_STANDING, figures):
        reason = f"{subject} counts on {package} {entitlement}, where nothing of it stands"
        findings.damage("conservation", None, reason)
    for subject, package, entitlement in books.rows(_STANDING_AND_NOT_COUNTED, (FOREVER,)):
        reason = f"{subject} stands on {package} {entitlement}, and does not count once"
        findings.damage("conservation", None, reason)
    ((count,),) = books.rows("SELECT count(*) FROM placed WHERE until = ?", (FOREVER,))
    findings.prove("conservation", count=count)


def _check_balances(books: Books, decoder: Decoder, findings: Findings) -> None:
    """Every balance is the end of its statement, and keeps the law, at the end of time."""
    terms = terms_of(books, decoder)
    at = terms.at(AsOf(instant=FOREVER))
    count = 0
    for name in sorted(terms.contract_of):
        package = at.package(name)
        if package is None:
            continue
        for line in package.lines.values():
            if not line.entitlement.limited:
                continue
            balance = balance_of(books, at, package, line, with_steps=True)
            count += 1
            if not _keeps_the_law(all_flows(books, at, package, line), balance):
                reason = f"the balance of {name} {line.entitlement.entitlement} is not its sum"
                findings.damage("balances", None, reason)
    findings.prove("balances", count=count)


def _keeps_the_law(flows: list[Flow], balance: Balance) -> bool:
    consumed = sum(flow.amount for flow in flows)
    ended = sum(step.change for step in balance.steps)
    return (
        balance.consumed == consumed
        and balance.remaining == balance.granted - consumed - balance.expired == ended
        and balance.overage == max(0, -ended)
    )
