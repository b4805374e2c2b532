"""What is drawn beside a world: how many worlds, two dates, a scope, an order of arrival."""

import worlds
from hypothesis import settings
from hypothesis import strategies as st
from oracle.civil import instant
from playing import records


def examples(share=1.0):
    """Settings of a property: a share of the examples that the profile asks for."""
    return settings(max_examples=max(1, round(settings.default.max_examples * share)))


def a_question(data, ledger, events):
    """Two dates and a scope that can be asked of a ledger, and a basis of expiry."""
    held = records(ledger, events)
    asked = data.draw(worlds.questions(events, len(held)), label="question")
    scope = data.draw(worlds.scopes(events), label="scope")
    known = workspaces_known(held, asked["known_at"])
    return asked | {
        "workspaces": [name for name in scope if name in known] or None if scope else None,
        "basis": data.draw(st.sampled_from(("as-of", "case-opened")), label="basis"),
    }


def workspaces_known(held, known_at):
    """The workspaces that are recorded by a position."""
    return {
        record.event["data"]["workspace"]
        for record in held
        if record.event["type"] == "workspace.created"
        and (known_at is None or record.position <= known_at)
    }


def is_fact(event):
    """Whether an event is a fact: it is always appended."""
    kind = event["type"].split(".")[0]
    return kind not in {"workspace", "role", "contract", "package", "entitlement", "event"}


@st.composite
def arrivals(draw, events):
    """Another order of arrival: terms keep theirs, and so does all that happens at one instant."""
    lots = draw(st.permutations(range(len(events))))
    waiting, arrived = list(zip(lots, events, strict=True)), []
    while waiting:
        free = {lot: event for place, (lot, event) in enumerate(waiting) if is_free(waiting, place)}
        arrived.append(free[min(free)])
        waiting.remove((min(free), free[min(free)]))
    return arrived


def is_free(waiting, place):
    """Whether nothing that has to arrive before an event is still waiting."""
    _, event = waiting[place]
    return not any(
        instant(other["time"]) == instant(event["time"]) or not (is_fact(event) or is_fact(other))
        for _, other in waiting[:place]
    )
