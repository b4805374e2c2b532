"""What pictures say, in words: for who does not see them, and for who wants to be sure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from cli.documents.writing import about, day, number
from cli.language.wording import N_, _
from cli.render.words import word

_OUT_AND_OVER: Final = N_(
    "At the present rate, about {rate} in 30 days, it runs out on {day}, and about {left} are used"
    " beyond it by {end}."
)
_OUT: Final = N_("At the present rate, about {rate} in 30 days, it runs out on {day}.")
_OVER: Final = N_(
    "At the present rate, about {rate} in 30 days, about {left} are used beyond it by {end}."
)
_UNUSED: Final = N_(
    "At the present rate, about {rate} in 30 days, about {left} are left unused on {end}."
)


def share_says(series: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    """Return how much of what was granted is used."""
    used = _("{used} of {granted} {unit}").format(
        used=number(point["consumed"]),
        granted=number(point["granted"]),
        unit=word("unit", series["unit"]),
    )
    over = -Decimal(point["remaining"])
    if over <= 0:
        return used
    return _("{used}, {over} over").format(used=used, over=number(str(over)))


def burn_down_says(series: Mapping[str, Any]) -> str:
    """Return how a limited entitlement has gone, and where it is going, in sentences."""
    last = series["points"][-1]
    remaining = Decimal(last["remaining"])
    parts = [
        _("On {day} {consumed} of {granted} are used").format(
            day=day(series["on"]),
            consumed=number(last["consumed"]),
            granted=number(last["granted"]),
        )
    ]
    if last["expired"] != "0":
        parts.append(_("{expired} expired unused").format(expired=number(last["expired"])))
    if remaining < 0:
        parts.append(_("{over} are used beyond it").format(over=number(str(-remaining))))
    else:
        parts.append(_("{left} are left").format(left=number(last["remaining"])))
    said = f"{', '.join(parts)}."
    if series["ran_out_on"]:
        said += " " + _("Nothing is left since {day}.").format(day=day(series["ran_out_on"]))
    return f"{said} {forecast_says(series)}".rstrip()


def forecast_says(series: Mapping[str, Any]) -> str:
    """Return what is to come at the present rate, and what that rate is; nothing without one."""
    ahead = series["forecast"]
    if ahead is None:
        return ""
    rate = Decimal(ahead["rate_per_day"]) * 30
    if not rate:
        return _("Nothing has been used so far.")
    left = Decimal(ahead["remaining_at_end"])
    runs_out = ahead["runs_out_on"] and not series["ran_out_on"]
    if runs_out and left < 0:
        said = _(_OUT_AND_OVER)
    elif runs_out:
        said = _(_OUT)
    else:
        said = _(_OVER if left < 0 else _UNUSED)
    return said.format(
        rate=about(rate),
        day=day(ahead["runs_out_on"]),
        left=about(abs(left)),
        end=day(series["ends_on"]),
    )
