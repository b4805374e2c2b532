"""One suite for every backend: how far files are that are under way, in the same transaction."""

import pytest

from ledger.storage.log import Intake

FIRST = Intake("/in/a.jsonl", 1_000, 2**40, b"h" * 32, b"d" * 32, 997, 1, 2)
OTHER = Intake("/in/\u00e9.jsonl.gz", 1, 2, b"\0" * 32, b"\xff" * 32, 0, 0, 1)


def _keep_and_fail(log, *intakes):
    with log.writing() as writer:
        for intake in intakes:
            writer.keep_intake(intake)
            writer.drop_intake(FIRST.file)
        raise ZeroDivisionError


def test_a_file_that_is_under_way_is_known_by_its_name(place):
    """What is said last counts, for a writer at once, for readers once it is committed."""
    log = place.create()
    assert log.intakes() == []
    with log.writing() as writer:
        writer.keep_intake(OTHER)
        writer.keep_intake(FIRST._replace(lines=1))
        writer.keep_intake(FIRST)
        assert writer.intakes() == [FIRST, OTHER]
        assert place.reader().intakes() == []
    for reader in (log, place.reader()):
        assert reader.intakes() == [FIRST, OTHER]


def test_a_file_that_is_done_is_forgotten(place):
    """It goes, whoever asks for it, and others stay; one that is not known is no error."""
    log = place.create()
    with log.writing() as writer:
        writer.keep_intake(FIRST)
        writer.keep_intake(OTHER)
    with log.writing() as writer:
        writer.drop_intake(OTHER.file)
        writer.drop_intake("nobody")
        assert writer.intakes() == [FIRST]
    assert place.open().intakes() == [FIRST]


def test_what_is_said_of_files_is_undone_with_its_transaction(place):
    """A batch that fails leaves each file where it was."""
    log = place.create()
    with log.writing() as writer:
        writer.keep_intake(FIRST)
    with pytest.raises(ZeroDivisionError):
        _keep_and_fail(log, OTHER, FIRST._replace(lines=5))
    assert log.intakes() == [FIRST]
