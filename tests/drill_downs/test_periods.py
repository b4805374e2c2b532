"""Consumption in a period: from the start of a day to the as-of, beside the balances."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st
from shops import Shop, examples

from ledger.errors import UsageError

CRED = {"package": "P", "entitlement": "CRED"}


@pytest.fixture
def shop():
    shop = Shop()
    for day, workspace, amount in (("02-01", "w1", 2), ("03-01", "w2", 3), ("03-31", "w1", 1)):
        shop.tell("credit.consumed", day, **CRED, workspace=workspace, credits=amount, service="x")
    shop.tell(
        *("credit.consumed", "2025-02-28T23:30:00Z"), **CRED, workspace="w1", credits=1, service="x"
    )
    opened = {"workspace": "w1", "title": "t", "support_type": "reactive", "contract": "K"}
    for day in ("02-01", "03-05"):
        shop.tell("case.opened", day, case=day, **opened, package="P", entitlement="PRS")
    return shop


def test_a_period_begins_in_the_zone_of_the_contract(shop):
    """Half past eleven of UTC on the last of February is March in Paris."""
    answer = shop.ask("packages", kind="all", as_of="2025-03-30", from_day="2025-03-01")
    assert answer["from"] == "2025-03-01"
    figures = {line["entitlement"]: line for line in answer["packages"][0]["consumables"]}
    assert figures["CRED"]["consumed_in_period"] == "4"
    assert figures["CRED"]["consumed"] == "6"
    assert figures["PRS"]["consumed_in_period"] == "1"


def test_the_summary_counts_what_happened_in_the_period(shop):
    """In all workspaces, in scope, and the cases that were opened."""
    answer = shop.ask("summary", workspaces=["w1"], as_of="2025-03-31", from_day="2025-03-01")
    lines = {line["service"]: line for line in answer["lines"]}
    spent = lines["proactive_credits"]
    assert (spent["consumed_in_period"], spent["consumed_in_scope_in_period"]) == ("5", "2")
    assert (
        lines["problem_resolution"]["cases"],
        lines["problem_resolution"]["cases_in_period"],
    ) == (2, 1)


def test_a_statement_opens_with_the_balance_brought_forward(shop):
    """The lines of the period follow, and end in the same balance."""
    whole = shop.ask("statement", **CRED)["lines"]
    first, *lines = shop.ask("statement", **CRED, from_day="2025-03-01")["lines"]
    assert (first["what"], first["balance"], first["change"]) == ("brought_forward", "8", None)
    assert first["effective_at"] == "2025-02-28T23:00:00Z"
    assert lines == whole[2:]
    assert shop.ask("statement", **CRED, from_day="2024-01-01")["lines"][1:] == whole
    assert shop.ask("statement", **CRED, from_day="2024-01-01")["lines"][0]["balance"] == "0"


@pytest.mark.parametrize("from_day", ["2026-01-01", "yesterday", "2025-02-30"])
def test_a_period_that_cannot_be_is_wrong_usage(shop, from_day):
    """It begins with a day, and not after the as-of."""
    for view in ("summary", "packages"):
        with pytest.raises(UsageError, match="--from"):
            shop.ask(view, from_day=from_day)


def day_before(day):
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def figures(answer):
    """The lines of packages, by their place."""
    return {
        (package["package"], line["entitlement"]): line
        for package in answer["packages"]
        for line in package["consumables"]
    }


def exact(quantity):
    """A quantity in billionths, which is how far an answer is rounded."""
    return int(Decimal(quantity).scaleb(9))


@examples(0.6)
@given(data=st.data())
def test_a_period_is_the_difference_of_two_dates(data):
    """What was consumed in it is what was by its end, less what was the day before it began.

    A package that was not there that day is left out: what came for it earlier counts once it is
    there, and not in the period.
    """
    shop = Shop()
    drawn = data.draw(worlds.worlds())
    shop.events = [event for event in drawn if event["type"] != "entitlement.withdrawn"]
    days = sorted(
        {worlds.instant_text(time)[:10] for time in worlds.times_and_days(shop.events)[0]}
    )
    first, last = sorted((data.draw(st.sampled_from(days)), data.draw(st.sampled_from(days))))
    scope = data.draw(worlds.scopes(shop.events)) or ()
    question = {"kind": "all", "state": "all", "workspaces": scope}
    with shop.held() as ledger:
        now = figures(ledger.ask("packages", as_of=last, from_day=first, **question))
        before = figures(ledger.ask("packages", as_of=day_before(first), **question))
    for place in now.keys() & before.keys():
        line = now[place]
        for figure in ("consumed", "consumed_in_scope", "delivered_hours"):
            expected = exact(line[figure]) - exact(before[place][figure])
            assert abs(exact(line[f"{figure}_in_period"]) - expected) <= 2
