"""Rehearsing: a dry run is judged in a transaction like any run's, which is then rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ledger.storage.log import Log, Writer


class _Undo(Exception):
    """Ends a rehearsal, so that its transaction is rolled back."""


@contextmanager
def transaction(log: Log, *, dry_run: bool) -> Iterator[Writer]:
    """Give a transaction: it commits when the block ends, a dry run's is rolled back."""
    with suppress(_Undo), log.writing() as writer:
        yield writer
        if dry_run:
            raise _Undo
