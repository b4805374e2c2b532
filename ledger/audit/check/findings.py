"""Findings: what a check proved, what it found damaged, and what it cannot prove."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

SHOWN: Final = 100
"""How many damages are kept; all are counted."""


class Damage(NamedTuple):
    """One thing that is not as it should be."""

    what: str
    """Which rule is broken, as a code."""
    position: int | None
    """The event at which it is found; None where it is no event's."""
    reason: str
    until: int | None = None
    """Where it is only known to be at or before this position, and not before `position`."""


class Claim(NamedTuple):
    """One thing that was proved, or that cannot be; its figures are for the sentence about it."""

    what: str
    figures: dict[str, object]


@dataclass(slots=True)
class Findings:
    """What a check has come to, while it goes on and at its end."""

    position: int = 0
    """The last event that was looked at."""
    root: bytes = b""
    damages: list[Damage] = field(default_factory=list)
    damaged: int = 0
    """How many damages there are, those that are not kept too."""
    first_bad: int | None = None
    proved: list[Claim] = field(default_factory=list)
    unproved: list[Claim] = field(default_factory=list)
    sealed_until: int = 0
    """The largest size of a seal in the ledger that holds."""
    given_until: int = 0
    """The largest size of a checkpoint from elsewhere that holds."""
    kinds: set[str] = field(default_factory=set)

    def damage(
        self, what: str, position: int | None, reason: str, until: int | None = None
    ) -> None:
        """Note something that is wrong."""
        self.damaged += 1
        self.kinds.add(what)
        if position is not None and (self.first_bad is None or position < self.first_bad):
            self.first_bad = position
        if len(self.damages) < SHOWN:
            self.damages.append(Damage(what, position, reason, until))

    def prove(self, what: str, *unless: str, **figures: object) -> None:
        """Note that something holds, unless damage of one of these kinds was found."""
        if not self.kinds.intersection((what, *unless)):
            self.proved.append(Claim(what, figures))

    def leave_open(self, what: str, **figures: object) -> None:
        """Note what was not proved."""
        self.unproved.append(Claim(what, figures))

    @property
    def good_until(self) -> int:
        """The last position before any damage of an event."""
        return self.position if self.first_bad is None else max(0, self.first_bad - 1)
