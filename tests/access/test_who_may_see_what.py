"""A viewer's rows are those that a second, simpler predicate allows, in any world and crowd."""

import json

import worlds
from allowed import Allowed
from crowds import NOW, USERS, asked, crowds, dates, examples, ledger_of
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle, Record
from oracle.knowledge import Knowledge

from ledger.errors import NotAllowed


def records(ledger, events):
    """What the ledger holds, as the oracle reads it."""
    sent = {(event["source"], event["id"]): event for event in events}
    held = map(ledger.codec.recorded, ledger.log.read(0, limit=10**6))
    return [Record(row.position, row.recorded_at, sent[row.source, row.id]) for row in held]


def ask(ledger, view, **question):
    """The answer of a view, None where it is not allowed."""
    try:
        return ledger.ask(view, **question)
    except NotAllowed:
        return None


@examples(0.8)
@given(data=st.data())
def test_rows_are_those_that_the_predicate_allows(data):
    """Case rows, learners and everything with a workspace: no row more, and no row less."""
    events = data.draw(crowds())
    with ledger_of(events) as ledger:
        held = records(ledger, events)
        oracle, allowed = Oracle(held), Allowed(Knowledge(held), NOW)
        as_of = data.draw(dates(events))
        wanted = data.draw(worlds.scopes(events))
        user = data.draw(st.sampled_from(USERS))
        question = {"as_of": as_of, "viewer": user, "workspaces": wanted or ()}
        pages = allowed.pages(user)
        answer = ask(ledger, "cases", **question, which="all")
        if not pages or not set(wanted or ()) <= pages:
            assert answer is None
            return
        scope = set(wanted or pages)
        limited = not all(allowed.is_admin(user, workspace) for workspace in scope)
        rows = [
            row["case"]
            for row in oracle.cases(as_of, workspaces=sorted(scope), which="all")["rows"]
            if allowed.sees_case(user, row["case"], row["workspace"])
        ]
        assert sorted(row["case"] for row in answer["rows"]) == sorted(rows)
        assert (answer["limited"], answer["total"]) == (limited, len(rows))
        check_lists(ledger, question, rows)
        check_other_rows(ledger, question, scope)
        check_learners(ledger, question, scope, allowed)
        check_figures(ledger, question, limited=limited)


def check_lists(ledger, question, visible):
    """The lists and counts of cases are made of the visible rows."""
    additional = ledger.ask("additional", **question)
    main = ledger.ask("cases", **question)
    names = {row["case"] for row in additional["cases"]} | {row["case"] for row in main["rows"]}
    assert names <= set(visible)
    assert sum(service["cases"] for service in additional["services"]) == additional["total"]
    lines = ledger.ask("summary", **question)["lines"]
    assert sum(line["cases"] for line in lines) <= main["total"]


def check_other_rows(ledger, question, scope):
    """What has a workspace is in one of the scope; a contract shows none but those."""
    for view in ("engagements", "assessments", "education"):
        assert {row["workspace"] for row in ledger.ask(view, **question)["rows"]} <= scope
    assert {row["workspace"] for row in ledger.ask("workspaces", **question)["workspaces"]} <= scope
    for row in ledger.ask("credits", **question)["rows"]:
        assert row["workspace"] in {None, *scope}
    for row in ledger.ask("contacts", **question)["rows"]:
        assert row["workspaces"]
        assert set(row["workspaces"]) <= scope
    for contract in ledger.ask("contracts", **question)["contracts"]:
        assert contract["workspaces"]
        assert set(contract["workspaces"]) <= scope


def check_learners(ledger, question, scope, allowed):
    """Others see themselves, and the totals of everybody; no contract that is not theirs."""
    user, seen = question["viewer"], ledger.ask("education", **question)
    whole = ledger.ask("education", as_of=question["as_of"], workspaces=sorted(scope))
    assert seen["totals"] == whole["totals"]
    shown = {contract["contract"] for contract in ledger.ask("contracts", **question)["contracts"]}
    assert {row["contract"] for row in seen["rows"]} <= {None, *shown}
    assert [row | {"contract": None} for row in seen["rows"]] == [
        row | {"contract": None}
        for row in whole["rows"]
        if row["learner"] == user or allowed.sees_learners(user, row["workspace"])
    ]


def check_figures(ledger, question, *, limited):
    """Figures that cases feed are null for one who does not see all of them, and others are not."""
    hidden = ("consumed", "consumed_in_scope", "used_elsewhere", "expired", "remaining")
    hidden += ("available", "overage")
    lines = [*ledger.ask("summary", **question)["lines"]]
    for package in ledger.ask("packages", **question, kind="all", state="all")["packages"]:
        lines += package["consumables"]
    for line in lines:
        if limited and line["unit"] in {"case", "hour"}:
            assert [line[figure] for figure in hidden] == [None] * len(hidden)
        else:
            assert line["consumed"] is not None


@examples(0.8)
@given(data=st.data())
def test_access_who_names_those_who_see_the_case_when_they_ask(data):
    """What `access who` says of a case is what every user finds, by the rules of the predicate."""
    events = data.draw(crowds())
    with ledger_of(events) as ledger:
        allowed = Allowed(Knowledge(records(ledger, events)), NOW)
        for case in ("C1", "C2", "C3"):
            told = asked(ledger, "access_who", case=case)
            if not told.startswith("{"):
                assert not any(event["data"].get("case") == case for event in events)
                continue
            answer = json.loads(told)
            seen = set()
            for user in USERS:
                rows = ask(ledger, "cases", viewer=user, which="all", case=case)
                seen |= {user} if rows is not None and rows["rows"] else set()
            assert {row["user"] for row in answer["users"]} == seen
            for row in (*answer["users"], *answer["without_page"]):
                assert allowed.sees_case(row["user"], case, answer["workspace"])
                assert bool(row["page"]) == allowed.page(row["user"], answer["workspace"])


@examples(0.5)
@given(data=st.data())
def test_access_show_says_what_a_user_opens(data):
    """The workspaces, pages and rows that `access show` promises are those of the predicate."""
    events = data.draw(crowds())
    user = data.draw(st.sampled_from(USERS))
    with ledger_of(events) as ledger:
        allowed = Allowed(Knowledge(records(ledger, events)), NOW)
        answer = ledger.ask("access_show", user=user)
        assert set(answer["groups"]) == allowed.groups(user)
        opened = {row["workspace"] for row in answer["workspaces"] if row["page"]}
        assert opened == allowed.pages(user)
        for row in answer["workspaces"]:
            learners = allowed.sees_learners(user, row["workspace"])
            assert (row["learners"] == "all") == (row["page"] and learners)
            assert row["administrator"] == allowed.is_admin(user, row["workspace"])
