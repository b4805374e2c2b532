"""`cpod trace` on a real ledger: what is recorded, what waits, and what is nowhere."""

import sqlite3

import story
from story import SOURCE, event, spent

from ledger.projections.books.sqlite import SqliteBooks

EVENTS = (
    spent(8, "2025-02-01", "first"),
    spent(1, "2025-02-15", "late"),
    event(
        "event.reversed",
        "2025-04-15",
        id="undo",
        reverses={"source": SOURCE, "id": "first"},
        reason="counted twice",
        authorised_by="ada",
    ),
)


def trace(cpod, identifier, *more):
    return cpod("trace", SOURCE, identifier, "--as-of", "2025-06-30", "--format", "json", *more)


def test_an_event_shows_what_it_posts_and_the_balance_with_and_without_it(cpod):
    story.ledger(cpod, EVENTS)
    found = trace(cpod, "late").json
    assert found["event"]["stream"] == "package:P"
    assert found["event"]["reversed_by"] is None
    (posting,) = found["postings"]
    assert (posting["measure"], posting["quantity"], posting["counts"]) == ("credit", "1", True)
    (balance,) = found["balances"]
    assert (balance["without"]["remaining"], balance["with"]["remaining"]) == ("10", "9")
    assert balance["change"]["consumed"] == "1"


def test_a_reversed_event_and_its_reversal_name_each_other(cpod):
    story.ledger(cpod, EVENTS)
    reversed_, reversal = trace(cpod, "first").json, trace(cpod, "undo").json
    assert reversed_["event"]["reversed_by"]["id"] == "undo"
    assert (reversed_["postings"], reversed_["balances"]) == ([], [])
    assert reversal["event"]["reverses"]["id"] == "first"
    (balance,) = reversal["balances"]
    assert (balance["without"]["remaining"], balance["with"]["remaining"]) == ("1", "9")


def test_before_its_reversal_was_known_the_event_counts(cpod):
    story.ledger(cpod, EVENTS)
    known = len(story.FOUNDATION) + 2
    found = trace(cpod, "first", "--known-at", str(known)).json
    assert found["event"]["reversed_by"] is None
    assert found["balances"][0]["with"]["remaining"] == "1"
    assert trace(cpod, "undo", "--known-at", str(known)).exit == 4


def test_a_refused_line_says_why_and_who_waits_for_what_it_would_bring(cpod):
    story.ledger(cpod)
    bad = story.package("R", [], starts_on="2025-05-01", ends_on="2025-04-01")
    grant = event(
        "entitlement.granted",
        "2025-02-01",
        id="grant",
        package="R",
        entitlement="CREDITS",
        quantity=1,
        reason="x",
    )
    assert cpod("ingest", story.write("bad.jsonl", bad, grant)).exit == 1
    found = trace(cpod, "buy-R").json
    assert found["event"] is None
    assert [row["code"] for row in found["refused"]] == ["bad-period"]
    assert [row["code"] for row in found["waiting"]] == ["unknown-package"]
    table = cpod("trace", SOURCE, "buy-R")
    assert table.exit == 0
    assert "bad-period" in table.out


def test_a_conflict_stands_beside_the_event_that_is_recorded(cpod):
    story.ledger(cpod, EVENTS)
    assert cpod("ingest", story.write("other.jsonl", spent(3, "2025-02-01", "late"))).exit == 1
    found = trace(cpod, "late").json
    assert found["event"] is not None
    assert [row["code"] for row in found["refused"]] == ["conflict"]


def test_what_is_nowhere_is_not_found_and_a_viewer_may_not_ask(cpod):
    story.ledger(cpod, EVENTS)
    assert trace(cpod, "nothing").exit == 4
    assert trace(cpod, "late", "--as", "ada").exit == 3


def test_a_table_shows_where_it_is_and_what_it_moved(cpod):
    story.ledger(cpod, EVENTS)
    ran = cpod("trace", SOURCE, "late", "--as-of", "2025-06-30")
    for text in ("position 11", "package:P", "10 → 9", "What it posts"):
        assert text in ran.out
    assert "reversed by undo" in cpod("trace", SOURCE, "first").out


def test_books_that_cannot_be_written_are_copied(cpod, monkeypatch):
    story.ledger(cpod, EVENTS)
    told = trace(cpod, "late").json
    writing, refused = SqliteBooks.writing, []

    def once(books):
        if not refused:
            refused.append(books)
            raise sqlite3.OperationalError("attempt to write a readonly database")
        return writing(books)

    monkeypatch.setattr(SqliteBooks, "writing", once)
    assert trace(cpod, "late").json == told
    assert refused
