"""Balances that change, before and after, in one line each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from cli.language.wording import _
from cli.render.cells import DOT, written
from cli.render.words import word

SHOWN: Final = ("granted", "consumed", "expired", "reserved", "remaining")
"""The figures that people are shown."""

FIGURES: Final = (*SHOWN, "available", "overage", "delivered_hours")


def changed_line(balance: Mapping[str, Any]) -> str:
    """Return one balance that changes, with the figures that do."""
    before, after = (balance[side] or {} for side in ("before", "after"))
    parts = [
        f"{word('figure', name)} {written(before.get(name))} → {written(after.get(name))}"
        for name in SHOWN
        if before.get(name) != after.get(name)
    ]
    return DOT.join((f"{written(balance['package'])} {written(balance['entitlement'])}", *parts))


def changed_lines(balances: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each balance that changes, or one that says that none does."""
    none = True
    for balance in balances:
        none = False
        yield f"  {changed_line(balance)}"
    if none:
        sentence = _("No balance changes.")
        yield f"  {sentence}"
