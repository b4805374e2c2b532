"""What answers show of those who were erased: `(erased)`, and nothing that tells one from another.

Until an answer is whole, distinct texts of erased persons stay distinct, so that they are counted
and sorted like any others.
"""

from typing import Any, Final

from ledger.storage.vault.commitments import ERASED_TEXT

SHOWN: Final = "(erased)"
"""What stands in an answer in the place of a text that is erased."""


def shown(value: Any) -> Any:
    """Return a part of an answer as it is shown: with `(erased)` for each text that is erased."""
    if isinstance(value, str):
        return ERASED_TEXT.sub(SHOWN, value)
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return value
