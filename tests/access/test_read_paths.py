"""Every view and every other way to read: none reads without a scope, none tells of strangers."""

import dataclasses

import pytest
from crowds import asked, ledger_of
from houses import WORD, two_houses

from ledger.ledger import Ledger
from ledger.projections import ask as asking
from ledger.projections.question import Question
from ledger.projections.views import VIEWS

VIEWERS = ("ada", "wim", "cas", "vic", "lou", "nobody")
DATES = {"as_of": "2025-12-31"}
OF_THE_OPERATOR = {
    *("codec", "created", "url", "log"),
    *("open", "create", "close", "status", "rebuild", "change_role"),
    *("ingest", "follow", "ingest_from_broker"),
    *("register_exports", "exports"),
    *(
        "seal",
        "to_be_sealed",
        "prove",
        "prove_report",
        "prove_consistency",
        "position_of",
        "check",
        "back_up",
        "copy_to",
        "position",
    ),
    *("trace", "replay", "cloudevents", "journal", "correct", "erase", "rehearse"),
    *("quarantine_list", "quarantine_show", "quarantine_retry", "quarantine_drop"),
}
"""What the face has beside `ask`: the command line refuses `--as` there, or it answers nothing."""


def named(word):
    """Every question that names something, by names that bear a word."""
    package, entitlement = f"{word}-addon", f"{word}-PRS"
    place = {"package": package, "entitlement": entitlement}
    return [
        {},
        {"kind": "all", "state": "all"},
        {"which": "all"},
        {"workspaces": [f"{word}-1"]},
        {"contracts": [f"{word}-K"]},
        {"contracts": [f"{word}-L"]},
        {"packages": [package]},
        {"package": package},
        {"package": package, "entitlement": f"{word}-none"},
        place,
        {"package": package, "entitlement": f"{word}-CRED"},
        {"case": f"{package} {word}-1 PRS"},
        {"case": f"{package} {word}-1 PRS", "which": "all"},
        {"user": f"{word}-zoe"},
        {"search": word, "which": "all"},
        {"search": word},
        {"contact": f"{word}-contact", "which": "all"},
        {"severity": f"{word} B", "which": "all"},
        {"product": f"{word} SQL", "which": "all"},
    ]


def takes(view, question):
    """Whether a view can be asked this: a chart is of a package."""
    return view != "chart" or "package" in question


@pytest.fixture(scope="module")
def ledger():
    with ledger_of(two_houses()) as ledger:
        assert ledger.quarantine_list()["rows"] == []
        yield ledger


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_no_answer_tells_of_another_customer(ledger, view, viewer):
    """Asked by a name of the other customer, it is as if nothing of that name existed."""
    for question, nameless in zip(named(WORD), named("NOSUCH"), strict=True):
        if not takes(view, question):
            continue
        told = asked(ledger, view, viewer=viewer, **DATES, **question)
        untold = asked(ledger, view, viewer=viewer, **DATES, **nameless)
        assert told.replace(WORD, "NOSUCH") == untold
        if not question:
            assert WORD not in told


@pytest.mark.parametrize("view", VIEWS)
def test_the_operator_is_told_of_everybody(ledger, view):
    """The word is there to be seen, so that the test above can fail."""
    answers = [
        asked(ledger, view, **DATES, **question)
        for question in named(WORD)
        if takes(view, question)
    ]
    assert any(answer.startswith("{") and WORD in answer for answer in answers)


class Watched:
    """Something to be read only once a scope was asked."""

    def __init__(self, value, watch):
        self._value, self._watch = value, watch

    def __getattr__(self, name):
        assert self._watch["asked"], f"{name} is read before the scope was asked"
        return getattr(self._value, name)

    def __call__(self, *given):
        assert self._watch["asked"], "events are read before the scope was asked"
        return self._value(*given)


class Asked:
    """A scope that notes when it is asked."""

    def __init__(self, scope, watch):
        self._scope, self._watch = scope, watch

    def __getattr__(self, name):
        self._watch["asked"] = True
        return getattr(self._scope, name)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("viewer", [None, *VIEWERS])
def test_no_view_reads_before_it_has_asked_the_scope(ledger, monkeypatch, view, viewer):
    """Whatever a view is asked, it asks the scope before it reads books, events or shares."""

    def watched(**parts):
        watch = {"asked": False}
        for name in ("books", "events", "stream", "shares"):
            parts[name] = Watched(parts[name], watch)
        return Question(**parts | {"scope": Asked(parts["scope"], watch)})

    monkeypatch.setattr(asking, "Question", watched)
    for question in [*named("north"), *named(WORD)]:
        if takes(view, question):
            asked(ledger, view, viewer=viewer, **DATES, **question)


def test_a_question_cannot_be_made_without_a_scope():
    """There is no default that sees everything."""
    fields = {field.name: field for field in dataclasses.fields(Question)}
    assert fields["scope"].default is dataclasses.MISSING
    assert fields["scope"].default_factory is dataclasses.MISSING


def test_every_other_way_to_read_is_known_to_be_of_the_operator():
    """What the face offers beside `ask` stands in one list; a new way to read is decided upon."""
    offered = {name for name in dir(Ledger) if not name.startswith("_")} | {"codec", "created"}
    assert offered - {"ask", "diff"} == OF_THE_OPERATOR
