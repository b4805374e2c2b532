"""Times and dates as tables write them: by the clocks of a zone that is named, never guessed."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ledger.converting.problems import BAD_TIME, RowProblemError
from ledger.converting.profile import AsDate, AsTime
from ledger.domain.calendar import zone
from ledger.domain.refusals import shown
from ledger.words import Words

_DIRECTIVE: Final = re.compile(r"%(.?)", re.DOTALL)
_OF_DATES: Final = frozenset("YymdjbB%")
_OF_TIMES: Final = _OF_DATES | frozenset("HIMSfpz")
_NEEDED: Final = (("Y", "y"), ("m", "b", "B", "j"), ("d", "j"))
_HOURS: Final = (("H", "I"),)


def time_reader(settings: AsTime) -> Callable[[str], str]:
    """Return what reads the times of a column as RFC 3339. Raises ValueError for wrong settings."""
    directives = _directives(settings.format, _OF_TIMES, (*_NEEDED, *_HOURS))
    if "z" in directives:
        if settings.zone is not None:
            raise ValueError("the format has an offset (%z), and a zone is named: leave one out")
        return lambda text: _written(_parsed(text, settings.format))
    if settings.zone is None:
        raise ValueError("name the zone of these times, such as zone = 'Europe/Rome'")
    where = zone(settings.zone)
    return lambda text: _written(_placed(_parsed(text, settings.format), where, settings))


def date_reader(settings: AsDate) -> Callable[[str], str]:
    """Return what reads the dates of a column as `YYYY-MM-DD`. Raises ValueError."""
    _directives(settings.format, _OF_DATES, _NEEDED)
    return lambda text: _parsed(text, settings.format).date().isoformat()


def _directives(
    form: str, allowed: frozenset[str], needed: tuple[tuple[str, ...], ...]
) -> list[str]:
    """Return the letters of a format, once it says all that is needed and nothing else."""
    found = _DIRECTIVE.findall(form)
    for letter in found:
        if letter not in allowed:
            raise ValueError(
                Words(
                    "the format has no %{letter}: take of %{letters}",
                    letter=letter,
                    letters=" %".join(sorted(allowed)),
                )
            )
        if letter != "%" and found.count(letter) > 1:
            raise ValueError(Words("the format has %{letter} twice", letter=letter))
    for choices in needed:
        if not set(choices) & set(found):
            raise ValueError(
                Words("the format lacks one of %{letters}", letters=" %".join(choices))
            )
    if "I" in found and "p" not in found:
        raise ValueError("the format has %I without %p: morning or afternoon is not guessed")
    return found


def _parsed(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - its zone is put on it afterwards
    except (ValueError, OverflowError):
        raise RowProblemError(
            BAD_TIME, Words("{text} is not written as {form}", text=shown(text), form=form)
        ) from None


def _placed(naive: datetime, where: ZoneInfo, settings: AsTime) -> datetime:
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
                "{naive} comes twice in {zone}: say repeated = 'first' or 'second', or correct it",
                naive=naive,
                zone=settings.zone,
            ),
        )
    if settings.skipped == "later":
        return first.astimezone(UTC).astimezone(where)
    raise RowProblemError(
        BAD_TIME,
        Words(
            "{naive} is skipped in {zone}: say skipped = 'later', or correct it",
            naive=naive,
            zone=settings.zone,
        ),
    )


def _shows(placed: datetime, naive: datetime, where: ZoneInfo) -> bool:
    """Return whether the clocks show this time at that instant."""
    try:
        return placed.astimezone(UTC).astimezone(where).replace(tzinfo=None, fold=0) == naive
    except OverflowError:
        return True


def _written(placed: datetime) -> str:
    """Return an instant as RFC 3339, which has no seconds in its offsets: old zones do."""
    offset = placed.utcoffset()
    if offset is not None and offset.total_seconds() % 60:
        try:
            placed = placed.astimezone(UTC)
        except OverflowError:
            raise RowProblemError(
                BAD_TIME, Words("{date} is too far away", date=placed.date())
            ) from None
    return placed.isoformat()
