"""Whole answers to the story, as they are kept: `python tests/answers/whole.py` writes them anew.

What is kept was read and compared with the contract; a change of it has to be read again.
"""

import json
import sys
import tempfile
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


def asked(small):
    """What is asked, with the answer or the error, in order."""
    from ledger.errors import CpodError

    for view, question in answers(small):
        try:
            answer = small.ask(view, **question)
        except CpodError as error:
            answer = {"error": error.code, "said": str(error)}
        yield f"{view} {json.dumps(question)}", answer


def written(found):
    """Answers as they are kept: one line for each."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in found
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from small_ledger import small_ledger
    from story import tell

    with tempfile.TemporaryDirectory() as folder, small_ledger(Path(folder)) as ledger:
        tell(ledger)
        KEPT.write_text(written(asked(ledger)), "utf-8")
