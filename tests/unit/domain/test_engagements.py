"""One engagement: what it consumes and holds back, at each step, and what it looks like then."""

import pytest
from histories import History, instant

from ledger.domain.deliveries.engagement import fold_engagement, settle
from ledger.domain.deliveries.rows import FOREVER
from ledger.domain.values.quantities import SCALE

PLACE = {"package": "P", "entitlement": "E", "workspace": "W"}
DAYS = tuple(f"2025-06-{number:02}T00:00:00Z" for number in range(1, 20))


def told(*steps, kind="workshop"):
    """The fold of (step, data), one a day."""
    history = History()
    for time, (step, data) in zip(DAYS, steps, strict=False):
        history.add(f"{kind}.{step}", time, engagement="1", **data)
    return fold_engagement(history.in_order())


def scheduled(quantity, **more):
    return ("scheduled", {**PLACE, "title": "T", "quantity": quantity, **more})


def delivered(hours=0, **more):
    return ("delivered", {"hours": hours, **more})


def cancelled(**more):
    return ("cancelled", more)


def settled(derived, in_balance=lambda _place: True):
    """What was posted, where all places are balances if nothing else is said."""
    return derived.postings or settle(derived.engagement_steps, in_balance)


def posted(derived, measure):
    """What was posted by a measure: (day of June, units)."""
    return [
        ((posting.effective_at - instant(DAYS[0])) // (86_400 * 10**9) + 1, posting.amount / SCALE)
        for posting in settled(derived)
        if posting.measure == measure
    ]


@pytest.mark.parametrize(
    "steps,consumed",
    [
        ((delivered(2, **PLACE),), [(1, 1)]),  # nothing scheduled: one
        ((delivered(2, **PLACE), delivered(2)), [(1, 1)]),  # one less what it has consumed
        ((delivered(2, quantity="0.4", **PLACE), delivered(2)), [(1, 0.4), (2, 0.6)]),
        ((delivered(2, quantity=0, **PLACE), delivered()), [(2, 1)]),
        ((delivered(2, final=False, **PLACE), delivered()), [(2, 1)]),
        ((delivered(2, final=None, **PLACE),), [(1, 1)]),
        ((delivered(2, final=True, **PLACE),), [(1, 1)]),
        ((scheduled(3), delivered()), [(2, 3)]),
        ((scheduled(3), delivered(final=False), delivered()), [(3, 3)]),
        ((scheduled(3), delivered(quantity=1, final=False), delivered()), [(2, 1), (3, 2)]),
        ((scheduled(3), delivered(quantity=5, final=False), delivered()), [(2, 5)]),
        ((scheduled(3), delivered(), delivered()), [(2, 3)]),
        ((scheduled(0), delivered()), []),
        ((scheduled(3), scheduled(1), delivered()), [(3, 1)]),
        ((scheduled(3), delivered(), scheduled(5), delivered()), [(2, 3), (4, 2)]),
        ((scheduled(3), cancelled(charge=1), delivered()), [(2, 1), (3, 2)]),
        ((scheduled(3), cancelled(charge=0), delivered()), [(3, 3)]),
        ((scheduled(3), cancelled(charge=1), scheduled(3), cancelled(charge=2)), [(2, 1), (4, 2)]),
    ],
)
def test_a_final_delivery_consumes_what_is_left_of_the_plan(steps, consumed):
    assert posted(told(*steps), "quantity") == consumed


@pytest.mark.parametrize(
    "steps,quantity,hours",
    [
        ((scheduled(3),), [(1, 3)], [(1, 3)]),
        ((scheduled(3), delivered(1)), [(1, 3), (2, -3)], [(1, 3), (2, -3)]),
        (
            (scheduled(3), delivered(1, quantity=2, final=False)),
            [(1, 3), (2, -2)],
            [(1, 3), (2, -1)],
        ),
        (
            (scheduled(3), delivered(5, quantity=4, final=False), delivered()),
            [(1, 3), (2, -3)],
            [(1, 3), (2, -3)],
        ),
        ((scheduled(3), cancelled()), [(1, 3), (2, -3)], [(1, 3), (2, -3)]),
        ((scheduled(3), cancelled(charge=1)), [(1, 3), (2, -3)], [(1, 3), (2, -3)]),
        ((scheduled(3), cancelled(), cancelled()), [(1, 3), (2, -3)], [(1, 3), (2, -3)]),
        ((scheduled(3), scheduled(1)), [(1, 3), (2, -3), (2, 1)], [(1, 3), (2, -3), (2, 1)]),
        (
            (scheduled(3), cancelled(), scheduled(2), delivered(1)),
            [(1, 3), (2, -3), (3, 2), (4, -2)],
            [(1, 3), (2, -3), (3, 2), (4, -2)],
        ),
        (
            (scheduled(3), cancelled(), delivered(1, quantity=1, final=False)),
            [(1, 3), (2, -3)],
            [(1, 3), (2, -3)],
        ),
        ((delivered(2, **PLACE),), [], []),
        ((cancelled(charge=1),), [], []),
        ((scheduled(0),), [], []),
    ],
)
def test_a_plan_is_held_back_until_it_is_delivered_or_cancelled(steps, quantity, hours):
    """Less what an unfinished delivery consumes, on each track, and never below 0."""
    derived = told(*steps)
    assert posted(derived, "reserved_quantity") == quantity
    assert posted(derived, "reserved_hours") == hours


def test_a_plan_is_held_back_where_it_was_planned_whatever_is_delivered_elsewhere():
    """The delivery names another place: it is consumed there, and freed where it was planned."""
    elsewhere = {"package": "Q", "entitlement": "F", "workspace": "V"}
    derived = told(scheduled(3), delivered(1, final=False, quantity=1, **elsewhere), delivered(2))

    def places(postings):
        return [
            (p.measure, p.package, p.entitlement, p.workspace, p.amount / SCALE)
            for p in postings
            if p.measure in {"quantity", "reserved_quantity"}
        ]

    assert places(settled(derived)) == [
        ("reserved_quantity", "P", "E", "W", 3),
        ("quantity", "Q", "F", "V", 1),
        ("reserved_quantity", "P", "E", "W", -1),
        ("quantity", "Q", "F", "V", 2),
        ("reserved_quantity", "P", "E", "W", -2),
    ]
    assert places(settled(derived, ("P", "E").__eq__)) == [
        ("reserved_quantity", "P", "E", "W", 3),
        ("quantity", "Q", "F", "V", 1),
        ("quantity", "Q", "F", "V", 3),  # what is in no balance has consumed nothing
        ("reserved_quantity", "P", "E", "W", -3),
    ]


def test_a_plan_that_is_moved_is_held_back_in_the_new_place_alone():
    elsewhere = {"package": "Q", "entitlement": "F", "workspace": "V"}
    derived = told(scheduled(3), scheduled(2, **elsewhere))
    held = [(p.package, p.workspace, p.amount / SCALE) for p in settled(derived)]
    assert held == [*[("P", "W", 3)] * 2, *[("P", "W", -3)] * 2, *[("Q", "V", 2)] * 2]


@pytest.mark.parametrize("part", ["package", "entitlement", "workspace"])
def test_a_delivery_that_names_one_part_of_the_place_keeps_the_others(part):
    derived = told(scheduled(1), delivered(1, **{part: "X"}))
    (found,) = [p for p in settled(derived) if p.measure == "quantity"]
    wanted = {**PLACE, part: "X"}
    assert {name: getattr(found, name) for name in PLACE} == wanted
    (placed,) = derived.placed
    assert {name: getattr(placed, name) for name in PLACE} == wanted
    assert (placed.kind, placed.until, placed.effective_at) == (
        *("engagement", FOREVER), instant(DAYS[1]),
    )  # fmt: skip


def test_deliveries_and_charged_cancellations_should_count_and_nothing_else():
    """A schedule and a cancellation for nothing are no deliveries."""
    derived = told(
        scheduled(3), delivered(1, final=False), cancelled(), cancelled(charge=0),
        cancelled(charge=1), delivered(),
    )  # fmt: skip
    assert [placed.position for placed in derived.placed] == [2, 5, 6]


def test_hours_are_delivered_as_they_come_and_a_charge_is_hours_where_hours_count():
    derived = told(scheduled(9), delivered("1.5", final=False), cancelled(charge=2), delivered(1))
    assert posted(derived, "hours") == [(2, 1.5), (3, 2), (4, 1)]
    assert posted(derived, "delivered") == [(2, 1.5), (4, 1)]


# what it looks like


def looks(*steps, **more):
    return told(*steps, **more).engagements


@pytest.mark.parametrize(
    "steps,states",
    [
        ((scheduled(1), delivered()), ["scheduled", "delivered"]),
        (
            (scheduled(1), delivered(final=False), delivered()),
            ["scheduled", "in_delivery", "delivered"],
        ),
        ((delivered(final=False, **PLACE), scheduled(1)), ["in_delivery", "in_delivery"]),
        ((delivered(**PLACE), scheduled(1)), ["delivered", "scheduled"]),
        ((delivered(**PLACE), delivered(final=False)), ["delivered", "delivered"]),
        ((scheduled(1), cancelled(), scheduled(2)), ["scheduled", "cancelled", "scheduled"]),
        ((scheduled(1), cancelled(charge=0)), ["scheduled", "cancelled"]),
        (
            (scheduled(1), cancelled(charge=1), delivered(final=False)),
            ["scheduled", "cancelled_charged", "in_delivery"],
        ),
        ((scheduled(1), cancelled(charge=1), cancelled()), [
            *("scheduled", "cancelled_charged", "cancelled"),
        ]),
    ],
)  # fmt: skip
def test_its_state_is_what_happened_last(steps, states):
    assert [row.state for row in looks(*steps)] == states


def test_every_charge_adds_to_the_ones_before():
    """Cancelled at a charge, planned again, cancelled at a charge: both are owed."""
    assert [row.charge for row in looks(cancelled(), cancelled(reason="again"))] == ["0", "0"]
    rows = looks(scheduled(3), cancelled(charge=1), scheduled(3), cancelled(charge="2.5"))
    assert [row.charge for row in rows] == ["0", "1", "1", "3.5"]


def test_a_new_plan_forgets_the_cancellation_and_nothing_else():
    rows = looks(
        scheduled(3, starts_at=DAYS[5], ends_at=DAYS[6], mode="remote"),
        delivered("1.5", final=False, title="Told"),
        cancelled(reason="ill", charge=1),
        scheduled(4, title="Again"),
    )
    cancelled_row, last = rows[2], rows[3]
    assert (cancelled_row.cancelled_at, cancelled_row.reason) == (instant(DAYS[2]), "ill")
    assert (cancelled_row.mode, cancelled_row.title) == ("remote", "Told")
    assert (cancelled_row.starts_at, cancelled_row.ends_at) == (instant(DAYS[5]), instant(DAYS[6]))
    assert (cancelled_row.scheduled, cancelled_row.scheduled_at) == ("3", instant(DAYS[0]))
    assert (last.cancelled_at, last.reason, last.mode, last.starts_at) == (None,) * 4
    assert (last.title, last.scheduled, last.scheduled_at) == ("Again", "4", instant(DAYS[3]))
    assert (last.delivered_at, last.charge) == (instant(DAYS[1]), "1")
    assert last.ends_at is None


def test_the_last_delivery_and_title_are_shown():
    rows = looks(delivered("1.5", **PLACE, title="A"), delivered("0.25"), delivered(1, title="B"))
    assert [row.title for row in rows] == ["A", "A", "B"]
    assert [row.delivered_at for row in rows] == [instant(time) for time in DAYS[:3]]
    assert [(row.scheduled, row.scheduled_at) for row in rows] == [(None, None)] * 3


def test_each_row_lasts_until_the_next_and_is_dated_in_the_zone_of_the_first_place():
    nowhere = {"hours": 1}
    rows = looks(
        ("delivered", nowhere), scheduled(2), scheduled(2, package="Q", workspace="V"),
    )  # fmt: skip
    bounds = [instant(time) for time in DAYS[:3]]
    assert [(row.from_at, row.until) for row in rows] == [
        *zip(bounds, [*bounds[1:], FOREVER], strict=True)
    ]
    assert {(row.zone_package, row.zone_workspace) for row in rows} == {("P", "W")}
    assert [(row.package, row.workspace) for row in rows] == [(None, None), ("P", "W"), ("Q", "V")]
    assert {row.moved for row in rows} == {1}
    assert [row.moved for row in looks(scheduled(1), delivered())] == [0, 0]


@pytest.mark.parametrize("kind", ["workshop", "dse", "proactive_service"])
def test_its_kind_is_what_its_events_say(kind):
    """A cancellation alone says it, too, and does not change it."""
    assert [row.kind for row in looks(cancelled(), kind=kind)] == [kind]
    assert {row.engagement for row in looks(cancelled(), kind=kind)} == {"1"}
    history = History()
    history.add(f"{kind}.delivered", DAYS[0], engagement="1", hours=1)
    history.add("dse.cancelled", DAYS[1], engagement="1")
    history.add("workshop.delivered", DAYS[2], engagement="1", hours=1)
    rows = fold_engagement(history.in_order()).engagements
    assert [row.kind for row in rows] == [kind, kind, "workshop"]
