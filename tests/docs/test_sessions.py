"""Every session in the documentation is real: played again, it shows what the page says."""

from pathlib import Path

import pytest
from doc_sessions import PAGES, comparable, played, sessions

WITH_SESSIONS = [path for path in PAGES if sessions(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", WITH_SESSIONS, ids=lambda path: path.name)
def test_the_sessions_of_a_page_show_what_it_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert comparable(played(text)) == comparable(text), "make docs"


def test_stamps_seconds_and_line_ends_are_all_that_a_session_may_differ_in() -> None:
    one = "known at 2026-11-22T18:58:49.222848276Z · position 187\n0.30 s.  credits 80"
    other = "known at 2027-01-02T08:00:00.12345Z\nposition 187\n12.05 s. credits   80"
    assert comparable(one) == comparable(other)
    assert comparable("balance 80") != comparable("balance 81")
    assert comparable("2025-06-30T22:40:00Z") != comparable("2025-06-30T22:41:00Z")
