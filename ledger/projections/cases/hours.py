"""The hours of cases: the work recorded on each, as its entitlement counts it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from ledger.domain.deliveries.postings import CaseRow
from ledger.domain.values.quantities import MINUTE
from ledger.projections.balances.consumption import drawn
from ledger.projections.cases.listing import Listed, zone_of_case
from ledger.projections.conditions import among
from ledger.projections.question import Question

_CASES: Final = 500
"""Cases whose work is read by one query."""

Entry = tuple[int, int]
"""Since when work on a case counts, and its minutes."""


class CaseHours:
    """The hours of cases, read for many at a time."""

    def __init__(self, question: Question) -> None:
        """Take the question that asks for them."""
        self._question = question
        self._entries: dict[str, list[Entry]] = {}

    def prepare(self, rows: Sequence[Listed]) -> None:
        """Read the work on cases, so that each by itself needs no reading."""
        names = sorted({listed.row.case for listed in rows} - self._entries.keys())
        for first in range(0, len(names), _CASES):
            self._entries |= self._read(names[first : first + _CASES])

    def _read(self, cases: Sequence[str]) -> dict[str, list[Entry]]:
        where = among("s.name", [f"case:{case}" for case in cases])
        found: dict[str, list[Entry]] = defaultdict(list, {case: [] for case in cases})
        for name, at, minutes in self._question.books.rows(
            "SELECT s.name, l.from_at, l.minutes FROM subjects s"
            f" JOIN labour l ON l.subject = s.number WHERE {where.text}",
            where.parameters,
        ):
            found[name.removeprefix("case:")].append((at, minutes))
        return found

    def of(self, row: CaseRow) -> tuple[int, int]:
        """Return the hours of a case (amount), and those over its cap."""
        question = self._question
        if row.case not in self._entries:
            self._entries |= self._read([row.case])
        line = question.at.line(row.package, row.entitlement)
        entitlement = line.entitlement if line is not None else None
        counts_hours = entitlement is not None and entitlement.unit == "hour"
        increment = entitlement.draw_increment if entitlement is not None and counts_hours else None
        cut = question.as_of.cut(zone_of_case(question, row))
        hours = sum(
            drawn(minutes * MINUTE, "labour", increment)
            for at, minutes in self._entries[row.case]
            if at <= cut
        )
        cap = entitlement.cap_per_case if entitlement is not None else None
        return hours, max(0, hours - cap) if cap is not None else 0
