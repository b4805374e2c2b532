"""What a viewer may not see changes no byte of any answer that the viewer gets."""

import json

from allowed import Allowed
from crowds import NOW, USERS, crowds, dates, examples, ledger_of, questions
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle.knowledge import Knowledge
from test_who_may_see_what import records

CASES = ("C1", "C2", "C3")
OF_ALL_WORKSPACES = {  # so that remaining is true, as the contract of the views demands
    *("consumed", "used_elsewhere", "expired", "remaining", "available", "overage"),
    *("consumed_in_period",),
}


def without(events, case):
    """The same events, but those of a case made into others of which nothing ever comes."""
    inert = {"group": "nobody", "workspace": "nowhere", "user": "nobody"}
    return [
        {**event, "type": "group.member_added", "data": inert}
        if event["data"].get("case") == case
        else event
        for event in events
    ]


def blanked(answer):
    """An answer without the figures that count all workspaces, where cases feed them."""
    if not answer.startswith("{"):
        return answer
    return json.dumps(_blanked(json.loads(answer)))


def _blanked(part):
    if isinstance(part, list):
        return [_blanked(item) for item in part]
    if not isinstance(part, dict):
        return part
    fed = part.get("unit") in {"case", "hour"}
    if fed and "lines" in part:
        return {**part, "lines": None}
    return {
        key: None if fed and key in OF_ALL_WORKSPACES else _blanked(value)
        for key, value in part.items()
    }


@examples(0.6)
@given(data=st.data())
def test_a_hidden_case_changes_no_byte(data):
    """Figures, counts, order, pages and errors are the same with it and without it.

    One who administers all of the scope is told what all workspaces consumed: of these figures
    alone, which the contract demands, a case elsewhere is a part.
    """
    drawn = data.draw(crowds())
    # What a transfer may take depends on what was consumed, so that it is itself no secret.
    events = [event for event in drawn if event["type"] != "entitlement.transferred"]
    with ledger_of(events) as ledger:
        allowed = Allowed(Knowledge(records(ledger, events)), NOW)
        user = a_viewer(data, allowed)
        pages = sorted(allowed.pages(user))
        some = st.lists(st.sampled_from(pages), min_size=1, unique=True)
        wanted = data.draw(st.just([]) | some)
        scope = wanted or pages
        hidden = hidden_cases(allowed, events, user, scope)
        assume(hidden)
        case = data.draw(st.sampled_from(hidden))
        as_of = data.draw(dates(events))
        with ledger_of(without(events, case)) as other:
            mine, others = (questions(one, as_of, user, wanted) for one in (ledger, other))
        limited = not all(allowed.is_admin(user, workspace) for workspace in scope)
        assert mine.keys() == others.keys()
        for name, answer in mine.items():
            if limited or name.startswith("access"):
                assert answer == others[name], name
            else:
                assert blanked(answer) == blanked(others[name]), name


def a_viewer(data, allowed):
    """A user to whom at least one page opens."""
    viewers = [user for user in USERS if allowed.pages(user)]
    assume(viewers)
    return data.draw(st.sampled_from(viewers))


def hidden_cases(allowed, events, user, scope):
    """The cases that a user may not see, in whatever workspace of the scope they ever are."""
    told = {event["data"].get("case") for event in events}
    return [
        case
        for case in CASES
        if case in told
        and not any(
            workspace in scope and allowed.sees_case(user, case, workspace)
            for workspace in allowed.workspaces_ever(case)
        )
    ]
