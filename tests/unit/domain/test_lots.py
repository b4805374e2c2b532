"""Lots and the burn-down: ties in every part of the burn order, expiries, overage, refunds."""

from itertools import permutations

import pytest
from histories import History, contract, instant, line, package

from ledger.domain.aggregates.package import fold_package, withdrawals
from ledger.domain.balance.burndown import Flow, burn_down
from ledger.domain.balance.lots import Change, Lot, Supply, supply
from ledger.domain.values.quantities import SCALE

DAY = 86_400 * 10**9
START, END = instant("2025-01-01T00:00:00Z"), instant("2026-01-01T00:00:00Z")
GRANT = {"package": "P", "entitlement": "E", "reason": "r"}


def supplied(history, entitlement="E", zone="UTC"):
    """What gives an entitlement of P its quantity."""
    found = fold_package("P", history.in_order(), withdrawals(history.recorded))
    return supply(found, found.lines[entitlement], zone)


def bought(**fields):
    history = History()
    package(history, lines=[line("E", **fields), line("F")])
    return history


def units(lots):
    """Lots as (priority, first day, first day after, units), days counted from the package's."""
    return [
        (lot.priority, (lot.start - START) // DAY, (lot.end - START) // DAY, lot.quantity / SCALE)
        for lot in lots
    ]


def test_what_was_bought_is_a_lot_of_the_packages_days_and_each_grant_one_of_its_own():
    """Dates and priority not given are the package's, and 0; a priority of 0 is one."""
    history = bought(quantity=10)
    history.add("entitlement.granted", **GRANT, quantity=1)
    history.add("entitlement.granted", **GRANT, quantity=2, starts_on="2025-01-11", priority=-1)
    history.add("entitlement.granted", **GRANT, quantity=3, expires_on="2025-01-11", priority=0)
    history.add("entitlement.granted", **GRANT, quantity=4,
                starts_on="2026-01-01", expires_on="2026-01-01", priority=2)  # fmt: skip
    found = supplied(history)
    assert units(found.dated) == [
        (0, 0, 365, 10), (0, 0, 365, 1), (-1, 10, 365, 2), (0, 0, 11, 3), (2, 365, 366, 4),
    ]  # fmt: skip
    assert [lot.position for lot in found.dated] == [1, 2, 3, 4, 5]
    assert [lot.origin.position for lot in found.dated] == [1, 2, 3, 4, 5]
    assert (found.arriving, found.taken) == ((), ())


def test_lots_that_follow_the_package_move_with_it_and_the_others_do_not():
    history = bought(quantity=10)
    history.add("entitlement.granted", **GRANT, quantity=1, starts_on="2025-01-11")
    history.add("entitlement.granted", **GRANT, quantity=2, expires_on="2025-01-11")
    history.add("package.amended", package="P", reason="r",
                starts_on="2025-01-02", ends_on="2025-12-30")  # fmt: skip
    assert units(supplied(history).dated) == [(0, 1, 364, 10), (0, 10, 364, 1), (0, 1, 11, 2)]


def test_a_lot_starts_and_ends_with_days_of_the_contracts_zone():
    (lot,) = supplied(bought(), zone="Asia/Tokyo").dated
    assert (lot.start, lot.end) == (START - 9 * 3_600 * 10**9, END - 9 * 3_600 * 10**9)


def test_adjustments_and_transfers_give_or_take_at_their_own_time():
    """A transfer within one entitlement does both; one to another line of the package, one."""
    history = bought()

    def transfer(origin, target, quantity=2, **more):
        legs = [{"package": p, "entitlement": e} for p, e in (origin, target)]
        told = {"from_": legs[0], "to": legs[1], "quantity": quantity, **more}
        told |= {"authorised_by": "a", "reason": "r"}
        history.add("entitlement.transferred", START + 3, **told)

    for quantity in (4, -5):
        history.add("entitlement.adjusted", START + 1, **GRANT, quantity=quantity, approved_by="a")
    transfer(("P", "E"), ("P", "E"), rate="0.5")
    transfer(("P", "E"), ("P", "F"), rate=3)
    transfer(("Q", "E"), ("P", "E"))
    transfer(("P", "E"), ("Q", "E"))
    transfer(("Q", "E"), ("P", "E"), "0.000000003", rate="0.5")
    found = supplied(history)
    took = [(change.at - START, change.position, change.amount / SCALE) for change in found.taken]
    assert took == [(1, 3, -5), (3, 4, -2), (3, 5, -2), (3, 7, -2)]
    gave = [(lot.priority, lot.end, lot.start - START, lot.position) for lot in found.arriving]
    assert gave == [(0, END, 1, 2), (0, END, 3, 4), (0, END, 3, 6), (0, END, 3, 8)]
    assert [lot.quantity for lot in found.arriving] == [
        4 * SCALE,
        SCALE,
        2 * SCALE,
        SCALE // 10**9 * 2,
    ]
    other = supplied(history, "F")
    assert [lot.quantity for lot in other.arriving] == [6 * SCALE]
    assert other.taken == ()


def test_of_nothing_transferred_in_nothing_comes():
    """A product that rounds to zero brings no lot."""
    history = bought()
    legs = {
        "from_": {"package": "Q", "entitlement": "E"},
        "to": {"package": "P", "entitlement": "E"},
    }
    told = {"quantity": "0.000000001", "rate": "0.5", "authorised_by": "a", "reason": "r"}
    history.add("entitlement.transferred", START, **legs, **told)
    assert supplied(history).arriving == ()


# the burn-down, in whole units and small instants


def lot(position, quantity, start=0, end=100, priority=0):
    return Lot(priority, end, start, position, quantity, None)


def flow(at, amount, position=50, turn=None):
    return Flow(at, position if turn is None else turn, position, amount)


def burned(dated=(), flows=(), cut=1_000, arriving=(), taken=()):
    """The balance, with its steps."""
    return burn_down(
        Supply(tuple(dated), tuple(arriving), tuple(taken)), flows, cut, with_steps=True
    )


def steps(balance):
    return [(step.kind, step.at, step.change) for step in balance.steps]


def figures(balance):
    return (balance.granted, balance.consumed, balance.expired, balance.remaining, balance.overage)


@pytest.mark.parametrize(
    "first,second",
    [
        (lot(9, 5, 9, 99, priority=-1), lot(1, 5, 0, 50, priority=0)),  # the lower priority number
        (lot(9, 5, 9, 50, priority=1), lot(1, 5, 0, 51, priority=1)),  # then the earlier expiry
        (lot(9, 5, 8, 50), lot(1, 5, 9, 50)),  # then the earlier start
        (lot(1, 5, 9, 50), lot(2, 5, 9, 50)),  # then the position
    ],
)
def test_lots_burn_in_their_order_and_come_back_in_reverse(first, second):
    """Each part of the order decides where all parts before it tie."""
    for lots in permutations((first, second)):
        balance = burned(lots, [flow(10, 6), flow(11, -2)])
        took, back = [step.lots for step in balance.steps if step.kind in {"consumed", "refunded"}]
        assert took == ((first.position, 5), (second.position, 1))
        assert back == ((second.position, 1), (first.position, 1))


@pytest.mark.parametrize("arriving", [False, True])
@pytest.mark.parametrize(
    "at,consumed_from", [(9, ()), (10, ((1, 1),)), (19, ((1, 1),)), (20, ()), (21, ())]
)
def test_a_lot_is_valid_from_its_start_until_just_before_its_end(at, consumed_from, arriving):
    """At the very instant of its end it has expired; at that of its start it is there."""
    lots = [lot(1, 5, 10, 20)]
    balance = burned(**{"arriving" if arriving else "dated": lots}, flows=[flow(at, 1)])
    (step,) = [step for step in balance.steps if step.kind == "consumed"]
    assert step.lots == consumed_from
    expired = 5 - (1 if at < 20 else 0)
    assert figures(balance) == (5, 1, expired, 4 - expired, max(0, expired - 4))


@pytest.mark.parametrize("cut,expected", [
    (9, (0, 0, 0, 0, 0)), (10, (5, 0, 0, 5, 0)), (19, (5, 0, 0, 5, 0)), (20, (5, 0, 5, 0, 0)),
])  # fmt: skip
def test_the_cut_takes_in_its_own_instant(cut, expected):
    assert figures(burned([lot(1, 5, 10, 20)], cut=cut)) == expected
    assert figures(burned(arriving=[lot(1, 5, 10, 20)], cut=cut)) == expected
    taken = burned([lot(1, 5, 0, 100)], cut=cut, taken=[Change(10, 2, -3, None)])
    assert taken.granted == (2 if cut >= 10 else 5)


@pytest.mark.parametrize(
    "dated", [*permutations([lot(1, 5, 0, 10), lot(3, 4, 10, 30), lot(2, 4, 10, 20)])]
)
def test_at_one_instant_lots_expire_then_start_then_events_follow_by_position(dated):
    """What expires does not pay for what starts; the first to start in burn order pays first."""
    balance = burned(dated, [flow(5, 6), flow(10, 2, position=7)],
                     arriving=[lot(6, 1, 10, 30)], taken=[Change(10, 8, -1, None)])  # fmt: skip
    assert steps(balance) == [
        ("started", 0, 5), ("consumed", 5, -6),
        ("started", 10, 4), ("started", 10, 4), ("started", 10, 1), ("consumed", 10, -2),
        ("taken", 10, -1), ("expired", 30, -4), ("expired", 30, -1),
    ]  # fmt: skip
    assert [step.position for step in balance.steps[2:7]] == [2, 3, 6, 7, 8]
    assert balance.steps[2].lots == ((2, 1),)
    assert [step.lots for step in balance.steps[5:7]] == [((2, 2),), ((2, 1),)]


def test_what_no_lot_covers_is_overage_and_the_next_lot_to_start_pays_first():
    balance = burned(
        [lot(1, 5, 0, 10), lot(2, 4, 20, 30), lot(3, 9, 25, 40)], [flow(5, 12)], cut=24
    )
    assert figures(balance) == (9, 12, 0, -3, 3)
    later = burned([lot(1, 5, 0, 10), lot(2, 4, 20, 30), lot(3, 9, 25, 40)], [flow(5, 12)], cut=25)
    assert figures(later) == (18, 12, 0, 6, 0)
    assert later.left == [(40, 6)]
    assert [step.lots for step in later.steps if step.kind == "started"] == [
        ((1, 0),), ((2, 4),), ((3, 3),),
    ]  # fmt: skip


def test_a_lot_that_is_over_when_it_starts_pays_overage_then_expires():
    """A lot that arrives after the package's end."""
    balance = burned([lot(1, 5, 0, 10)], [flow(5, 7)], arriving=[lot(9, 3, 20, 10)])
    assert figures(balance) == (8, 7, 1, 0, 0)
    assert steps(balance)[-2:] == [("started", 20, 3), ("expired", 20, -1)]
    at_its_end = burned([lot(1, 5, 0, 10)], arriving=[lot(9, 3, 10, 10)])
    assert steps(at_its_end)[-3:] == [("expired", 10, -5), ("started", 10, 3), ("expired", 10, -3)]
    assert at_its_end.left == []


def test_a_refund_lowers_overage_first_then_returns_at_most_what_left_each_lot():
    """What finds no valid lot expires at once; what expired is never refilled."""
    lots = [lot(1, 5, 0, 10), lot(2, 4, 0, 50)]
    balance = burned(lots, [flow(1, 11), flow(2, -1), flow(3, -3), flow(12, -9)], cut=40)
    returned = [step.lots for step in balance.steps if step.kind == "refunded"]
    assert returned == [(), ((2, 2),), ((2, 2),)]
    assert figures(balance) == (9, -2, 7, 4, 0)
    assert steps(balance)[-2:] == [("refunded", 12, 9), ("lost", 12, -7)]
    assert balance.left == [(50, 4)]


def test_a_refund_of_all_that_was_consumed_fills_lots_to_their_brim_and_no_further():
    balance = burned([lot(1, 5)], [flow(1, 3), flow(2, -3), flow(3, -1)], cut=50)
    assert figures(balance) == (5, -1, 1, 5, 0)
    assert [step.lots for step in balance.steps if step.kind == "refunded"] == [((1, 3),), ()]


def test_what_is_taken_burns_lots_too_and_lowers_what_was_granted():
    balance = burned([lot(1, 5)], [flow(9, 1)], taken=[Change(3, 7, -6, None)], cut=50)
    assert figures(balance) == (-1, 1, 0, -2, 2)
    (taken,) = [step for step in balance.steps if step.kind == "taken"]
    assert (taken.change, taken.lots, taken.position) == (-6, ((1, 5),), 7)


def test_events_of_one_instant_come_in_order_of_their_turn():
    """A refund that comes first finds nothing to return; one that comes second does."""

    def sent(first, second):
        flows = [flow(5, first, 60, 1), flow(5, second, 40, 2)]
        return burned([lot(1, 3)], flows, cut=50, taken=[Change(5, 3, -1, None)])

    assert figures(sent(-2, 2)) == (2, 0, 2, 0, 0)
    assert figures(sent(2, -2)) == (2, 0, 0, 2, 0)


def test_left_is_what_each_open_lot_still_holds_and_when_it_ends():
    balance = burned([lot(1, 5, 0, 30), lot(2, 4, 0, 20), lot(3, 1, 0, 10)], [flow(2, 1)], cut=15)
    assert balance.left == [(20, 4), (30, 5)]
    assert balance.steps[0].lots == ((3, 0),)
    assert not burn_down(Supply((lot(1, 5),), (), ()), [], 5).steps


def test_what_ends_is_told_before_what_starts_then_and_later():
    """However far the next event is: lots expire and start in the order of their instants."""
    lots = [lot(1, 5, 0, 10), lot(2, 4, 10, 20), lot(3, 3, 30, 40)]
    wanted = [
        *(("started", 0, 5), ("expired", 10, -5), ("started", 10, 4), ("expired", 20, -4)),
        *(("started", 30, 3), ("expired", 40, -3)),
    ]
    assert steps(burned(lots, cut=50)) == wanted
    assert steps(burned(lots, [flow(50, 0)], cut=50)) == wanted


def test_what_one_event_takes_goes_before_what_it_brings():
    """A transfer within one entitlement: nothing of what it brings is taken by itself."""
    balance = burned(arriving=[lot(7, 2, 5, 30)], taken=[Change(5, 7, -3, None)], cut=9)
    assert steps(balance) == [("taken", 5, -3), ("started", 5, 2)]
    assert [step.lots for step in balance.steps] == [(), ((7, 2),)]


def test_an_expiry_says_which_lot_and_how_much_of_it():
    balance = burned([lot(1, 5, 0, 10), lot(2, 4, 0, 10)], [flow(3, 2)], cut=10)
    ended = [(step.position, step.lots) for step in balance.steps if step.kind == "expired"]
    assert ended == [(None, ((1, 3),)), (None, ((2, 4),))]


def test_what_moves_nothing_is_no_step():
    assert steps(burned([lot(1, 0, 0, 10)], [flow(3, 0)])) == []


def test_a_contract_of_another_zone_changes_no_amount():
    history = bought()
    contract(history)
    assert supplied(history, zone="America/St_Johns").dated[0].quantity == 10 * SCALE
