"""Columns: what a grid of rows is made of, and how its rows are told apart, sorted and chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, TypeVar

from ledger.projections.grid.cursors import SortKey

GridRow = TypeVar("GridRow")

Kind = Literal["text", "texts", "count", "quantity", "instant"]
"""What a column holds: a text, a list of texts, a whole number, an amount, or an instant."""

CHOICES: Final = ("severity", "status", "product", "contact")
"""Filters that a grid applies where it says what they look at, and refuses where it does not."""


@dataclass(frozen=True, slots=True)
class Column(Generic[GridRow]):
    """A column of a grid: `of` returns its value of a row, None where there is none."""

    name: str
    kind: Kind
    of: Callable[[GridRow], Any]
    prepare: Callable[[Sequence[GridRow]], None] | None = None
    """Is told for which rows it will be asked: what it reads, it reads at once."""


@dataclass(frozen=True, slots=True)
class Grid(Generic[GridRow]):
    """How the rows of a view are shown, told apart, sorted and chosen."""

    columns: Sequence[Column[GridRow]]
    identity: Callable[[GridRow], SortKey]
    """Returns what tells a row from all others; it breaks ties."""
    order: Callable[[GridRow], SortKey]
    """Returns by what rows are sorted where nothing is asked."""
    date: Callable[[GridRow], int | None]
    """Returns the instant that `since` and `until` look at."""
    zone: Callable[[GridRow], str]
    """Returns the time zone in which a row's days begin."""
    places: Callable[[GridRow], tuple[str | None, str | None, str | None]]
    """Returns the contract, package and entitlement of a row, for the filters by place."""
    choices: Mapping[str, Callable[[GridRow], str | None]] = field(default_factory=dict)
    """For each of `CHOICES` that applies, what it looks at."""
