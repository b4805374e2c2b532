"""Whole answers: every field of every view, for a story in which everything happens."""

import json

import pytest
from comparing import ask_oracle, differences
from oracle import Oracle
from playing import ask_everything, records
from small_ledger import small_ledger
from whole import KEPT, answers, questions
from whole_story import tell

WHEN = (
    *({"as_of": day} for day in ("2025-02-06", "2025-03-04", "2025-05-31", "2025-12-31")),
    {"as_of": "2025-05-31", "known_at": 60, "workspaces": ["V"]},
    {"as_of": "2025-03-04T12:00:00.5Z", "basis": "case-opened"},
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    with small_ledger(tmp_path_factory.mktemp("story")) as small:
        tell(small)
        yield small


WHOLE = json.loads(KEPT.read_text("utf-8"))
KINDS = dict.fromkeys(name.split()[0] for name in WHOLE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_is_the_one_that_is_kept(told, kind):
    """Byte for byte as they were read when they were kept: `python tests/answers/whole.py`."""
    asked = {name: ask for name, ask in questions(told) if name.split()[0] == kind}
    assert list(asked) == [name for name in WHOLE if name.split()[0] == kind]
    for name, ask in asked.items():
        assert json.dumps(ask()) == json.dumps(WHOLE[name]), name


@pytest.mark.parametrize("when", WHEN, ids=str)
def test_the_oracle_tells_the_same_story(told, when):
    held = records(told.ledger, told.sent)
    assert differences(ask_oracle(Oracle(held), **when), ask_everything(told.ledger, **when)) == []


def test_every_view_is_asked(told):
    from ledger.projections.views import VIEWS

    assert {view for view, _ in answers(told)} == set(VIEWS)
