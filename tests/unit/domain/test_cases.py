"""One case: its debits at every turn, what it looks like, who may see it, what was never opened."""

import pytest
from histories import History, instant

from ledger.domain.deliveries.case import fold_case
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.values.quantities import MINUTE, SCALE

PLACE = {"package": "P", "entitlement": "E"}
OPENING = {"workspace": "W", "title": "T", "support_type": "reactive", **PLACE}
DAY = 86_400 * 10**9
START = instant("2025-06-01T00:00:00Z")
WHY = {"reason": "r"}


def told(*steps):
    """The fold of (day, step, data): day 0 is the first of June; one day may hold several."""
    history = History()
    for number, step, *data in steps:
        history.add(f"case.{step}", START + number * DAY, case="C", **(data[0] if data else {}))
    return fold_case(history.in_order())


def opened(number=0, **more):
    return (number, "opened", {**OPENING, **more})


def labour(number, minutes):
    return (number, "labour_recorded", {"minutes": minutes})


def moves(derived):
    """Every posting: day, event, entitlement, measure, units (minutes of labour), turn."""
    return [
        (
            (p.effective_at - START) // DAY,
            p.position,
            p.entitlement,
            p.measure,
            p.amount // (SCALE if p.measure == "case" else MINUTE),
            p.turn,
        )
        for p in derived.postings
    ]


def test_a_case_is_one_case_and_its_minutes_each_at_its_time():
    derived = told(opened(), labour(1, 10), labour(2, 7), (3, "closed"), labour(4, 1))
    assert moves(derived) == [
        (0, 1, "E", "case", 1, 1),
        (1, 2, "E", "labour", 10, 2),
        (2, 3, "E", "labour", 7, 3),
        (4, 5, "E", "labour", 1, 5),
    ]
    assert {(p.package, p.workspace) for p in derived.postings} == {("P", "W")}
    assert [(one.from_at, one.minutes) for one in derived.labour] == [
        (START + DAY, 10), (START + 2 * DAY, 7), (START + 4 * DAY, 1),
    ]  # fmt: skip


OFF_ON = [
    ("charge_waived", WHY, "charge_restored", WHY),
    ("cancelled", {}, "reopened", {}),
    ("reassigned", {"entitlement": None}, "reassigned", {"entitlement": "E"}),
    ("reassigned", {"package": None}, "reassigned", {"package": "P"}),
]


@pytest.mark.parametrize("off,why,on,back", OFF_ON)
def test_all_its_debits_go_back_and_come_again_as_often_as_they_are_turned(off, why, on, back):
    """Twice off and twice on; what is off already does not go off again."""
    derived = told(
        opened(), labour(1, 10), (2, off, why), (3, off, why), labour(4, 5), (5, on, back),
        (6, on, back), labour(7, 2), (8, off, why), (9, on, back),
    )  # fmt: skip
    assert [move[:5] for move in moves(derived)] == [
        (0, 1, "E", "case", 1), (1, 2, "E", "labour", 10),
        (2, 3, "E", "case", -1), (2, 3, "E", "labour", -10),
        (5, 6, "E", "case", 1), (5, 6, "E", "labour", 10), (5, 6, "E", "labour", 5),
        (7, 8, "E", "labour", 2),
        (8, 9, "E", "case", -1), (8, 9, "E", "labour", -10), (8, 9, "E", "labour", -5),
        (8, 9, "E", "labour", -2),
        (9, 10, "E", "case", 1), (9, 10, "E", "labour", 10), (9, 10, "E", "labour", 5),
        (9, 10, "E", "labour", 2),
    ]  # fmt: skip


def test_a_waiver_and_a_cancellation_each_have_to_end_by_themselves():
    derived = told(
        opened(), (1, "charge_waived", WHY), (2, "cancelled"), (3, "charge_restored", WHY),
        (4, "reopened"),
    )  # fmt: skip
    assert [move[:2] + move[4:5] for move in moves(derived)] == [(0, 1, 1), (1, 2, -1), (4, 5, 1)]
    other = told(
        opened(), (1, "cancelled"), (2, "charge_waived", WHY), (3, "reopened"), (4, "closed"),
        (5, "charge_restored", WHY),
    )  # fmt: skip
    assert [move[:2] + move[4:5] for move in moves(other)] == [(0, 1, 1), (1, 2, -1), (5, 6, 1)]


def test_when_it_moves_its_debits_move_at_that_time():
    """To the same entitlement they do not move; each debit keeps the workspace of its time."""
    derived = told(
        opened(), labour(1, 10), (2, "reassigned", {"workspace": "V"}), labour(3, 5),
        (4, "reassigned", {"entitlement": "F"}), (5, "reassigned", {"entitlement": "F"}),
        (6, "reassigned", {"contract": "K"}), (7, "reassigned", {"package": "Q"}),
    )  # fmt: skip
    assert [(*move[:3], move[4]) for move in moves(derived)] == [
        (0, 1, "E", 1), (1, 2, "E", 10), (3, 4, "E", 5),
        (4, 5, "E", -1), (4, 5, "E", -10), (4, 5, "E", -5),
        (4, 5, "F", 1), (4, 5, "F", 10), (4, 5, "F", 5),
        (7, 8, "F", -1), (7, 8, "F", -10), (7, 8, "F", -5),
        (7, 8, "F", 1), (7, 8, "F", 10), (7, 8, "F", 5),
    ]  # fmt: skip
    assert [p.workspace for p in derived.postings] == [
        *"WWV", *"WWV", *"VVV", *"VVV", *"VVV",
    ]  # fmt: skip
    assert [p.package for p in derived.postings] == [*"PPP", *"PPP", *"PPP", *"PPP", *"QQQ"]


@pytest.mark.parametrize("missing", ["package", "entitlement"])
def test_what_names_half_a_place_owes_nothing(missing):
    derived = told(opened(**{missing: None}), labour(1, 10))
    assert derived.postings == []
    assert [(p.kind, p.position, p.until) for p in derived.placed] == [("case", 1, FOREVER)]


def test_what_was_recorded_before_the_opening_counts_from_it_in_its_order():
    """Right after it: its own labour and a waiver before; a second opening changes nothing."""
    derived = told(
        labour(0, 10), (1, "reassigned", {"entitlement": "F"}), opened(5), labour(6, 5),
        opened(7, entitlement="G"),
    )  # fmt: skip
    assert moves(derived) == [
        (5, 3, "E", "case", 1, 3),
        (5, 1, "E", "labour", 10, 3),
        (5, 2, "E", "case", -1, 3),
        (5, 2, "E", "labour", -10, 3),
        (5, 2, "F", "case", 1, 3),
        (5, 2, "F", "labour", 10, 3),
        (6, 4, "F", "labour", 5, 4),
    ]
    assert [(one.from_at - START) // DAY for one in derived.labour] == [5, 6]
    assert [(p.kind, p.position, (p.effective_at - START) // DAY) for p in derived.placed] == [
        ("unopened", 1, 0), ("unopened", 2, 1), ("case", 2, 5),
    ]  # fmt: skip
    unopened = derived.placed[0]
    assert (unopened.until - START) // DAY == 5
    assert (unopened.opening_contract, unopened.opening_workspace) == (None, "W")


def test_what_comes_at_the_very_instant_of_the_opening_was_never_unopened():
    derived = told(labour(0, 10), opened(0))
    assert [p.kind for p in derived.placed] == ["case"]


def test_what_belongs_to_a_case_never_opened_says_all_that_it_names():
    history = History()
    history.add("case.reassigned", START, case="C", workspace="W", **PLACE)
    history.add("case.labour_recorded", START + 1, case="C", minutes=5)
    derived = fold_case(history.in_order())
    assert (derived.postings, derived.cases, derived.labour) == ([], [], [])
    first, second = derived.placed
    assert first[:7] == (START, FOREVER, 1, "unopened", "P", "E", "W")
    assert second[:7] == (START + 1, FOREVER, 2, "unopened", None, None, None)
    assert first[7:] == second[7:] == (None, None)


def test_where_it_should_count_lasts_until_it_moves_or_is_turned_off():
    derived = told(
        opened(contract="K"), (1, "closed"), (2, "reassigned", {"entitlement": "F"}),
        (3, "cancelled"), (5, "reopened"), (6, "reassigned", {"contract": "L"}),
        (7, "reassigned", {"workspace": "V"}),
    )  # fmt: skip
    shown = [
        ((p.effective_at - START) // DAY, p.until, p.position, p.entitlement, p.workspace)
        for p in derived.placed
    ]
    ends = [START + number * DAY for number in (2, 3, 7)]
    assert shown == [
        (0, ends[0], 1, "E", "W"), (2, ends[1], 3, "F", "W"), (5, ends[2], 3, "F", "W"),
        (7, FOREVER, 3, "F", "V"),
    ]  # fmt: skip
    assert {(p.opening_contract, p.opening_workspace) for p in derived.placed} == {("K", "W")}


def looks(*steps):
    return told(*steps).cases


def test_it_looks_as_it_was_opened_until_something_changes():
    told_at_opening = {
        "contract": "K", "service_code": "SU", "severity": "A", "product": "SQL",
        "primary_contact": "mia",
    }  # fmt: skip
    (row,) = looks(opened(**told_at_opening), labour(1, 5))
    assert row == (
        START, FOREVER, "C", "K", "P", "E", "W", "SU", "reactive", "open", "A", "SQL", "T", "mia",
        "mia", "K", "W", START, None, None,
    )  # fmt: skip
    assert tuple(row.kind) == ("K", "P", "E", "W", "SU", "reactive", "open")


@pytest.mark.parametrize(
    "step,data,field,value",
    [
        ("updated", {"title": "N"}, "title", "N"),
        ("updated", {"title": ""}, "title", ""),
        ("updated", {"severity": "B"}, "severity", "B"),
        ("updated", {"product": "SQL"}, "product", "SQL"),
        ("updated", {"primary_contact": "tom"}, "primary_contact", "tom"),
        ("updated", {"status": "Waiting"}, "source_status", "Waiting"),
        ("reclassified", {"support_type": "advisory", **WHY}, "support_type", "advisory"),
        ("reclassified", {"service_code": "SU", **WHY}, "service_code", "SU"),
        ("reclassified", {"service_code": None, **WHY}, "service_code", None),
        ("reassigned", {"contract": None}, "contract", None),
        ("reassigned", {"contract": "L"}, "contract", "L"),
        ("reassigned", {"workspace": "V"}, "workspace", "V"),
        ("reassigned", {"workspace": None}, "workspace", None),
        ("closed", {}, "status", "closed"),
        ("cancelled", {}, "status", "cancelled"),
    ],
)
def test_each_change_changes_its_own_field_from_its_time(step, data, field, value):
    """A null that clears does; the opening's own fields stay."""
    at_opening = {"contract": "K", "service_code": "X", "severity": "A", "primary_contact": "mia"}
    before, after = looks(opened(**at_opening), (1, step, data))
    assert (before.until, after.from_at, after.until) == (START + DAY, START + DAY, FOREVER)
    assert getattr(after, field) == value
    also = {"closed_at": START + DAY} if step == "closed" else {}
    assert after == before._replace(from_at=START + DAY, until=FOREVER, **{field: value}, **also)
    assert after.opening_contact == "mia"
    assert (after.opening_contract, after.opening_workspace) == ("K", "W")


def test_what_an_update_or_a_reclassification_does_not_name_stays():
    at_opening = {"severity": "A", "product": "SQL", "service_code": "SU"}
    assert len(looks(opened(**at_opening), (1, "updated", {}), (2, "reclassified", WHY))) == 1


def test_its_status_turns_back_and_forth():
    rows = looks(
        opened(), (1, "closed"), (2, "closed"), (3, "reopened"), (4, "cancelled"), (5, "closed"),
        (6, "reopened"), (7, "charge_waived", WHY),
    )  # fmt: skip
    assert [(row.status, row.closed_at and (row.closed_at - START) // DAY) for row in rows] == [
        ("open", None), ("closed", 1), ("closed", 2), ("open", None), ("cancelled", None),
        ("cancelled", 5), ("open", None),
    ]  # fmt: skip


def test_of_two_changes_at_one_instant_the_last_is_seen():
    rows = looks(opened(), (1, "updated", {"title": "A"}), (1, "updated", {"title": "B"}))
    assert [row.title for row in rows] == ["T", "B"]
    assert [row.from_at for row in rows] == [START, START + DAY]
    at_once = looks(opened(), (0, "updated", {"title": "A"}))
    assert [(row.title, row.from_at) for row in at_once] == [("A", START)]


def seen(*steps):
    """Who may see it: (kind, who, from, until), days; None without end."""
    return sorted(
        (s.kind, s.who, (s.from_at - START) // DAY,
         None if s.until == FOREVER else (s.until - START) // DAY)
        for s in told(*steps).shares
    )  # fmt: skip


def test_it_has_one_group_at_a_time_and_any_number_of_users():
    """A new group replaces the one before; the same again changes nothing."""
    assert seen(
        opened(group="g"), (1, "shared", {"user": "a"}), (2, "shared", {"group": "h"}),
        (3, "shared", {"group": "h"}), (4, "shared", {"user": "b"}), (5, "shared", {"user": "a"}),
        (6, "unshared", {"user": "a"}), (7, "unshared", {"user": "a"}),
        (8, "unshared", {"group": "g"}), (9, "shared", {"user": "a"}),
    ) == [
        ("group", "g", 0, 2), ("group", "h", 2, None), ("user", "a", 1, 6), ("user", "a", 9, None),
        ("user", "b", 4, None),
    ]  # fmt: skip


def test_a_user_and_a_group_of_one_name_are_two():
    assert seen(opened(), (1, "shared", {"user": "x"}), (2, "shared", {"group": "x"}),
                (3, "unshared", {"user": "x"})) == [
        ("group", "x", 2, None), ("user", "x", 1, 3),
    ]  # fmt: skip


def test_a_group_shared_before_the_opening_replaces_the_group_of_the_opening():
    assert seen((0, "shared", {"group": "early"}), opened(5, group="g")) == [
        ("group", "early", 5, None)
    ]


def test_what_is_shared_and_unshared_at_one_instant_was_never_seen():
    assert seen(opened(), (1, "shared", {"user": "a"}), (1, "unshared", {"user": "a"})) == []
    assert seen(opened(), (1, "shared", {"group": "g"}), (1, "shared", {"group": "h"})) == [
        ("group", "h", 1, None)
    ]
