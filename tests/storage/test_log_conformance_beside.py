"""One suite for every backend: the quarantine and the register, beside the events."""

import pytest

from ledger.storage.log import HeldLine, Log


def test_the_same_bytes_wait_once(place):
    """A line held again keeps its number, file and line, and takes the new verdict."""
    log = place.create()
    with log.writing() as writer:
        first = writer.hold("unknown-package", "a", 1, "no P", b"line", "package:P")
        other = writer.hold("unknown-package", "a", 2, "no P", b"line ", "package:P")
        assert writer.hold("bad-period", "b", 9, "ends early", b"line") == first
    rows = log.quarantine_rows()
    assert [row[:7] for row in rows] == [
        (first, "bad-period", "a", 1, "ends early", b"line", None),
        (other, "unknown-package", "a", 2, "no P", b"line ", "package:P"),
    ]
    assert log.quarantine_counts() == {"bad-period": 1, "unknown-package": 1}
    assert log.quarantine_row(99) is None


def _hold_and_fail(log: Log, raw: bytes) -> None:
    with log.writing() as writer:
        writer.hold("bad-json", "a", 1, "r", raw)
        raise ZeroDivisionError


def test_numbers_of_the_quarantine_are_not_used_again(place):
    """A line that was released and comes back has a new number; a rollback uses none up."""
    log = place.create()
    with log.writing() as writer:
        assert writer.hold("bad-json", "a", 1, "r", b"1") == 1
        writer.release(1)
        writer.release(77)
    with pytest.raises(ZeroDivisionError):
        _hold_and_fail(log, b"2")
    with log.writing() as writer:
        assert writer.hold("bad-json", "a", 1, "r", b"1") == 2
        assert writer.held([b"1", b"2"]) == {b"1": 2}


def test_what_lines_wait_for(place):
    """Lines are found by what they wait for, in the order in which they came."""
    log = place.create()
    with log.writing() as writer:
        assert (writer.awaited(), writer.held([b"1"])) == ([], {})
        for number, name in enumerate(["package:P", None, "contract:K", "package:P"]):
            writer.hold("unknown-package", "a", number, "r", b"%d" % number, name)
        assert writer.awaited() == ["contract:K", "package:P"]
        found = writer.waiting(["package:P", "contract:K", "workspace:W"])
        assert [held.number for held in found] == [1, 3, 4]
        assert all(isinstance(held, HeldLine) for held in found)
        assert [held.number for held in writer.waiting(["package:P"])] == [1, 4]
        assert writer.waiting([]) == []
    assert [row.number for row in log.quarantine_rows(after=1, limit=2)] == [2, 3]


def test_the_register_keeps_its_order(place):
    """Entries of the register are kept with what they say, numbered from 1."""
    log = place.create()
    for number in (1, 2):
        with log.writing() as writer:
            assert writer.register("drop", {"number": number, "why": "é\n", "raw": None}) == number
    assert [(row.number, row.what, row.detail) for row in log.register_rows()] == [
        (1, "drop", {"number": 1, "why": "é\n", "raw": None}),
        (2, "drop", {"number": 2, "why": "é\n", "raw": None}),
    ]
