"""The leaf of a row as it is stored: what is hashed of it."""

from ledger.proof.leaf import leaf_bytes
from ledger.storage.log import StoredRow


def leaf_of(row: StoredRow) -> bytes:
    """Return the leaf of a stored row (`ledger.proof.leaf`)."""
    return leaf_bytes(
        row.position,
        row.recorded_at,
        row.stream.encode(),
        row.version,
        row.topic.encode(),
        row.state,
    )
