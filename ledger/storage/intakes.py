"""How the rows of files that are under way are stored, in both databases.

The digest has the last event and the root behind it: ledgers that were made before these were kept
have the same columns, and a version that does not know of them reads the file from its beginning.
"""

from collections.abc import Sequence
from typing import Any, Final

from ledger.storage.log import Intake

COLUMNS: Final = ("file", "lines", "size", "head", "digest", "appended", "duplicates", "refused")
"""The columns of the table, in the order of `Intake`."""

_DIGEST_BYTES: Final = 32
_POSITION_BYTES: Final = 8


def columns_of(intake: Intake) -> tuple[Any, ...]:
    """Return the values of the columns."""
    file, lines, size, head, digest, *counts, position, root = intake
    if position is not None:
        digest += position.to_bytes(_POSITION_BYTES, "big") + root
    return (file, lines, size, head, digest, *counts)


def intake_of(row: Sequence[Any]) -> Intake:
    """Return what a row says, whatever it may be; a root that is cut or longer is no root."""
    file, lines, size, head, stored, *counts = row
    digest, rest = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    found = Intake(file, lines, size, head, digest, *counts)
    if not rest:
        return found
    position = int.from_bytes(rest[:_POSITION_BYTES], "big")
    return found._replace(position=position, root=rest[_POSITION_BYTES:])
