"""One who can write the file, and knows how it is made: guards dropped, hashes made anew."""

import shutil
import sqlite3
from contextlib import contextmanager

from ledger.proof.leaf import leaf_bytes
from ledger.proof.merkle import grow
from ledger.storage.hash_blocks import rows_between


@contextmanager
def behind(path):
    """The file without its guards, and with them again at the end: whatever was done, stays."""
    file = sqlite3.connect(path, isolation_level=None)
    try:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("BEGIN")
        guards = file.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        for _, text in guards:
            file.execute(text)
        file.execute("COMMIT")
    finally:
        file.close()


def copy_of(path, folder):
    """A copy of a ledger's file, for one try."""
    target = folder / "try.db"
    for suffix in ("", "-wal", "-shm", "-books", "-books-wal", "-books-shm"):
        (folder / f"try.db{suffix}").unlink(missing_ok=True)
    shutil.copy(path, target)
    return target


def hash_anew(file):
    """Make every hash, and the counter, so that they fit what the events are now."""
    rows = file.execute(
        "SELECT position, recorded_at, originator_id, originator_version, topic, state"
        " FROM events ORDER BY position"
    ).fetchall()
    leaves = [
        leaf_bytes(position, at, stream.encode(), version, topic.encode(), state)
        for position, at, stream, version, topic, state in rows
    ]
    file.execute("DELETE FROM nodes")
    file.executemany("INSERT INTO nodes VALUES (?, ?)", enumerate(grow(0, [], leaves), 1))
    file.execute("UPDATE counter SET last_position = ?, last_recorded_at = ?", rows[-1][:2])


def take_apart(file):
    """Let every row of nodes stand by itself: that is how one event at a time would have it."""

    def ask(statement, values):
        return file.execute(statement, values).fetchall()

    rows = rows_between(0, 2**62, ask)
    file.execute("DELETE FROM nodes")
    file.executemany("INSERT INTO nodes VALUES (?, ?)", rows)


def forget_seals(file, above=-1):
    """Take away the seals over more than so many events, and the trace that they were there."""
    file.execute("DELETE FROM seals WHERE size > ?", (above,))
    file.execute(
        "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(number), 0) FROM seals)"
        " WHERE name = 'seals'"
    )
