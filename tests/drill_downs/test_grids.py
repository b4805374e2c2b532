"""Sorting, searching, dates and pages: one way for all rows, and nothing lost between pages."""

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from shops import Shop, examples

from ledger.errors import NotFound, UsageError

ROWS = {
    "cases": "rows",
    "additional": "cases",
    "engagements": "rows",
    "credits": "rows",
    "education": "rows",
    "contacts": "rows",
    "assessments": "rows",
}


@pytest.fixture(scope="module")
def ledger():
    """Forty cases with many ties, and some rows of every other kind."""
    shop = Shop()
    place = {"contract": "K", "package": "P", "entitlement": "PRS"}
    for number in range(40):
        day = f"0{1 + number % 3}-0{1 + number % 2}"
        here = {"case": f"C{number:02}", "workspace": f"w{1 + number % 2}"}
        told = {"title": f"Trouble {number % 7}", "support_type": "reactive"}
        if number % 4:
            told["severity"] = "ABC"[number % 3]
        if number % 3 == 0:
            told |= {"product": "SQL", "primary_contact": "mia"}
        shop.tell("case.opened", day, **here, **told, **(place if number % 5 else {}))
        if number % 6 == 0:
            shop.tell("case.labour_recorded", "04-01", case=here["case"], minutes=10 * number + 10)
    for number in range(6):
        here = {"workspace": f"w{1 + number % 2}", "package": "P"}
        shop.tell("contact.added", "03-01", **here, entitlement="SEATS", contact=f"mia{number % 3}")
        shop.tell(
            *("credit.consumed", "03-02"),
            **here,
            entitlement="CRED",
            credits=f"0.{number + 1}",
            service="Check",
        )
        course = {"learner": f"lea{number % 2}", "item": f"AZ-{number}"}
        shop.tell("course.started", "03-03", **here, entitlement="COURSES", **course)
        checked = {"technology": f"T{number % 2}", "environment": f"E{number}"}
        shop.tell("assessment.configured", "03-04", **here, entitlement="ODA", **checked)
        planned = {"engagement": f"E{number}", "title": "Day", "quantity": number}
        shop.tell("workshop.scheduled", "03-05", **here, entitlement="SHOPS", **planned)
    with shop.ledger() as ledger:
        yield ledger


def ask(ledger, view, **question):
    return ledger.ask(view, as_of="2025-12-31", **question)


def pages(ledger, view, limit, **question):
    """All rows of a view, fetched page by page."""
    rows, after = [], None
    while True:
        answer = ask(ledger, view, limit=limit, after=after, **question)
        rows += answer[ROWS[view]]
        assert len(answer[ROWS[view]]) <= limit
        after = answer.get("next")
        if after is None:
            return rows
        assert len(answer[ROWS[view]]) == limit


@pytest.mark.parametrize("view", ROWS)
def test_every_column_sorts_both_ways_and_rows_without_a_value_come_last(ledger, view):
    """The same rows in every order; what has no value stands at the end either way."""
    whole = ask(ledger, view)
    assert whole["total"] == len(whole[ROWS[view]])
    assert "next" not in whole
    for column in whole[ROWS[view]][0]:
        up = ask(ledger, view, sort=column)[ROWS[view]]
        down = ask(ledger, view, sort=f"-{column}")[ROWS[view]]
        for rows in (up, down):
            assert sorted(map(str, rows)) == sorted(map(str, whole[ROWS[view]]))
            empty = [row[column] is None for row in rows]
            assert empty == sorted(empty)
        values = [row[column] for row in up if row[column] is not None]
        assert [row[column] for row in down if row[column] is not None] == values[::-1]


@pytest.mark.parametrize("view", ROWS)
def test_pages_are_the_whole_whatever_the_order(ledger, view):
    """Pages of any size, one after the other, are the rows of the answer in one piece."""
    for sort in (None, *ask(ledger, view)[ROWS[view]][0]):
        for order in (sort,) if sort is None else (sort, f"-{sort}"):
            whole = ask(ledger, view, sort=order)[ROWS[view]]
            for limit in (1, 7, 1000):
                assert pages(ledger, view, limit, sort=order) == whole


def test_quantities_sort_as_numbers_and_instants_as_instants(ledger):
    """Ten comes after nine."""
    hours = [row["hours"] for row in ask(ledger, "cases", sort="hours")["rows"]]
    assert list(map(float, hours)) == sorted(map(float, hours))
    opened = [row["opened_at"] for row in ask(ledger, "cases", sort="-opened_at")["rows"]]
    assert opened == sorted(opened, reverse=True)


def test_ties_are_broken_by_the_id_in_either_direction(ledger):
    """Rows that are equal in the column stand by id, so that every order is total."""
    for sort in ("severity", "-severity"):
        rows = ask(ledger, "cases", which="all", sort=sort)["rows"]
        keys = [(row["severity"], row["case"]) for row in rows]
        for severity in {key[0] for key in keys}:
            ids = [case for value, case in keys if value == severity]
            assert ids == sorted(ids)


def test_a_search_looks_at_every_text_and_at_no_capital(ledger):
    """It finds a title, an id, a place, a reason; numbers and dates are no text."""
    assert ask(ledger, "cases", which="all", search="tROUBLE 3")["total"] == 6
    assert ask(ledger, "cases", which="all", search="c07")["rows"][0]["case"] == "C07"
    assert ask(ledger, "additional", search="MISSING_CON")["total"] == 8
    assert ask(ledger, "contacts", search="w2")["total"] == 3
    assert ask(ledger, "cases", which="all", search="2025-03")["total"] == 0
    assert ask(ledger, "cases", which="all", search="")["total"] == 40


def test_the_counts_of_services_are_of_the_whole(ledger):
    """Neither a page nor a search narrows them; a contract asked for does."""
    for narrowed in ({}, {"limit": 2}, {"search": "c05"}, {"since": "2025-02-01"}):
        answer = ask(ledger, "additional", **narrowed)
        assert [service["cases"] for service in answer["services"]] == [0, 8]
    with pytest.raises(NotFound):
        ask(ledger, "additional", contracts=["K-none"])
    assert ask(ledger, "additional", contracts=["K"])["services"][1]["cases"] == 0


def test_dates_are_inclusive_and_end_in_the_zone_of_the_row(ledger):
    """A day of a case on contract K is one of Paris; an instant is that instant."""
    whole = ask(ledger, "cases", which="all")["rows"]
    for since, until in (("2025-02-01", "2025-02-02"), ("2025-02-02T12:00:00Z", None)):
        rows = ask(ledger, "cases", which="all", since=since, until=until)["rows"]
        last = f"{until}T23:00:00Z" if until else "9"
        wanted = [row for row in whole if since <= row["opened_at"] <= last]
        assert rows == wanted
        assert rows


def test_cases_are_chosen_by_severity_status_product_and_contact(ledger):
    """Each is matched as it stands."""
    whole = ask(ledger, "cases", which="all")["rows"]
    chosen = {"severity": "A", "status": "open", "product": "SQL", "contact": "mia"}
    for name, value in chosen.items():
        column = "primary_contact" if name == "contact" else name
        rows = ask(ledger, "cases", which="all", **{name: value})["rows"]
        assert rows == [row for row in whole if row[column] == value]
        assert rows
    assert ask(ledger, "cases", which="all", **chosen)["total"] > 0
    assert ask(ledger, "cases", which="all", status="closed")["rows"] == []


@pytest.mark.parametrize(
    "view,wrong,told",
    [
        ("cases", {"sort": "colour"}, "severity, product, title"),
        ("contacts", {"sort": "-"}, "contact, name, email"),
        ("cases", {"limit": 0}, "--limit"),
        ("cases", {"after": "?"}, "--after"),
        ("cases", {"after": "W10"}, "--after"),
        ("cases", {"after": "WyIiLFsiYSJdLFsiYiJdXQ"}, "--after"),
        ("cases", {"since": "yesterday"}, "--since yesterday"),
        ("cases", {"until": "2025-02-30"}, "no such day"),
        ("engagements", {"severity": "A"}, "--severity"),
        ("credits", {"contact": "mia"}, "--contact"),
        ("engagements", {"entitlement": "SHOPS"}, "--package"),
    ],
)
def test_what_a_view_cannot_take_is_wrong_usage(ledger, view, wrong, told):
    """One sentence says what it takes."""
    with pytest.raises(UsageError, match=told):
        ask(ledger, view, **wrong)


def test_a_cursor_is_of_one_order(ledger):
    """Handed to another order it is refused, rather than skipping rows."""
    cursor = ask(ledger, "cases", limit=1)["next"]
    with pytest.raises(UsageError, match="--sort"):
        ask(ledger, "cases", limit=1, after=cursor, sort="title")


def test_a_place_is_known_by_the_terms_or_by_a_row(ledger):
    """A contract that is not recorded is not found, unless a case names it."""
    assert ask(ledger, "engagements", contracts=["K"], package="P")["total"] == 6
    for unknown in ({"contracts": ["K-none"]}, {"package": "P-none"}):
        with pytest.raises(NotFound):
            ask(ledger, "engagements", **unknown)
    with pytest.raises(NotFound):
        ask(ledger, "engagements", package="P", entitlement="NONE")


@examples(0.6)
@given(data=st.data())
def test_pages_of_any_world_are_its_rows(data):
    """However small the world, however nasty the ids: no row twice, and none left out."""
    shop = Shop()
    shop.events = data.draw(worlds.worlds())
    view = data.draw(st.sampled_from(sorted(ROWS)))
    as_of = data.draw(worlds.questions(shop.events, 0))["as_of"]
    with shop.held() as ledger:
        whole = ledger.ask(view, as_of=as_of)[ROWS[view]]
        sort = data.draw(st.sampled_from([None, *(whole[0] if whole else ())]))
        question = {"as_of": as_of, "sort": sort, "limit": data.draw(st.integers(1, 3))}
        rows, answer = [], {"next": None}
        while "next" in answer:
            answer = ledger.ask(view, **question, after=answer["next"])
            rows += answer[ROWS[view]]
        assert rows == ledger.ask(view, as_of=as_of, sort=sort)[ROWS[view]]
        assert sorted(map(str, rows)) == sorted(map(str, whole))
