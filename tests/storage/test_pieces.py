"""Rows of nodes in pieces: however they were put together, each is found where it lies."""

import sqlite3
from hashlib import sha256
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ledger.proof.merkle import grow
from ledger.storage import hash_blocks as pieces
from ledger.storage.hash_blocks import in_pieces, rows_at, rows_between

ROWS = list(enumerate(grow(0, [], [sha256(b"%d" % n).digest() for n in range(600)]), 1))


@given(
    cuts=st.sets(st.integers(1, 599)),
    gone=st.sets(st.integers(1, 600), max_size=3),
    asked=st.lists(st.integers(-2, 610), max_size=20),
    after=st.integers(-5, 605),
    until=st.integers(-5, 2**62),
)
def test_rows_are_found_however_they_were_put_together(cuts, gone, asked, after, until):
    """Appends of any size make pieces; what is asked of them is what single rows would give."""
    file = sqlite3.connect(":memory:")
    file.execute("CREATE TABLE nodes (position INTEGER PRIMARY KEY, hashes BLOB NOT NULL)")
    edges = [0, *sorted(cuts), 600]
    for first, end in pairwise(edges):
        kept = [row for row in ROWS[first:end] if row[0] not in gone]
        file.executemany("INSERT INTO nodes VALUES (?, ?)", in_pieces(kept))

    def ask(statement, values):
        return file.execute(statement, values).fetchall()

    expected = {position: row for position, row in ROWS if position not in gone}
    assert rows_at(asked, ask) == {at: expected[at] for at in asked if at in expected}
    between = [(at, row) for at, row in expected.items() if after < at <= until]
    assert rows_between(after, until, ask) == between
    ((most,),) = ask("SELECT max(length(hashes)) FROM nodes", ())
    assert most <= 2 * pieces._MOST * 32


def test_an_event_by_itself_makes_a_piece_by_itself():
    """A row that stands alone is stored as it is."""
    assert list(in_pieces(ROWS[7:8])) == [ROWS[7]]
    assert list(in_pieces([])) == []
