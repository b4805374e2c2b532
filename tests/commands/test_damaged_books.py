"""Books are a cache: where they are damaged, the answer comes from the events, and is the same."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from ledger import Ledger
from ledger.errors import Damaged
from ledger.projections.books.lock import Hold

PAGE = 4096


def sent(number):
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": "urn:desk",
        "type": "case.opened",
        "time": "2025-03-01T10:00:00Z",
        "data": {
            "case": f"C{number}",
            "workspace": "W",
            "title": "t" * 200,
            "support_type": "reactive",
        },
    }


@pytest.fixture
def damaged(tmp_path):
    """A ledger whose books have damaged pages, where opening them does not look; and an answer."""
    url = f"sqlite:///{tmp_path}/a.db"
    with Ledger.create(url) as ledger:
        (tmp_path / "lines").write_text("\n".join(json.dumps(sent(n)) for n in range(300)))
        ledger.ingest([str(tmp_path / "lines")])
        first = ledger.ask("additional", as_of="2025-12-31")
        assert len(first["cases"]) == 300
    with Path(f"{tmp_path}/a.db-books").open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(size // PAGE // 2, size // PAGE):
            file.seek(page * PAGE)
            file.write(b"\xff" * 64)
    return url, first


def test_an_answer_does_not_depend_on_books_that_are_damaged(damaged):
    """It costs time once: who finds the damage makes the books anew."""
    url, first = damaged
    with Ledger.open(url) as ledger:
        assert ledger.ask("additional", as_of="2025-12-31") == first
        assert ledger.check(books=True)["ok"]


def test_nor_where_others_use_them(damaged, tmp_path):
    """The file is theirs, and stays: the answer comes from the events."""
    url, first = damaged
    with closing(Hold(tmp_path / "a.db-books")), Ledger.open(url) as ledger:
        before = (tmp_path / "a.db-books").stat().st_ino
        assert ledger.ask("additional", as_of="2025-12-31") == first
        assert (tmp_path / "a.db-books").stat().st_ino == before


def test_what_goes_out_in_pieces_says_what_to_do(damaged, tmp_path):
    """A journal that was begun cannot be begun again."""
    url, _ = damaged
    with Ledger.open(url) as ledger:
        with pytest.raises(Damaged, match="`cpod rebuild` makes them anew"):
            ledger.trace("urn:desk", "e299")
        assert ledger.rebuild() == {"position": 300}
        assert ledger.trace("urn:desk", "e299")["event"]["position"] == 300
