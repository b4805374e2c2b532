"""Whole answers: every field of every view, for a story in which everything happens."""

import json

import pytest
from comparing import ask_oracle, differences
from oracle import Oracle
from playing import ask_everything, records
from small_ledger import small_ledger
from story import tell
from whole import KEPT, answers, asked

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


def test_every_answer_is_the_one_that_is_kept(told):
    """Byte for byte as they were read when they were kept: `python tests/answers/whole.py`."""
    kept = json.loads(KEPT.read_text("utf-8"))
    found = dict(asked(told))
    assert list(found) == list(kept)
    for name, answer in found.items():
        assert json.dumps(answer) == json.dumps(kept[name]), name


@pytest.mark.parametrize("when", WHEN, ids=str)
def test_the_oracle_tells_the_same_story(told, when):
    held = records(told.ledger, told.sent)
    assert differences(ask_oracle(Oracle(held), **when), ask_everything(told.ledger, **when)) == []


def test_every_view_is_asked(told):
    from ledger.projections.views import VIEWS

    assert {view for view, _ in answers(told)} == set(VIEWS)
