"""The roots of a ledger that is being checked, at any size, for what is said to be of that size."""

from collections.abc import Iterator

from ledger.audit.check.events import roots_of_events
from ledger.audit.check.findings import Findings
from ledger.proof.merkle import Tree
from ledger.storage.audit import Audit


class Roots:
    """Roots by the hashes that are stored and, where these are damaged, by the events."""

    def __init__(self, audit: Audit, findings: Findings) -> None:
        """Take what is read; the events are checked already."""
        self._audit = audit
        self._findings = findings
        self._tree = Tree(audit.nodes_at)
        self._hashed: dict[int, bytes] = {}

    def possible(self, size: int) -> Iterator[bytes]:
        """Yield the root of the hashes stored, and where these are damaged that of the events.

        Where the first is the right one, so is every hash stored, and shows which events are not;
        where the second is, the events are right, and the hashes can be made from them.
        """
        yield self._tree.root(size)
        if "hashes" in self._findings.kinds:
            if size not in self._hashed:
                self._hashed |= roots_of_events(self._audit, [size])
            if size in self._hashed:
                yield self._hashed[size]
