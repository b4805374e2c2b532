"""Checking the events: each row against its hashes, its stream, its key, and what it says itself.

Stored hashes are compared with what their own children and events come to, so that a damage is
told where it is, and not again at every hash above it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from hashlib import sha256
from typing import Final

from ledger.audit.check.findings import Findings
from ledger.domain.recorded import Recorded, event_key
from ledger.errors import Damaged
from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import HASH_BYTES, grow, joined, peak, peak_positions
from ledger.storage.audit import FIRST, LAST, Audit, AuditRow
from ledger.storage.codec import Codec
from ledger.storage.log import StoredRow
from ledger.storage.vault.commitments import commitments_in

CHUNK: Final = 5_000
"""Events that are read at a time."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


class EventCheck:
    """Goes through all events once, in order of position."""

    def __init__(self, audit: Audit, codec: Codec, findings: Findings) -> None:
        """Take what is read, what reads an event, and where findings go."""
        self._audit = audit
        self._codec = codec
        self._findings = findings
        self._is_term: dict[bytes, int] = {}
        self._stamp = FIRST
        self._versions: dict[bytes, int] = {}
        self._subtrees: list[bytes] = []
        self.homes: dict[str, str] = {}
        """Where each subject lives, by its events."""
        self.commitments: dict[bytes, int] = {}
        """What events commit to, with the first position of each commitment."""
        self.last = 0
        self.stopped = False
        """Whether what comes after `last` could not be read."""

    def run(self, on_progress: Progress | None = None) -> None:
        """Check every event; `findings` then says how many there are, and their root."""
        for rows, nodes in self._chunks():
            for row in rows:
                if row.position < 1:
                    self._damage("positions", row.position, "no event can have that position")
                    continue
                if row.position != self.last + 1:
                    self._gap(row.position)
                self._row(row, nodes.pop(row.position, None))
                self.last = row.position
            for position in nodes:
                self._damage("hashes", position, "there is a hash, and no event")
            if on_progress is not None:
                on_progress(self.last)
        self._findings.position = self.last
        self._findings.root = joined(self._subtrees)

    def _chunks(self) -> Iterator[tuple[list[AuditRow], dict[int, bytes]]]:
        """Yield events, and the rows of nodes of the same positions.

        It ends at an event that cannot be read.
        """
        after, limit = FIRST, CHUNK
        while True:
            try:
                rows = self._audit.events(after, limit)
                until = rows[-1].position if rows else LAST
                nodes = self._nodes(after, until)
            except Damaged as wrong:
                if limit == 1:
                    self._damage("readable", self.last + 1, str(wrong))
                    self.stopped = True
                    return
                limit = 1
                continue
            yield rows, nodes
            if not rows:
                return
            after = until

    def _nodes(self, after: int, until: int) -> dict[int, bytes]:
        found = self._audit.nodes(after, until)
        nodes = dict(found)
        if len(nodes) < len(found):
            for position, count in Counter(position for position, _ in found).items():
                if count > 1:
                    self._damage("hashes", position, "its hashes are there twice")
        return nodes

    def _damage(self, what: str, position: int, reason: str) -> None:
        self._findings.damage(what, position, reason)

    def _gap(self, position: int) -> None:
        """Go on after events that are gone; the tree goes on from the hashes that are stored."""
        gone = f"events {self.last + 1} to {position - 1} are gone"
        self._damage("positions", self.last + 1, gone)
        rows = self._audit.nodes_at(peak_positions(position - 1))
        self._subtrees = [peak(row) for row in rows]

    def _row(self, row: AuditRow, nodes: bytes | None) -> None:
        try:
            self._tree(row, nodes)
            self._order(row)
            self._content(row)
        except (TypeError, ValueError, OverflowError) as wrong:
            self._damage("readable", row.position, f"a column of it is damaged ({wrong})")

    def _tree(self, row: AuditRow, nodes: bytes | None) -> None:
        """Compare an event with its hash, and each hash that it completes with its two halves."""
        position, stream, version, topic, state, recorded_at, _key, _is_term = row
        leaf = leaf_bytes(position, recorded_at, stream, version, topic, state)
        found = top = sha256(b"\x00" + leaf).digest()
        rest, level = position, 0
        subtrees = self._subtrees
        while not rest & 1 and subtrees:
            left = subtrees.pop()
            if nodes is not None:
                top = nodes[HASH_BYTES * level : HASH_BYTES * (level + 1)]
            rest >>= 1
            level += 1
            if left:
                top = sha256(b"\x01" + left + top).digest()
            elif nodes is not None:  # it is gone with what is gone: there is nothing to compare
                top = nodes[HASH_BYTES * level : HASH_BYTES * (level + 1)]
            found += top
        if nodes != found:
            self._wrong_nodes(position, nodes, found)
        subtrees.append(top if nodes is None else peak(nodes))

    def _wrong_nodes(self, position: int, nodes: bytes | None, found: bytes) -> None:
        if nodes is None:
            self._damage("hashes", position, "its hashes are gone")
        elif nodes[:HASH_BYTES] != found[:HASH_BYTES]:
            self._damage("hashes", position, "the event is not the one that was hashed")
        else:
            self._damage("hashes", position, "a hash above it is not that of its two halves")

    def _order(self, row: AuditRow) -> None:
        """Compare stamps with the one before, and versions with the last of the stream."""
        if row.recorded_at < self._stamp:
            self._damage("stamps", row.position, "it was recorded before the event before it")
        self._stamp = row.recorded_at
        expected = self._versions.get(row.stream, 0) + 1
        if row.version != expected:
            reason = f"it is version {row.version} of its stream, where {expected} comes next"
            self._damage("versions", row.position, reason)
        self._versions[row.stream] = row.version

    def _content(self, row: AuditRow) -> None:
        """Read the event, and compare what is kept beside it with what it says."""
        stream, topic = row.stream.decode(), row.topic.decode()
        stored = StoredRow(row.position, stream, row.version, topic, row.state, row.recorded_at)
        try:
            recorded = self._codec.recorded(stored)
        except Damaged as wrong:
            self._damage("readable", row.position, str(wrong))
            return
        if row.key != event_key(recorded.source, recorded.id).encode():
            self._damage("keys", row.position, "its key is not its source and id")
        is_term = self._is_term.get(row.topic)
        if is_term is None:
            is_term = self._is_term[row.topic] = int(self._codec.is_term(topic))
        if row.is_term != is_term:
            self._damage("keys", row.position, "it is not marked as the term or fact that it is")
        self._home(recorded, stream)
        for commitment in commitments_in(row.state):
            self.commitments.setdefault(commitment, row.position)

    def _home(self, recorded: Recorded, stream: str) -> None:
        """Let a case or engagement live where its first event went, or the last with a place."""
        subject = recorded.event.subject()
        if subject is None:
            return
        names = recorded.event.names()
        if subject not in self.homes or "package" in names or "contract" in names:
            self.homes[subject] = stream


def roots_of_events(audit: Audit, sizes: Collection[int]) -> dict[int, bytes]:
    """Return the root of the first events for each size, hashed from the events alone.

    Sizes after an event that is gone, or that cannot be read, are absent.
    """
    roots: dict[int, bytes] = {}
    subtrees: list[bytes] = []
    last = 0
    for size in sorted(sizes):
        while last < size:
            try:
                rows = audit.events(last, min(CHUNK, size - last))
                leaves = [
                    leaf_bytes(row.position, row.recorded_at, row.stream, row.version, *row[3:5])
                    for row in rows
                ]
            except (Damaged, TypeError):
                return roots
            if not rows or rows[-1].position != last + len(rows):
                return roots
            grown = grow(last, subtrees, leaves)
            ends = [*subtrees]
            for position, row in enumerate(grown, last + 1):
                ends = [*ends[: len(peak_positions(position)) - 1], peak(row)]
            subtrees, last = ends, rows[-1].position
        roots[size] = joined(subtrees)
    return roots
