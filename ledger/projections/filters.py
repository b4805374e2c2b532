"""Filters: what a question can be narrowed to, and what an answer is; it costs nothing to know."""

from dataclasses import dataclass
from typing import Literal

Answer = dict[str, object]
"""What a view says, ready to be written as JSON: quantities are strings, counts are numbers."""

ExpiryBasis = Literal["as-of", "case-opened"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question is narrowed to; every view takes what applies to it."""

    contracts: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    kind: str | None = None
    state: str = "active"
    expiring: int | None = None
    expiry_basis: ExpiryBasis = "as-of"
    which: Literal["main", "additional", "all"] = "main"
    support_type: str | None = None
    package: str | None = None
    entitlement: str | None = None
    case: str | None = None
    everything: bool = False
    user: str | None = None
    from_day: str | None = None
    """The first day of a period that ends with the as-of."""
    severity: str | None = None
    status: str | None = None
    product: str | None = None
    contact: str | None = None
    search: str | None = None
    since: str | None = None
    until: str | None = None
    sort: str | None = None
    limit: int | None = None
    after: str | None = None
