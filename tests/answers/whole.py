"""Whole answers to the story, as they are kept: `python tests/answers/whole.py` writes them anew.

What is kept was read and compared with the contract; a change of it has to be read again.
"""

import json
import sys
import tempfile
from functools import partial
from pathlib import Path

KEPT = Path(__file__).with_name("whole.json")
LATE, EARLY = "2025-05-31", "2025-03-04T12:00:00.5Z"
GRIDS = ("cases", "engagements", "credits", "education", "contacts", "assessments")
PLACES = ("E", "H", "CR", "WS", "CO", "SE", "AS", "N")


def answers(small):
    """Every view, to the operator and to viewers, at dates and positions."""
    yield from views(as_of=LATE)
    for view in ("contracts", "workspaces"):
        yield view, {"as_of": LATE}
    yield "summary", {"as_of": LATE, "from_day": "2025-03-04"}
    yield "cases", {"as_of": LATE, "which": "all"}
    yield "report", {"as_of": LATE, "contracts": ["K"]}
    yield "history", {"as_of": LATE, "contracts": ["K"]}
    yield "history", {"as_of": LATE, "case": "C1"}
    for entitlement in PLACES:
        place = {"package": "P", "entitlement": entitlement}
        for view in ("statement", "explain", "chart"):
            yield view, {"as_of": LATE, **place}
    edge = "2025-05-31T15:00:00Z"  # some lots of credits end, and one starts
    for as_of in (edge, "2025-05-31T14:59:59.999999999Z", "2025-06-01"):
        for view in ("statement", "explain"):
            yield view, {"as_of": as_of, "package": "P", "entitlement": "CR"}
    for as_of in ("2024-06-01", "2025-11-30", "2025-12-01", "2026-01-01"):
        for view in ("statement", "explain", "chart"):
            for package, entitlement in (("P", "AS"), ("P", "CR"), ("Q", "D"), ("Q", "E")):
                yield view, {"as_of": as_of, "package": package, "entitlement": entitlement}
    yield from views(as_of=EARLY)
    yield from views(as_of=LATE, workspaces=["V"])
    yield "packages", {"as_of": LATE, "known_at": small.ledger.position - 12, "kind": "all"}
    for viewer in ("bob", "eve", "mia"):
        for view in ("summary", "cases", "education", "contacts", "credits", "contracts"):
            yield view, {"viewer": viewer, "as_of": LATE}
        yield "statement", {"viewer": viewer, "as_of": LATE, "package": "P", "entitlement": "CR"}
        yield "access_show", {"user": viewer}
    for case in ("C1", "C3"):
        yield "access_who", {"case": case}


def views(**question):
    """The views that are asked for every date and scope."""
    for view in ("summary", "additional", *GRIDS):
        yield view, question
    yield "packages", {**question, "kind": "all", "state": "all"}
    if "workspaces" not in question:
        yield "unplaced", {**question, "everything": True}


CASES = (
    *({"support_type": kind} for kind in ("advisory", "reactive", "other")),
    *({"case": case} for case in ("C2", "C4", "C9")),
    *({"severity": "B"}, {"status": "closed"}, {"status": "open"}, {"product": "SQL"}),
    *({"contact": "bob"}, {"search": "FIRST of"}, {"search": "norm"}, {"search": "zebra"}),
    *(
        {"since": "2025-02-13"},
        {"until": "2025-02-13"},
        {"since": "2025-02-13", "until": "2025-02-13"},
    ),
    *({"since": "2025-02-13T10:00:00Z"}, {"since": "2025-02-13T10:00:00.000000001Z"}),
    *({"until": "2025-02-13T10:00:00Z"}, {"until": "2025-02-13T09:59:59.999999999Z"}),
    *({"sort": "title"}, {"sort": "-title"}, {"sort": "severity"}, {"sort": "-severity"}),
    *({"sort": "hours"}, {"sort": "-over_cap"}, {"contracts": ["K"]}, {"contracts": ["L"]}),
    *({"packages": ["P"]}, {"package": "P", "entitlement": "E"}, {"entitlement": "E"}),
    *({"package": "P", "entitlement": "X"}, {"packages": ["X"]}, {"contracts": ["X"]}),
    *({"sort": "nothing"}, {"limit": 0}, {"since": "soon"}, {"until": "later"}, {"after": "x"}),
)
"""What the grid of all cases is narrowed to; of these answers the ids are kept."""


def questions(small):
    """What is asked, by its name, and how to ask it: an error is an answer, too."""
    for view, question in answers(small):
        yield f"{view} {json.dumps(question)}", partial(answered, small.ask, view, **question)
    for question in CASES:
        yield f"ids {json.dumps(question)}", partial(ids, small, **question)
    for sort in ("", "title", "-severity"):
        yield f"pages of 2, {sort}", lambda sort=sort: list(pages(small, sort))
    yield from explained(small.ledger)


def ids(small, **question):
    """The ids of cases that a question shows, or why it is refused."""
    found = answered(small.ask, "cases", as_of=LATE, which="all", **question)
    return found.get("said") or [row["case"] for row in found["rows"]]


def answered(ask, *words, **question):
    """An answer, or the error that is raised in its place."""
    from ledger.errors import CpodError

    try:
        return ask(*words, **question)
    except CpodError as error:
        return {"error": error.code, "said": str(error)}


def pages(small, sort):
    """The ids of all cases, two a page, each page with what leads to the next, until none does."""
    question = {"as_of": LATE, "which": "all", "limit": 2, "sort": sort or None, "after": None}
    while True:
        found = small.ask("cases", **question)
        yield [*(row["case"] for row in found["rows"]), found.get("next")]
        if "next" not in found:
            return
        question["after"] = found["next"]


def explained(ledger):
    """What is said of answers: what changed between two, what events do, and all as a journal."""
    last = ledger.position
    for before, after in ((EARLY, LATE), (f"{LATE}@{last - 12}", LATE), (LATE, EARLY)):
        yield f"diff {before} {after}", partial(answered, ledger.diff, before, after)
    yield "diff of W", partial(answered, ledger.diff, EARLY, LATE, viewer="bob")
    place = {"packages": ["P"], "entitlement": "H"}
    yield "diff of H", partial(answered, ledger.diff, EARLY, LATE, **place)
    for number in (8, 17, 42, 46, 62, last, last + 1):
        told = partial(answered, ledger.trace, "urn:small", f"e{number}", as_of=LATE)
        yield f"trace e{number}", told
    yield "replay", partial(replayed, ledger, as_of=LATE)
    one = {"case": "C1", "first": 18, "until": last - 1}
    yield "replay of C1", partial(replayed, ledger, as_of=EARLY, **one)
    yield "journal", partial(journal, ledger)
    yield "sent", partial(sent, ledger)


def replayed(ledger, **question):
    walked = ledger.replay(**question)
    return {**walked.head, "events": list(walked.events)}


def journal(ledger):
    lines = []
    head = ledger.journal(lines.append, as_of=LATE, contracts=["K"])
    return {**head, "text": "".join(lines).splitlines()}


def sent(ledger):
    events = ledger.cloudevents(as_of=EARLY, packages=["P"])
    return [json.loads(event)["id"] for event in events]


def written(found):
    """Answers as they are kept: one line for each."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in found
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from small_ledger import small_ledger
    from whole_story import tell

    with tempfile.TemporaryDirectory() as folder, small_ledger(Path(folder)) as ledger:
        tell(ledger)
        found = ((name, ask()) for name, ask in questions(ledger))
        KEPT.write_text(written(found), "utf-8")
