"""cpod: an event-sourced consumption ledger - what was bought, what was delivered, provably.

`from ledger import Ledger` is the public face; it is imported when it is asked for, so that a
command that only prints its help pays for nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.ledger import Ledger

__all__ = ["Ledger"]


def __getattr__(name: str) -> object:
    """Return the public face at its first use."""
    if name == "Ledger":
        from ledger.ledger import Ledger as Face

        return Face
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
