"""Copying: a ledger to another place, row for row, so that every root and every answer stays.

What is copied is read of one moment, whoever writes meanwhile. Before the copy is there for
anybody, its events are hashed anew, and have to come to the root of the original.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Final

from ledger.audit.check.events import roots_of_events
from ledger.errors import Damaged
from ledger.projections.books.location import shelf_of
from ledger.proof.merkle import joined, peak, peak_positions
from ledger.storage.audit import Audit
from ledger.storage.copy_target import Aside, Receiver, free_place, receiving
from ledger.storage.opening import assert_creatable
from ledger.storage.urls import without_password

CHUNK: Final = 5_000
"""Events that are copied at a time."""

Progress = Callable[[int], None]
"""Is told the position that has been reached."""


def copy_ledger(
    audit: Audit, url: str, *, dry_run: bool = False, on_progress: Progress | None = None
) -> dict[str, object]:
    """Copy what an audit reads to a new ledger at a URL; return what was copied.

    A dry run hashes the events, sees that a ledger could be made there, and copies nothing. Raises
    UsageError where there is a ledger already, Damaged where events are not what their hashes say.
    """
    head, root = audit.head(), _root_of_hashes(audit)
    if dry_run:
        free_place(url)
        assert_creatable(url)
        _assert_root(audit, head.position, root)
    else:
        with receiving(url, audit.ledger_id()) as receiver:
            _copy_events(audit, receiver, head.position, on_progress)
            receiver.take_aside(head, _aside(audit))
            with closing(receiver.audit()) as copy:
                _assert_root(copy, head.position, root)
            shelf_of(url).discard()
    return {
        "copied_to": without_password(url),
        "ledger_id": audit.ledger_id(),
        "position": head.position,
        "root": b64encode(root).decode(),
        "quarantine": sum(1 for _ in audit.held()),
        "seals": len(audit.seals()),
        "register": len(audit.register()),
        "persons": sum(1 for _ in audit.persons()),
    }


def _copy_events(audit: Audit, receiver: Receiver, last: int, on_progress: Progress | None) -> None:
    after = 0
    while after < last:
        rows = audit.events(after, min(CHUNK, last - after))
        until = after + len(rows)
        if not rows or rows[-1].position != until:
            raise Damaged("an event after position {after} is gone: see `cpod check`", after=after)
        receiver.take_events(rows, audit.nodes(after, until))
        after = until
        if on_progress is not None:
            on_progress(after)


def _aside(audit: Audit) -> Aside:
    return Aside(
        homes=_homes(audit),
        lines=audit.quarantine(),
        last_held=audit.last_held(),
        seals=audit.seals(),
        entries=audit.entries(),
        persons=audit.persons(),
        texts=audit.texts(),
    )


def _homes(audit: Audit) -> Iterator[tuple[str, str]]:
    for subject, stream in audit.homes():
        yield subject.decode(), stream.decode()


def _root_of_hashes(audit: Audit) -> bytes:
    """Return the root that the stored hashes of a ledger come to."""
    positions = peak_positions(audit.head().position)
    return joined([peak(row) for row in audit.nodes_at(positions)])


def _assert_root(audit: Audit, size: int, root: bytes) -> None:
    """Compare the root with that of the events, hashed again. Raises Damaged."""
    found = roots_of_events(audit, [size]).get(size)
    if found != root or _root_of_hashes(audit) != root:
        raise Damaged(
            "the events do not come to the root of the ledger, and nothing was copied: "
            "see `cpod check`"
        )
