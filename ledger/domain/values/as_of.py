"""The as-of of a question: an instant, or a date that ends in the zone of what it is asked of."""

from dataclasses import dataclass
from datetime import date

from ledger.domain.values.calendar import day_end, local_date, parse_date
from ledger.domain.values.instants import format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class AsOf:
    """When in the business's time a question is asked for."""

    instant: int | None = None
    day: date | None = None

    def cut(self, zone: str) -> int:
        """Return the last instant that counts for something in that zone."""
        if self.day is not None:
            return day_end(self.day, zone)
        assert self.instant is not None
        return self.instant

    def date(self, zone: str) -> date:
        """Return the civil date of the question in that zone."""
        if self.day is not None:
            return self.day
        assert self.instant is not None
        return local_date(self.instant, zone)

    def echo(self) -> str:
        """Return the question's date as it was asked, or its instant in UTC."""
        if self.day is not None:
            return self.day.isoformat()
        assert self.instant is not None
        return format_instant(self.instant)


def parse_as_of(text: str) -> AsOf:
    """Return the as-of of a text: a date, or an RFC 3339 instant. Raises ValueError."""
    if "T" in text.upper():
        return AsOf(instant=parse_instant(text))
    return AsOf(day=parse_date(text))
