"""The quarantine at the hands of an operator: nothing leaves it but as an event, or on record."""

from hashlib import sha256

import pytest
from sending import Desk, contract, grant, line, mapping, package, transfer, workspace

from ledger.commands.ingest.unit_of_work import Engine
from ledger.commands.quarantine import DROPPED, drop_held, held_line, held_lines, retry_held, row
from ledger.commands.sources.lines import EVENT_LIMIT
from ledger.domain.aggregates.decisions import decide
from ledger.domain.refusals import Refusal
from ledger.errors import NotFound


@pytest.fixture(params=["memory:", "sqlite"])
def desk(request, tmp_path):
    """A ledger of either kind."""
    return Desk(request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/l.db")


def retry(desk, numbers=None, rules=decide):
    foresight = desk.ledger._foresight()
    engine = Engine(desk.log, desk.ledger.codec, rules, foresight.available, foresight.groups)
    return retry_held(engine, numbers)


def refuse_all(event, at, known):
    return Refusal("not-allowed", "nothing is allowed today")


def test_a_held_line_is_shown_as_it_came(desk):
    """Its bytes are the ones received; what is no UTF-8 is printed as escapes."""
    desk.send(b'{"a": "\xff"}', mapping())
    first, second = held_lines(desk.log)
    assert first.raw == b'{"a": "\xff"}'
    shown = row(first)
    assert shown["raw"] == '{"a": "\\xff"}'
    assert list(shown)[:6] == ["number", "code", "file", "line", "reason", "raw"]
    assert (second.line, second.waits_for) == (2, "contract:K")
    assert held_line(desk.log, second.number) == second
    with pytest.raises(NotFound, match="no line 99 waits"):
        held_line(desk.log, 99)


def test_a_retry_lets_in_what_is_right_by_now(desk):
    """What was refused by a decision is judged anew; what waited for it follows."""
    desk.send(package(), grant(), workspace(), b"x")
    desk.send(contract(), decide=refuse_all)
    assert desk.codes() == ["unknown-contract", "unknown-package", "bad-json", "not-allowed"]
    retried = retry(desk)
    assert retried.answer() == {
        "tried": 4,
        "appended": 3,
        "released": 0,
        "duplicates": 0,
        "refused": 1,
        "first_position": 2,
        "last_position": 4,
    }
    assert desk.codes() == ["bad-json"]
    assert desk.ids() == ["ws-W", "ct-K", "pk-P", "grant"]


def test_a_retry_of_one_line_frees_those_that_waited_for_it(desk):
    """Only the numbers asked for are tried, and what waits for something that exists now."""
    desk.send(contract(), decide=refuse_all)
    desk.send(package(), grant(), b"x")
    number = desk.held()[0].number
    answer = retry(desk, [number, number]).answer()
    assert (answer["tried"], answer["appended"], answer["released"]) == (1, 3, 2)
    assert desk.codes() == ["bad-json"]


def test_a_retry_of_what_is_still_wrong_keeps_it(desk):
    """It keeps its number, and the sentence is the one of the last trial."""
    both = package("P", lines=[line(), line("E2")])
    desk.send(contract(), both, transfer(25), b"y" * (EVENT_LIMIT + 1))
    before = desk.held()
    retried = retry(desk)
    assert [outcome.decision for outcome in retried.outcomes] == ["refused", "refused"]
    assert desk.held() == before
    desk.send(grant(quantity=5))
    assert retry(desk, [before[0].number]).answer()["appended"] == 1
    assert [held.code for held in desk.held()] == ["line-too-long"]


def test_a_retry_of_a_line_that_does_not_wait_is_no_retry(desk):
    """One wrong number, and nothing is tried."""
    desk.send(contract(), decide=refuse_all)
    with pytest.raises(NotFound, match="no line 7 waits"):
        retry(desk, [1, 7])
    assert desk.codes() == ["not-allowed"]


def test_a_retry_finds_duplicates(desk):
    """Two spellings of one event: the second is its duplicate, and waits no more."""
    desk.send(contract(), contract().replace(b": ", b":"), decide=refuse_all)
    answer = retry(desk).answer()
    assert (answer["appended"], answer["duplicates"], answer["refused"]) == (1, 1, 0)
    assert desk.held() == []


def test_a_drop_is_on_record(desk):
    """The register keeps what was dropped by the digest of its bytes, with the reason given."""
    desk.send(b"x", b"yy")
    [dropped] = drop_held(desk.log, [2], "a typing error")
    assert dropped.raw == b"yy"
    assert [held.raw for held in desk.held()] == [b"x"]
    [entry] = desk.log.register_rows()
    assert entry.what == DROPPED
    assert entry.detail["sha256"] == sha256(b"yy").hexdigest()
    assert (entry.detail["number"], entry.detail["bytes"]) == (2, 2)
    assert (entry.detail["code"], entry.detail["why"]) == ("bad-json", "a typing error")


def test_a_drop_is_of_all_or_of_none(desk):
    """One wrong number, and nothing is dropped."""
    desk.send(b"x")
    with pytest.raises(NotFound, match="no line 7 waits"):
        drop_held(desk.log, [1, 7])
    assert desk.codes() == ["bad-json"]
    assert desk.log.register_rows() == []


def test_dry_runs_drop_and_let_in_nothing(desk):
    """They say what the real ones would, and are rolled back."""
    desk.send(package(), b"x")
    desk.send(contract(), decide=refuse_all)
    before = desk.held(), desk.rows(), desk.log.register_rows()
    [dropped] = drop_held(desk.log, [2], "noise", dry_run=True)
    tried = desk.ledger.quarantine_retry(dry_run=True)
    assert (desk.held(), desk.rows(), desk.log.register_rows()) == before
    with pytest.raises(NotFound, match="no line 9 waits"):
        drop_held(desk.log, [2, 9], dry_run=True)
    with pytest.raises(NotFound, match="no line 9 waits"):
        desk.ledger.quarantine_retry([9], dry_run=True)
    assert tried.answer() == desk.ledger.quarantine_retry().answer()
    assert drop_held(desk.log, [2], "noise") == [dropped]


def test_what_was_dropped_can_come_again_under_a_new_number(desk):
    """A number is never used twice."""
    desk.send(b"x")
    drop_held(desk.log, [1])
    desk.send(b"x")
    assert [held.number for held in desk.held()] == [2]
