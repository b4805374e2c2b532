"""Times and dates as tables write them: by the clocks of a zone that is named, never guessed."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ledger.convert.formats import Form
from ledger.convert.problems import BAD_TIME, RowProblemError
from ledger.convert.profile import AsDate, AsTime
from ledger.domain.refusals import shown
from ledger.domain.values.calendar import zone
from ledger.messages import Words


def time_reader(settings: AsTime) -> Callable[[str], str]:
    """Return what reads the times of a column as RFC 3339. Raises ValueError for wrong settings."""
    form = Form(settings.format, settings.century, clock=True)
    if form.has_offset:
        if settings.zone is not None:
            raise ValueError("the format has an offset (%z), and a zone is named: leave one out")
        return lambda text: _written(form.read(text), text)
    if settings.zone is None:
        raise ValueError("name the zone of these times, such as zone = 'Europe/Rome'")
    where = zone(settings.zone)
    return lambda text: _written(_placed(form.read(text), text, where, settings), text)


def date_reader(settings: AsDate) -> Callable[[str], str]:
    """Return what reads the dates of a column as `YYYY-MM-DD`. Raises ValueError."""
    form = Form(settings.format, settings.century, clock=False)
    return lambda text: form.read(text).date().isoformat()


def _placed(naive: datetime, text: str, where: ZoneInfo, settings: AsTime) -> datetime:
    """Return the instant at which the clocks of a zone show this time."""
    first, second = naive.replace(tzinfo=where), naive.replace(tzinfo=where, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    if _shows(first, naive, where):
        match settings.repeated:
            case "first":
                return first
            case "second":
                return second
        raise RowProblemError(
            BAD_TIME,
            Words(
                "{text} comes twice in {zone}: say repeated = 'first' or 'second', or correct it",
                text=shown(text),
                zone=settings.zone,
            ),
        )
    if settings.skipped == "later":
        return first.astimezone(UTC).astimezone(where)
    raise RowProblemError(
        BAD_TIME,
        Words(
            "{text} is skipped in {zone}: say skipped = 'later', or correct it",
            text=shown(text),
            zone=settings.zone,
        ),
    )


def _shows(placed: datetime, naive: datetime, where: ZoneInfo) -> bool:
    """Return whether the clocks show this time at that instant."""
    try:
        return placed.astimezone(UTC).astimezone(where).replace(tzinfo=None, fold=0) == naive
    except OverflowError:
        return True


def _written(placed: datetime, text: str) -> str:
    """Return an instant as RFC 3339, which has no seconds in its offsets: old zones do."""
    offset = placed.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        try:
            placed = placed.astimezone(UTC)
        except OverflowError:
            raise RowProblemError(
                BAD_TIME, Words("{text} is too far away", text=shown(text))
            ) from None
    return placed.isoformat()
