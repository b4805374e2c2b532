"""Wherever a ledger stands, it gives the same answers, byte for byte, and has the same root."""

from contextlib import closing

import pytest
from drawing import a_question, examples
from hypothesis import given
from hypothesis import strategies as st
from playing import a_folder, ask_everything, in_bytes, played, send
from postgres_server import schema_url
from worlds import worlds

from ledger import Ledger
from ledger.projections.books import catch_up as catching_up

MORE = {
    "specversion": "1.0",
    "source": "urn:more",
    "type": "case.opened",
    "time": "2025-02-03T10:00:00Z",
}


@examples(0.1)
@given(events=worlds(), chunk=st.integers(1, 9), data=st.data())
def test_a_ledger_on_postgresql_answers_as_one_in_a_file(postgres_server, events, chunk, data):
    """Every answer, now and as known before, is the same bytes; the books pass their check."""
    with (
        a_folder() as folder,
        played(events, f"sqlite:///{folder}/l.db") as file,
        pytest.MonkeyPatch.context() as patch,
        played(events, schema_url(postgres_server)) as ledger,
    ):
        patch.setattr(catching_up, "CHUNK", chunk)
        for known_at in (None, max(1, ledger.position // 2)):
            asked = a_question(data, file, events) | {"known_at": known_at}
            asked["workspaces"] = None if known_at else asked["workspaces"]
            expected = in_bytes(ask_everything(file, **asked))
            assert in_bytes(ask_everything(ledger, **asked)) == expected
        assert ledger.check(books=True) == file.check(books=True)
        assert ledger.rebuild(check=True)["differences"] == []


def opened(number, title):
    data = {"case": f"C{number}", "workspace": "W", "title": title, "support_type": "reactive"}
    return MORE | {"id": str(number), "data": data}


def test_texts_that_postgresql_cannot_hold_are_answered_as_they_came(postgres_url, tmp_path):
    """U+0000 and its like in free text come back as they were, and sort as they do elsewhere."""
    titles = ["plain", "\x00", "a\x00b", "\x01", "\x01\x01", "\x01\x02\x00", "\\x00 \t\n", "😀\x00"]
    answers = []
    for url in (f"sqlite:///{tmp_path}/l.db", postgres_url):
        with Ledger.create(url, clock=lambda: 1_800_000_000 * 10**9, randomness=bytes) as ledger:
            send(ledger, [opened(number, title) for number, title in enumerate(titles)])
            answers.append(ledger.ask("cases", which="all", sort="title"))
            assert ledger.check(books=True)["ok"]
            with closing(ledger._keeping.copy()) as books:
                rows = books.rows("SELECT title FROM cases ORDER BY title")
            assert [title for (title,) in rows] == sorted(titles)
    assert answers[0] == answers[1]
    assert sorted(row["title"] for row in answers[0]["rows"]) == sorted(titles)


def test_the_longest_ids_have_their_place(postgres_url):
    """Ids of 200 characters that take four bytes each fit every index."""
    long = {name: chr(0x1F600 + place) * 200 for place, name in enumerate("WKPEC")}
    common = {"starts_on": "2025-01-01", "ends_on": "2025-12-31", "name": "n"}
    line = {"entitlement": long["E"], "service": "support_contacts", "class": "consumable"}
    lines = [line | {"name": "n", "unit": "seat", "quantity": 3}]
    package = {"package": long["P"], "contract": long["K"], "kind": "addon"}
    data = {
        "workspace.created": {"workspace": long["W"], "customer": "A", "name": "n"},
        "contract.signed": {"contract": long["K"], "customer": "A", **common},
        "package.purchased": {**package, **common, "entitlements": lines},
        "contact.added": {
            "package": long["P"],
            "entitlement": long["E"],
            "workspace": long["W"],
            "contact": long["C"],
        },
    }
    events = [
        MORE | {"id": f"{place}" * 200, "source": "s" * 200, "type": kind, "data": each}
        for place, (kind, each) in enumerate(data.items())
    ]
    with Ledger.create(postgres_url) as ledger:
        assert send(ledger, events).appended == len(events)
        answer = ledger.ask("packages", as_of="2025-06-01")
        assert answer["packages"][0]["consumables"][0]["consumed"] == "1"
