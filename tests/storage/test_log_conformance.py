"""One suite for every backend: what is appended, how it is stamped, and how it is read."""

import pytest
from places import Randomness, dump, fact, term, write_some

from ledger.errors import Damaged, NoLedger
from ledger.storage.log import Head, Log, NewEvent, NotUnique, RegisterRow
from ledger.storage.opening import create_log


def test_a_new_ledger_is_empty(place):
    """A ledger that was just made has a name of its own, and nothing in it."""
    log = place.create()
    assert log.created
    assert log.ledger_id == Randomness()(16).hex()
    assert log.head() == Head(0, None)
    assert (log.read(0), log.terms(), log.streams(), log.quarantine_rows()) == ([], [], [], [])
    assert log.position_at(2**62) == 0
    assert log.url == place.url


def test_a_ledger_is_made_once(place):
    """Making it again opens what is there."""
    log = place.create()
    write_some(log)
    again = place.create()
    assert not again.created
    assert dump(again) == dump(log)


def test_there_is_no_ledger_before_it_is_made(place):
    """Nothing is made by opening."""
    with pytest.raises(NoLedger):
        place.reader()
    with pytest.raises(NoLedger):
        place.open()


def test_positions_are_dense_and_in_order(place):
    """Positions are 1, 2, 3... in the order of appending, across streams and transactions."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("b", 1), fact("a", 1)])
        writer.append([fact("a", 2)])
    with log.writing() as writer:
        writer.append([])
    with log.writing() as writer:
        writer.append([fact("b", 2)])
    found = [(row.position, row.stream, row.version) for row in log.read(0)]
    assert found == [(1, "b", 1), (2, "a", 1), (3, "a", 2), (4, "b", 2)]
    assert log.head().position == 4


def test_a_transaction_has_one_stamp(place):
    """All that one transaction records bears one stamp, and append says which."""
    log = place.create()
    with log.writing() as writer:
        first = writer.append([fact("a", 1)])
        second = writer.append([fact("a", 2)])
        number = writer.register("note", {})
        held = writer.hold("bad-json", "f", 1, "r", b"x")
    assert first == second
    assert {row.recorded_at for row in log.read(0)} == {first}
    assert log.register_rows() == [RegisterRow(number, first, "note", {})]
    assert log.quarantine_row(held).received_at == first
    assert log.head() == Head(2, first)


@pytest.mark.parametrize("shown", [[50, 50, 50], [50, 20, 3], [50, 51, 10]])
def test_stamps_go_up_whatever_the_clock_does(place, shown):
    """A clock that stands still or goes back makes the stamp only just later."""
    clock = iter(shown)
    log = create_log(place.url, lambda: next(clock), Randomness())
    place.opened.append(log)
    stamps = []
    for version in (1, 2, 3):
        with log.writing() as writer:
            stamps.append(writer.append([fact("a", version)]))
    assert stamps == [50, 51, 52]


def _append(log: Log, *events: NewEvent) -> None:
    with log.writing() as writer:
        writer.append(events)


def _append_and_hide(log: Log, first: NewEvent, taken: NewEvent) -> None:
    with log.writing() as writer:
        writer.append([first])
        with pytest.raises(NotUnique):
            writer.append([taken])


@pytest.mark.parametrize(
    "taken", [fact("other", 1, key="s\x1fa/1"), fact("a", 1, key="new")], ids=["key", "version"]
)
def test_keys_and_versions_are_unique(place, taken):
    """A key, or a version of a stream, is taken once; what tried to is undone, even if it hides."""
    log = place.create()
    _append(log, fact("a", 1))
    before = dump(log)
    with pytest.raises(NotUnique):
        _append(log, fact("b", 1), taken)
    with pytest.raises(NotUnique):
        _append_and_hide(log, fact("b", 1), taken)
    with pytest.raises(NotUnique):
        _append(log, fact("c", 1), fact("c", 2, key="s\x1fc/1"))
    assert dump(log) == before


def test_reading_a_range(place):
    """A range is after the first and up to the last, at most so many, in order of position."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("a", version) for version in range(1, 2_501)])
    assert [row.position for row in log.read(0, limit=2)] == [1, 2]
    assert [row.position for row in log.read(2, 4)] == [3, 4]
    assert [row.position for row in log.read(2, 4, 1)] == [3]
    assert [row.position for row in log.read(2_498)] == [2_499, 2_500]
    assert log.read(2_500) == []
    assert log.read(9_999) == []
    assert len(log.read(0)) == 2_500
    backwards = list(range(2_500, 0, -1))
    assert [row.position for row in log.at(backwards)] == backwards
    assert log.at([]) == []
    keys = [f"s\x1fa/{version}" for version in range(3_000)]
    assert log.find(keys) == {f"s\x1fa/{version}": version for version in range(1, 2_501)}


def test_a_position_that_is_not_there_is_damage(place):
    """Every position up to the head can be read; asking for another one is an error."""
    log = place.create()
    write_some(log)
    with pytest.raises(Damaged):
        log.at([5])


def test_streams_and_terms(place):
    """Streams are found by prefix, and the terms of one without its facts."""
    log = place.create()
    with log.writing() as writer:
        writer.append([fact("package:B", 1), term("package:A", 1), term("contract:K", 1)])
        writer.append([fact("package:A", 2), term("package:A", 3), fact("package:%_", 1)])
    assert log.streams() == ["contract:K", "package:%_", "package:A", "package:B"]
    assert log.streams("package:") == ["package:%_", "package:A", "package:B"]
    assert log.streams("package:A") == ["package:A"]
    assert log.streams("x") == []
    assert [row.version for row in log.stream("package:A")] == [1, 2, 3]
    assert [row.version for row in log.terms("package:A")] == [1, 3]
    assert [row.position for row in log.terms()] == [2, 3, 5]
    assert log.terms("package:B") == []


def test_the_position_at_an_instant(place):
    """The last position recorded at or before an instant is found, among equal stamps too."""
    log = place.create()
    stamps = []
    for version in range(1, 40, 3):
        with log.writing() as writer:
            stamps.append(writer.append([fact("a", version + more) for more in range(3)]))
    for number, stamp in enumerate(stamps):
        assert log.position_at(stamp) == 3 * (number + 1)
        assert log.position_at(stamp - 1) == 3 * number
    assert log.position_at(0) == 0


def test_it_is_all_there_when_opened_again(place):
    """What was written is there for whoever opens the ledger later, or at the same time."""
    log = place.create()
    write_some(log)
    assert dump(place.open()) == dump(log)
    assert dump(place.reader()) == dump(log)
    with place.open().writing() as writer:
        writer.append([fact("package:P", 4)])
    assert log.head().position == 5
