"""Books are a cache: where they are damaged, the answer comes from the events, and is the same."""

import json
from pathlib import Path

from ledger import Ledger

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


def test_an_answer_does_not_depend_on_pages_of_the_books_that_are_damaged(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    with Ledger.create(url) as ledger:
        (tmp_path / "lines").write_text("\n".join(map(str_of, range(300))))
        ledger.ingest([str(tmp_path / "lines")])
        first = ledger.ask("additional", as_of="2025-12-31")
        assert len(first["cases"]) == 300
    books = Path(f"{tmp_path}/a.db-books")
    with books.open("r+b") as file:
        size = file.seek(0, 2)
        for page in range(size // PAGE // 2, size // PAGE):  # what opening them does not look at
            file.seek(page * PAGE)
            file.write(b"\xff" * 64)
    with Ledger.open(url) as ledger:
        assert ledger.ask("additional", as_of="2025-12-31") == first


def str_of(number):
    return json.dumps(sent(number))
