"""What a viewer may not see changes no byte of any answer that the viewer gets."""

import json

import worlds
from allowed import Allowed
from crowds import NOW, USERS, crowds, dates, ledger_of, questions
from hypothesis import assume, given, settings
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


@settings(max_examples=80)
@given(data=st.data())
def test_a_hidden_case_changes_no_byte(data):
    """Figures, counts, order, pages and errors are the same with it and without it.

    One who administers all of the scope is told what all workspaces consumed: of these figures
    alone, which the contract demands, a case elsewhere is a part.
    """
    drawn = data.draw(crowds())
    # What a transfer may take depends on what was consumed, so that it is itself no secret.
    events = [event for event in drawn if event["type"] != "entitlement.transferred"]
    as_of = data.draw(dates(events))
    wanted = data.draw(worlds.scopes(events)) or ()
    user = data.draw(st.sampled_from(USERS))
    with ledger_of(events) as ledger:
        allowed = Allowed(Knowledge(records(ledger, events)), NOW)
        pages = allowed.pages(user)
        assume(pages)
        scope = set(wanted) or pages
        hidden = [
            case
            for case in CASES
            if not any(
                workspace in scope and allowed.sees_case(user, case, workspace)
                for workspace in allowed.workspaces_ever(case)
            )
        ]
        hidden = [
            case for case in hidden if any(event["data"].get("case") == case for event in events)
        ]
        assume(hidden)
        case = data.draw(st.sampled_from(hidden))
        limited = not all(allowed.is_admin(user, workspace) for workspace in scope)
        with ledger_of(without(events, case)) as other:
            mine, others = (questions(one, as_of, user, list(wanted)) for one in (ledger, other))
        assert mine.keys() == others.keys()
        for name, answer in mine.items():
            told = (answer, others[name])
            if limited or name.startswith("access"):
                assert told[0] == told[1], name
            else:
                assert blanked(told[0]) == blanked(told[1]), name
