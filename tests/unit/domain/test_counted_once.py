"""Contacts, courses, assessments, credits, groups: what counts once, and its second occurrences."""

import pytest
from histories import History, instant

from ledger.domain.deliveries.assessment import fold_assessment
from ledger.domain.deliveries.contact import fold_contact
from ledger.domain.deliveries.course import fold_course
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.deliveries.singles import fold_credit, fold_membership
from ledger.domain.values.quantities import SCALE

DAY = 86_400 * 10**9
START = instant("2025-06-01T00:00:00Z")
PLACE = {"package": "P", "entitlement": "E"}


def told(fold, common, *steps):
    """A fold of (day, type, data), with what all of them say."""
    history = History()
    for number, kind, *data in steps:
        history.add(kind, START + number * DAY, **{**common, **(data[0] if data else {})})
    return fold(history.in_order())


def days(value):
    """An instant as a day; None for what has not ended."""
    return None if value in {None, FOREVER} else (value - START) // DAY


def moves(derived):
    return [
        (days(p.effective_at), p.position, p.package, p.workspace, p.measure, p.amount // SCALE)
        for p in derived.postings
    ]


# contacts


def contact(*steps):
    common = {**PLACE, "workspace": "W", "contact": "mia"}
    return told(fold_contact, common, *[(n, f"contact.{kind}", *rest) for n, kind, *rest in steps])


V = {"workspace": "V"}


def test_a_contact_takes_one_seat_in_however_many_workspaces():
    """From the first that it enters to the last that it leaves; twice the same is once."""
    derived = contact(
        (0, "added"), (1, "added"), (2, "added", V), (3, "removed"), (4, "removed"),
        (5, "removed", V), (6, "removed", V), (7, "added", V),
    )  # fmt: skip
    assert [(move[0], move[1], move[3], move[5]) for move in moves(derived)] == [
        (0, 1, "W", 1), (5, 6, "V", -1), (7, 8, "V", 1),
    ]  # fmt: skip
    assert {move[4] for move in moves(derived)} == {"seat"}
    assert [(days(p.from_at), days(p.until), p.workspace) for p in derived.presences] == [
        (0, 3, "W"), (2, 5, "V"), (7, None, "V"),
    ]  # fmt: skip
    assert {(p.place, p.who) for p in derived.presences} == {("P\x1fE", "mia")}
    assert [(days(p.effective_at), days(p.until), p.position, p.kind) for p in derived.placed] == [
        (0, 5, 1, "seat"), (7, None, 8, "seat"),
    ]  # fmt: skip


def test_a_contact_that_leaves_at_the_instant_at_which_it_came_was_not_there():
    """The postings cancel out; nothing lasts for no time."""
    derived = contact((0, "added"), (0, "removed"))
    assert [move[5] for move in moves(derived)] == [1, -1]
    assert (derived.presences, derived.placed, derived.contacts) == ([], [], [])


def test_a_contact_that_was_never_added_leaves_nothing():
    derived = contact((0, "removed", {"name": "Mia"}))
    assert (derived.postings, derived.presences, derived.placed) == ([], [], [])
    assert derived.contacts == []


def test_a_contact_keeps_its_name_until_another_is_given_and_since_when_it_is_there():
    """Added again without leaving it is there since before; after leaving, since it came back."""
    derived = contact(
        (0, "added", {"name": "Mia", "email": "m@x"}), (1, "added", {"name": "Mia B"}),
        (2, "added", {"email": "b@x"}), (3, "removed"), (4, "added"),
    )  # fmt: skip
    rows = [
        (days(row.from_at), days(row.until), row.name, row.email, days(row.since))
        for row in derived.contacts
    ]
    assert rows == [
        (0, 1, "Mia", "m@x", 0), (1, 2, "Mia B", "m@x", 0), (2, 3, "Mia B", "b@x", 0),
        (4, None, "Mia B", "b@x", 4),
    ]  # fmt: skip
    (row,) = contact((0, "added")).contacts
    assert row[2:] == ("P", "W", "mia", None, None, "W", "P", "E", START)


def test_each_workspace_has_rows_of_its_own():
    derived = contact((0, "added", {"name": "A"}), (1, "added", V), (2, "removed"))
    rows = [
        (row.workspace, row.name, days(row.from_at), days(row.until)) for row in derived.contacts
    ]
    assert rows == [("W", "A", 0, 2), ("V", None, 1, None)]


# courses and assessments


COURSE = {"workspace": "W", "learner": "lea", "item": "AZ"}
CHECK = {"workspace": "W", "technology": "AD", "environment": "prod"}
OTHER = {"package": "P", "entitlement": "F"}
KINDS = [
    (fold_course, COURSE, "course.started", "course.completed", "activity", "courses"),
    (
        fold_assessment,
        CHECK,
        "assessment.configured",
        "assessment.run",
        "assessment",
        "assessments",
    ),
]


@pytest.mark.parametrize("fold,common,begin,goes_on,measure,rows", KINDS)
def test_what_begins_counts_at_its_first_beginning_on_each_entitlement(
    fold, common, begin, goes_on, measure, rows
):
    """Half a place is no place: it should count once, and nothing is posted."""
    half = {"package": "P"}
    derived = told(
        fold, common, (0, goes_on, PLACE), (1, begin, PLACE), (2, begin, PLACE), (3, begin, OTHER),
        (4, begin), (5, begin, half), (6, begin, {"entitlement": "E"}), (7, begin, OTHER),
    )  # fmt: skip
    posted = [(p.effective_at, p.position, p.entitlement, p.amount) for p in derived.postings]
    assert posted == [(START + DAY, 2, "E", SCALE), (START + 3 * DAY, 4, "F", SCALE)]
    assert {p.measure for p in derived.postings} == {measure}
    assert [(p.position, p.kind, p.until, p.entitlement) for p in derived.placed] == [
        (2, measure, FOREVER, "E"), (4, measure, FOREVER, "F"), (5, measure, FOREVER, None),
    ]  # fmt: skip


@pytest.mark.parametrize("half", [{"package": "P"}, {"entitlement": "E"}])
@pytest.mark.parametrize("fold,common,begin,goes_on,measure,rows", KINDS)
def test_half_a_place_is_none(fold, common, begin, goes_on, measure, rows, half):
    derived = told(fold, common, (0, begin, half), (1, begin))
    assert (derived.postings, len(derived.placed)) == ([], 1)


@pytest.mark.parametrize("fold,common,begin,goes_on,measure,rows", KINDS)
def test_what_names_no_place_belongs_to_what_began_last_in_its_workspace(
    fold, common, begin, goes_on, measure, rows
):
    """Begun last, not told of last; elsewhere, or where nothing began, it is by itself."""
    derived = told(
        fold, common, (0, begin, PLACE), (1, begin, OTHER), (2, goes_on, PLACE), (3, goes_on),
        (4, goes_on, V), (5, goes_on, V),
    )  # fmt: skip
    found = {}
    for row in getattr(derived, rows):
        found.setdefault((row.workspace, row.entitlement), []).append(days(row.from_at))
    assert found == {
        ("W", "E"): [0, 2], ("W", "F"): [1, 3], ("V", None): [4, 5],
    }  # fmt: skip


@pytest.mark.parametrize("fold,common,begin,goes_on,measure,rows", KINDS)
def test_of_two_that_began_at_one_instant_the_first_is_meant(
    fold, common, begin, goes_on, measure, rows
):
    derived = told(fold, common, (0, begin, OTHER), (0, begin, PLACE), (1, goes_on))
    found = [(row.entitlement, days(row.from_at)) for row in getattr(derived, rows)]
    assert found == [("F", 0), ("F", 1), ("E", 0)]


@pytest.mark.parametrize("fold,common,begin,goes_on,measure,rows", KINDS)
def test_what_only_goes_on_is_not_begun_last(fold, common, begin, goes_on, measure, rows):
    """What has no beginning of its own takes nothing in."""
    derived = told(fold, common, (0, goes_on, PLACE), (1, goes_on))
    assert [row.entitlement for row in getattr(derived, rows)] == ["E", None]
    began = told(fold, common, (0, goes_on, PLACE), (1, begin, {**PLACE, **V}), (2, goes_on, V))
    row = getattr(began, rows)[-1]
    assert (row.workspace, row.entitlement) == ("V", "E")


def course(*steps):
    return told(fold_course, COURSE, *[(n, f"course.{kind}", *rest) for n, kind, *rest in steps])


def test_a_course_is_told_step_by_step():
    """Started twice is two attempts since the first; the last score and descriptions count."""
    about = {"title": "T", "item_type": "path", "product": "Az", "level": "2", "language": "fr"}
    rows = course(
        (0, "completed", {**PLACE, "score": "1.50"}), (1, "started", {**PLACE, **about}),
        (2, "started", {**PLACE, "level": "3"}), (3, "completed", {**PLACE, "score": 0}),
        (4, "completed", PLACE),
    ).courses  # fmt: skip
    assert [(days(row.from_at), days(row.until)) for row in rows] == [
        (0, 1), (1, 2), (2, 3), (3, 4), (4, None),
    ]  # fmt: skip
    assert [days(row.started_at) for row in rows] == [None, 1, 1, 1, 1]
    assert [row.attempts for row in rows] == [0, 1, 2, 2, 2]
    assert [days(row.completed_at) for row in rows] == [0, 0, 0, 3, 4]
    assert [days(row.last_activity_at) for row in rows] == [0, 1, 2, 3, 4]
    assert [row.score for row in rows] == ["1.5", "1.5", "1.5", "0", "0"]
    assert [row.level for row in rows] == [None, "2", "3", "3", "3"]
    last = rows[-1]
    assert (last.title, last.item_type, last.product, last.language) == ("T", "path", "Az", "fr")
    assert (last.learner, last.item, last.package) == ("lea", "AZ", "P")
    assert (last.zone_package, last.zone_workspace) == ("P", "W")


def test_a_course_is_in_the_workspace_in_which_it_was_first_started():
    rows = course(
        (0, "completed", PLACE), (1, "started", {**PLACE, **V}), (2, "started", PLACE)
    ).courses
    assert [row.workspace for row in rows] == ["W", "V", "V"]
    assert {row.zone_workspace for row in rows} == {"W"}


def test_an_assessment_is_told_step_by_step():
    """Configured twice is once; runs add up; removed, and configured again."""
    steps = (
        (0, "run", {"findings": 7}), (1, "configured", {"quality_index": "0.50", **V}),
        (2, "configured", {"findings": 8}), (3, "run", {"findings": 0}), (4, "run", {}),
        (5, "removed", {}),
        (6, "run", {"quality_index": 0}), (7, "configured", {}),
    )  # fmt: skip
    rows = told(
        fold_assessment,
        {**CHECK, **PLACE},
        *[(n, f"assessment.{kind}", data) for n, kind, data in steps],
    ).assessments
    assert [days(row.configured_at) for row in rows] == [None, 1, 1, 1, 1, 1, 1, 1]
    assert [days(row.last_run_at) for row in rows] == [0, 0, 0, 3, 4, 4, 6, 6]
    assert [row.runs for row in rows] == [1, 1, 1, 2, 3, 3, 4, 4]
    assert [row.state for row in rows] == [*["configured"] * 5, "removed", "removed", "configured"]
    assert [row.findings for row in rows] == [7, 7, 8, 0, 0, 0, 0, 0]
    assert [row.quality_index for row in rows] == [None, *["0.5"] * 5, "0", "0"]
    assert [row.workspace for row in rows] == ["W", *["V"] * 7]
    assert (rows[0].technology, rows[0].environment) == ("AD", "prod")
    assert (rows[0].zone_package, rows[0].zone_workspace, rows[0].entitlement) == ("P", "W", "E")


def test_what_happens_twice_at_one_instant_and_looks_the_same_is_one_row():
    (row,) = told(
        fold_assessment,
        {**CHECK, **PLACE},
        (0, "assessment.configured"),
        (1, "assessment.configured"),
    ).assessments
    assert (days(row.from_at), row.until) == (0, FOREVER)
    first, second = course(
        (0, "started", PLACE), (0, "started", PLACE), (1, "started", PLACE)
    ).courses
    assert (first.attempts, second.attempts) == (2, 3)


# credits and groups


def test_credits_go_and_come_back_and_their_hours_are_told_beside():
    spent = {**PLACE, "workspace": "W", "credits": "2.5"}
    (consumed,) = told(fold_credit, spent, (0, "credit.consumed", {"service": "s"})).postings
    assert (consumed.measure, consumed.amount / SCALE, consumed.workspace) == ("credit", 2.5, "W")
    refunded = told(fold_credit, spent, (1, "credit.refunded", {"reason": "r"}))
    assert [(p.measure, p.amount / SCALE) for p in refunded.postings] == [("credit", -2.5)]
    with_hours = told(fold_credit, spent, (0, "credit.consumed", {"service": "s", "hours": "1.5"}))
    assert [(p.measure, p.amount / SCALE) for p in with_hours.postings] == [
        ("credit", 2.5), ("credit_hours", 1.5),
    ]  # fmt: skip
    for derived in (refunded, with_hours):
        ((at, until, position, kind, package, entitlement, workspace, *_),) = derived.placed
        assert (until, position, kind) == (FOREVER, 1, "credit")
        assert (package, entitlement, workspace) == ("P", "E", "W")
        assert at in {START, START + DAY}


def member(*steps):
    common = {"group": "g", "workspace": "W", "user": "ada"}
    derived = told(
        fold_membership, common, *[(n, f"group.member_{kind}", *rest) for n, kind, *rest in steps]
    )
    assert {(p.place, p.who) for p in derived.presences} <= {("g", "ada")}
    return [(days(p.from_at), days(p.until)) for p in derived.presences]


def test_a_member_who_is_removed_is_removed_whichever_workspace_is_named():
    """Added in two workspaces and removed in one, or in a third: no longer in the group."""
    assert member((0, "added"), (1, "added", V), (2, "removed", V)) == [(0, 2)]
    assert member((0, "added"), (2, "removed", {"workspace": "X"})) == [(0, 2)]


def test_a_member_joins_and_leaves_as_often_as_told():
    """Twice in is in since the first; out without in is nothing; in and out at once is too."""
    assert member((0, "added"), (1, "added"), (2, "removed"), (3, "removed"), (4, "added")) == [
        (0, 2), (4, None),
    ]  # fmt: skip
    assert member((0, "removed")) == []
    assert member((0, "added"), (0, "removed")) == []
    assert member((0, "removed"), (0, "added")) == [(0, None)]
