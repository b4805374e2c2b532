"""Numbers, days and moments as a document writes them: in the language that is spoken, exact."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from cli.language.wording import _, spoken
from cli.render.cells import DASH, clean, is_number

_LOCALES: Final = {"en": "en_GB", "fr": "fr_FR"}
"""The locale of each language: days before months, as the seed's customers write them."""

_TO_THE_SECOND: Final = len("2025-09-30T12:00:00")
_HUNDREDTH: Final = Decimal("0.01")


def number(value: object) -> str:
    """Return a quantity with all its decimals; null is a dash, what is no number stays."""
    if value is None:
        return DASH
    text = str(value)
    if not is_number(text):
        return clean(text)
    from babel.numbers import format_decimal

    found: str = format_decimal(Decimal(text), locale=_locale(), decimal_quantization=False)
    return found.replace("-", "\N{MINUS SIGN}")


def about(value: object) -> str:
    """Return a quantity to two decimals, for a sentence that says `about`."""
    rounded = Decimal(str(value)).quantize(_HUNDREDTH, ROUND_HALF_EVEN)
    text = format(rounded, "f")
    return number(text.rstrip("0").rstrip(".") if "." in text else text)


def day(value: object) -> str:
    """Return a date (`YYYY-MM-DD`) as `30 September 2025`; null is a dash."""
    if not isinstance(value, str):
        return DASH
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(value), "d MMMM y", locale=_locale()))


def short_day(value: object) -> str:
    """Return a date (`YYYY-MM-DD`) as `30 Sept 2025`, for a table."""
    if not isinstance(value, str):
        return DASH
    from babel.dates import format_date

    return str(format_date(date.fromisoformat(value), "d MMM y", locale=_locale()))


def month_name(value: date, form: str = "LLL") -> str:
    """Return the name of a month."""
    from babel.dates import format_date

    return str(format_date(value, form, locale=_locale()))


def moment(value: object, zone: str) -> str:
    """Return an instant as `12 Feb 2025, 14:00` by the clocks of a zone."""
    if not isinstance(value, str):
        return DASH
    from babel.dates import format_datetime

    from ledger.domain.values.calendar import zone as zone_of
    from ledger.domain.values.instants import SECOND, parse_instant

    seconds = parse_instant(value) // SECOND
    clock = datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=seconds)
    local = clock.astimezone(zone_of(zone)).replace(tzinfo=None)
    return str(format_datetime(local, "d MMM y, HH:mm", locale=_locale()))


def asked(value: object) -> str:
    """Return an as-of or known-at: a date in words, an instant to the second, a position as is."""
    text = str(value)
    if "T" in text:
        from babel.dates import format_datetime

        clock = datetime.fromisoformat(text[:_TO_THE_SECOND])
        return f"{format_datetime(clock, 'd MMMM y, HH:mm:ss', locale=_locale())} UTC"
    return day(text) if "-" in text else clean(text)


def named(name: str, value: str) -> str:
    """Return a name with its value, as a line of text has them."""
    return _("{name}: {value}").format(name=name, value=value)


def _locale() -> str:
    return _LOCALES[spoken()]
