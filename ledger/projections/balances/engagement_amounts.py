"""The amounts of engagements: what of each is in the balance of an entitlement, read for many."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

from ledger.domain.aggregates.package import EntitlementRef
from ledger.domain.deliveries.postings import CONSUMES, DELIVERS, FITS, RESERVES
from ledger.domain.deliveries.rows import EngagementRow
from ledger.domain.values.instants import within_facts
from ledger.domain.values.quantities import SCALE
from ledger.projections.balances.settled import holds_engagements, settled
from ledger.projections.conditions import among
from ledger.projections.question import Question

_AT_ONCE: Final = 500
"""Engagements that are read by one query."""

_SUBJECT: Final = "engagement:"

_MEASURES: Final = {"consumed": CONSUMES, "reserved": RESERVES, "delivered_hours": DELIVERS}
"""The figures of a balance that engagements move."""


class _Posted(NamedTuple):
    """An amount that an engagement posted."""

    at: int
    place: EntitlementRef
    measure: str
    amount: int


class EngagementAmounts:
    """The amounts of engagements at the as-of of a question."""

    def __init__(self, question: Question) -> None:
        """Take the question that asks for them."""
        self._question = question
        self._posted: dict[str, list[_Posted]] = {}

    def prepare(self, rows: Sequence[EngagementRow]) -> None:
        """Read what engagements posted, so that each by itself needs no reading."""
        names = sorted({row.engagement for row in rows} - self._posted.keys())
        for first in range(0, len(names), _AT_ONCE):
            self._posted |= self._read(names[first : first + _AT_ONCE])

    def _read(self, names: Sequence[str]) -> dict[str, list[_Posted]]:
        found: dict[str, list[_Posted]] = {name: [] for name in names}
        books = self._question.books
        where = among("s.name", [f"{_SUBJECT}{name}" for name in names])
        for subject, at, *place, measure, whole, fraction in books.rows(
            "SELECT s.name, p.effective_at, p.package, p.entitlement, p.measure, p.whole,"
            " p.fraction FROM subjects s JOIN postings p ON p.subject = s.number"
            f" WHERE {where.text}",
            where.parameters,
        ):
            posted = _Posted(at, (place[0], place[1]), measure, whole * SCALE + fraction)
            found[subject.removeprefix(_SUBJECT)].append(posted)
        undecided = dict(
            books.rows(
                "SELECT DISTINCT s.number, s.name FROM subjects s"
                f" JOIN engagement_steps e ON e.subject = s.number WHERE {where.text}",
                where.parameters,
            )
        )
        if undecided:
            in_balance = partial(holds_engagements, self._question.at)
            for number, posting in settled(books, among("subject", list(undecided)), in_balance):
                at, _position, package, entitlement, measure, _workspace, amount, _turn = posting
                posted = _Posted(at, (package, entitlement), measure, amount)
                found[undecided[number].removeprefix(_SUBJECT)].append(posted)
        return found

    def unit(self, row: EngagementRow) -> str | None:
        """Return the unit of the entitlement of a row, where the viewer may see that."""
        if not self._question.knows_package(row.package):
            return None
        line = self._question.at.line(row.package, row.entitlement)
        return line.entitlement.unit if line is not None else None

    def of(self, figure: str, row: EngagementRow) -> int:
        """Return what of an engagement is in a figure of the balance of its row; 0 without one."""
        unit = self.unit(row)
        return self._sum(row, _MEASURES[figure][unit]) if unit in FITS["engagement"] else 0

    def quantity(self, row: EngagementRow) -> int:
        """Return the quantity that was delivered or charged on the entitlement of a row."""
        return self._sum(row, ("quantity",))

    def _sum(self, row: EngagementRow, measures: Container[str]) -> int:
        if row.engagement not in self._posted:
            self.prepare([row])
        cut = self._cut(row.package, row.zone_workspace)
        return sum(
            posted.amount
            for posted in self._posted[row.engagement]
            if posted.place == (row.package, row.entitlement)
            and posted.measure in measures
            and posted.at <= cut
        )

    def _cut(self, package: str | None, workspace: str | None) -> int:
        question = self._question
        return within_facts(question.as_of.cut(question.terms.package_zone(package, workspace)))

    def elsewhere(self, shown: Container[str]) -> Iterator[EngagementRow]:
        """Yield a row for each balance that holds something of an engagement which moved on.

        `shown` are the engagements in scope. The day of a balance ends in its own zone, so it may
        hold something of an engagement that is not there yet in the zone of the engagement.
        """
        for name, rows in self._moved().items():
            here = next((row for row in rows if self._holds(row, row.zone_package)), None)
            if here is not None and name not in shown:
                continue
            for place in sorted({posted.place for posted in self._posted[name]}):
                row = here or next((row for row in rows if self._holds(row, place[0])), None)
                if row is None or (here and place == (row.package, row.entitlement)):
                    continue
                there = row._replace(package=place[0], entitlement=place[1])
                if self._question.scope.holds(row.workspace) and any(
                    self.of(figure, there) for figure in _MEASURES
                ):
                    yield there

    def _holds(self, row: EngagementRow, package: str | None) -> bool:
        """Return whether a row is what an engagement looks like, in the zone of a package."""
        return row.from_at <= self._cut(package, row.zone_workspace) < row.until

    def _moved(self) -> dict[str, list[EngagementRow]]:
        """Return the rows of each engagement that was on several entitlements, prepared."""
        found: dict[str, list[EngagementRow]] = defaultdict(list)
        rows = self._question.books.rows(
            f"SELECT {', '.join(EngagementRow._fields)} FROM engagements"
            " WHERE moved = 1 AND from_at <= ? ORDER BY engagement, from_at",
            (max(self._question.cuts().values()),),
        )
        for row in map(EngagementRow._make, rows):
            found[row.engagement].append(row)
        self.prepare([row for rows in found.values() for row in rows])
        return found
