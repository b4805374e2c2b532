"""To which subject a fact belongs: keys that differ in one part are two subjects."""

import pytest
from histories import History, event

from ledger.domain.deliveries.subjects import FOLDS, fold_subject, subject_of

CONTACT = {"package": "P", "entitlement": "E", "workspace": "W", "contact": "C"}
COURSE = {"package": "P", "entitlement": "E", "workspace": "W", "learner": "L", "item": "I"}
CHECKED = {"package": "P", "entitlement": "E", "workspace": "W", "technology": "T"}
CHECKED |= {"environment": "N"}
MEMBER = {"group": "G", "workspace": "W", "user": "U"}
CREDIT = {"package": "P", "entitlement": "E", "workspace": "W", "credits": 1}
CASE = {"case": "1", "workspace": "W", "title": "t", "support_type": "reactive"}
ENGAGEMENT = {"engagement": "1", "hours": 1}


@pytest.mark.parametrize(
    "kind,data,parts",
    [
        ("contact.added", CONTACT, ("package", "entitlement", "contact")),
        ("course.started", COURSE, ("learner", "item")),
        ("assessment.configured", CHECKED, ("technology", "environment")),
        ("group.member_added", MEMBER, ("group", "user")),
        ("case.opened", CASE, ("case",)),
        ("workshop.delivered", ENGAGEMENT, ("engagement",)),
    ],
)
def test_each_part_of_a_key_makes_another_subject_and_nothing_else_does(kind, data, parts):
    """One contact on two entitlements of one package is two; in two workspaces it is one."""
    subject = subject_of(event(kind, **data), 7)
    for name in data:
        changed = data | {name: 2 if name == "hours" else "other"}
        if name == "support_type":
            changed[name] = "advisory"
        assert (subject_of(event(kind, **changed), 8) != subject) == (name in parts)
    if len(parts) > 1:
        swapped = data | {parts[-1]: data[parts[-2]], parts[-2]: data[parts[-1]]}
        assert subject_of(event(kind, **swapped), 7) != subject
    kind, _, rest = subject.partition(":")
    assert kind in FOLDS
    assert rest.split("\x1f") == [data[part] for part in parts]


def test_all_kinds_of_engagements_share_one_name_space_that_is_not_that_of_cases():
    engagements = {
        subject_of(event(f"{kind}.delivered", **ENGAGEMENT), 1)
        for kind in ("workshop", "dse", "proactive_service")
    }
    assert len(engagements) == 1
    assert subject_of(event("case.closed", case="1"), 1) not in engagements


def test_a_movement_of_credits_is_a_subject_of_its_own():
    consumed = event("credit.consumed", **CREDIT, service="s")
    assert subject_of(consumed, 7) == "credit:7"
    assert subject_of(consumed, 8) != subject_of(consumed, 7)


def test_a_term_is_no_fact():
    with pytest.raises(TypeError, match=r"contract\.mapped is not a fact"):
        subject_of(event("contract.mapped", contract="K", workspace="W"), 1)


def test_a_subject_is_folded_by_what_its_name_begins_with():
    history = History()
    history.add("credit.consumed", **CREDIT, service="s")
    assert len(fold_subject("credit:1", history.recorded).postings) == 1
    assert not fold_subject("credit:1", []).postings
    for kind in ("contact", "course", "assessment", "case", "engagement", "member"):
        assert fold_subject(f"{kind}:a:b", []) == fold_subject("credit:1", [])
