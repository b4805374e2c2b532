"""Release: what waits is let in once what it waits for is there, and every line is counted once."""

from sending import (
    FOUNDATION,
    Desk,
    contract,
    counts,
    event,
    grant,
    labour,
    line,
    mapping,
    opening,
    package,
    reversal,
    transfer,
    workspace,
)

ADDED = event("entitlement.added", {"package": "P", **line("E3")}, id="added")


def test_a_chain_is_released_in_one_run():
    """A mapping waits for its contract and workspace, a grant for its package, which waits too."""
    desk = Desk()
    receipt = desk.send(
        grant("P", "E3"), ADDED, reversal("grant"), mapping(), package(), workspace(), contract()
    )
    assert counts(receipt) == (7, 7, 0, 0, 0)
    assert desk.held() == []
    assert desk.ids() == ["ws-W", "ct-K", "map-K-W", "pk-P", "added", "grant", "reversal"]


def test_what_waits_is_released_by_a_later_run():
    """Lines of an earlier run are appended and released, not read and not refused."""
    desk = Desk()
    first = desk.send(mapping(), package(), grant())
    assert counts(first) == (3, 0, 0, 0, 3)
    assert [held.waits_for for held in desk.held()] == ["contract:K", "contract:K", "package:P"]
    second = desk.send(contract())
    assert counts(second) == (1, 3, 2, 0, 0)
    assert (second.first_position, second.last_position) == (1, 3)
    assert [held.waits_for for held in desk.held()] == ["workspace:W"]
    assert counts(desk.send(workspace())) == (1, 2, 1, 0, 0)
    assert desk.held() == []


def test_what_waits_for_one_thing_may_then_wait_for_another():
    """The quarantine says what a line waits for now, and why."""
    desk = Desk()
    desk.send(mapping())
    desk.send(contract())
    [held] = desk.held()
    assert (held.code, held.waits_for) == ("unknown-workspace", "workspace:W")


def test_what_is_tried_again_may_be_refused_for_another_reason():
    """What it waited for has come, and now it is seen to be wrong: it stays, and waits no more."""
    desk = Desk()
    desk.send(mapping())
    receipt = desk.send(workspace("W", "B"), contract())
    assert counts(receipt) == (2, 2, 0, 0, 0)
    assert [(held.code, held.waits_for) for held in desk.held()] == [("other-customer", None)]
    assert desk.send(workspace("V")).refusals == ()


def test_a_run_counts_the_last_reason_of_its_lines():
    """A line of this run that is refused anew is counted under its new code."""
    receipt = Desk().send(mapping(), workspace("W", "B"), contract())
    assert [(group.code, group.lines) for group in receipt.refusals] == [("other-customer", 1)]
    assert counts(receipt) == (3, 2, 0, 0, 1)


def test_the_same_line_twice_waits_once():
    """In one run or in two, the same bytes have one number, file and line."""
    desk = Desk()
    assert counts(desk.send(mapping(), mapping())) == (2, 0, 0, 0, 2)
    assert counts(desk.send(workspace("V"), mapping())) == (2, 1, 0, 0, 1)
    [held] = desk.held()
    assert (held.number, held.line) == (1, 1)


def test_of_a_line_twice_and_then_released_one_is_a_duplicate():
    """The same event is appended once: the other line of this run is its duplicate."""
    receipt = Desk().send(mapping(), mapping(), contract(), workspace())
    assert counts(receipt) == (4, 3, 0, 1, 0)


def test_other_bytes_of_the_same_event_are_a_duplicate_too():
    """Two spellings wait as two lines, and come to one event."""
    desk = Desk()
    spelled = mapping().replace(b": ", b":")
    assert counts(desk.send(mapping(), spelled, contract(), workspace())) == (4, 3, 0, 1, 0)
    assert desk.held() == []


def test_a_line_sent_again_while_it_waits_is_a_duplicate_of_the_one_that_waited():
    """What an earlier run had left waiting is released; the same line of this run adds nothing."""
    desk = Desk()
    desk.send(mapping())
    receipt = desk.send(mapping(), workspace(), contract())
    assert counts(receipt) == (3, 3, 1, 1, 0)


def test_a_line_sent_again_when_all_is_there_is_appended_and_waits_no_more():
    """The line of this run is accepted at once; the one that waited is not tried again."""
    desk = Desk()
    desk.send(mapping())
    receipt = desk.send(workspace(), contract(), mapping())
    assert counts(receipt) == (3, 3, 0, 0, 0)
    assert desk.held() == []


def test_an_accepted_line_takes_its_earlier_copies_along():
    """Refused twice and then accepted in one run: one event, and two duplicates."""
    desk = Desk()
    receipt = desk.send(mapping(), mapping(), workspace(), contract(), mapping())
    assert counts(receipt) == (5, 3, 0, 2, 0)
    assert desk.held() == []


def test_of_two_under_one_key_the_first_that_waited_is_let_in():
    """The other is a conflict then, and stays."""
    desk = Desk()
    first, second = grant(quantity=1), grant(quantity=2)
    receipt = desk.send(first, second, *FOUNDATION)
    assert counts(receipt) == (6, 5, 0, 0, 1)
    assert [(held.code, held.raw) for held in desk.held()] == [("conflict", second)]


def test_a_second_purchase_under_one_id_stays_refused():
    """Of two packages that wait under one id the first is let in."""
    desk = Desk()
    receipt = desk.send(package(id="a"), package(id="b"), contract())
    assert counts(receipt) == (3, 2, 0, 0, 1)
    assert desk.codes() == ["already-exists"]


def test_a_reversal_waits_for_a_fact():
    """It is released by any event of that key, and stands in its stream."""
    desk = Desk()
    desk.send(reversal("labour"), opening(package="P"))
    assert desk.codes() == ["unknown-event"]
    assert counts(desk.send(labour())) == (1, 2, 1, 0, 0)
    assert [row.stream for row in desk.log.read(0)] == ["package:P"] * 3


def test_what_is_let_in_counts_for_what_comes_behind_it():
    """A pass goes by number: a transfer behind the grant that it needs finds it."""
    desk = Desk()
    more = package("P", lines=[line(), line("E2")])
    receipt = desk.send(grant(quantity=5), transfer(25), more, contract())
    assert counts(receipt) == (4, 4, 0, 0, 0)
    assert desk.ids() == ["ct-K", "pk-P", "grant", "transfer"]


def test_an_insufficient_balance_is_not_tried_again_by_itself():
    """Only what waits for something unknown is; the others when they are sent again."""
    desk = Desk()
    both = package("P", lines=[line(), line("E2")])
    desk.send(contract(), both, transfer(25))
    assert counts(desk.send(grant(quantity=5))) == (1, 1, 0, 0, 0)
    assert desk.codes() == ["insufficient-balance"]
    assert counts(desk.send(transfer(25))) == (1, 1, 0, 0, 0)
    assert desk.held() == []


def test_many_lines_are_released_in_batches():
    """A pass over what waits takes as many transactions as it needs."""
    desk = Desk()
    raws = [grant(id=f"g{number}") for number in range(25)]
    desk.send(*raws, package())
    assert counts(desk.send(contract(), batch_size=10)) == (1, 27, 26, 0, 0)
    stamps = {row.recorded_at for row in desk.log.read(0)}
    assert len(stamps) == 1 + 1 + 3  # the contract, the package, three tens of grants
    assert desk.ids() == ["ct-K", "pk-P", *(f"g{number}" for number in range(25))]


def test_what_is_freed_by_another_in_the_same_pass_is_looked_up_too():
    """Its id has been given to other content meanwhile: a conflict, and the other one stays."""
    desk = Desk()
    desk.send(package(), grant(id="same"))
    assert counts(desk.send(opening(id="same"), workspace())) == (2, 2, 0, 0, 0)
    assert counts(desk.send(contract())) == (1, 2, 1, 0, 0)
    assert desk.ids() == ["same", "ws-W", "ct-K", "pk-P"]
    assert desk.codes() == ["conflict"]
