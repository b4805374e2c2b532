"""Conditions of SQL, each with its parameters, and how they are put together."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Condition(NamedTuple):
    """A condition of SQL, and its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()

    def both(self, other: "Condition") -> "Condition":
        """Return the condition that asks for the other one, too."""
        return Condition(f"{self.text} AND {other.text}", (*self.parameters, *other.parameters))

    def asking(self, text: str, *parameters: Any) -> "Condition":
        """Return the condition that asks for one more thing."""
        return self.both(Condition(text, parameters))


def among(column: str, values: Sequence[Any]) -> Condition:
    """Return the condition that a column has one of some values."""
    return Condition(f"{column} IN ({','.join('?' * len(values))})", tuple(values))
