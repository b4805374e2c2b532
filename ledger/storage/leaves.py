"""The leaf of a row as it is stored: what is hashed of it, and the root of a tree that it ends."""

from collections.abc import Sequence

from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import grow, joined, peak, peak_positions
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


def root_ended_by(row: StoredRow, nodes: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose last leaf is a row.

    The leaf is hashed from the stored row; `nodes` are the rows of nodes at the peaks before it.
    """
    peaks = list(map(peak, nodes))
    (grown,) = grow(row.position - 1, peaks, [leaf_of(row)])
    return joined([*peaks[: len(peak_positions(row.position)) - 1], peak(grown)])
