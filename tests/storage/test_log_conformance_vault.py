"""What every log does alike: persons in the vault, and what is left of one who is erased."""

from contextlib import suppress

import pytest
from known_persons import person

from ledger.storage.vault.rows import ERASED, Kept, SealedText
from ledger.storage.vault.vault import erased, is_erased, seal

ADA, BOB = person("ada", 1), person("bob", 2)


def sealed(of, commitment, text="a text"):
    return SealedText(commitment, of.number, seal(of.key, commitment, text))


FIRST, SECOND, OTHER = (
    sealed(ADA, b"1" * 32),
    sealed(ADA, b"2" * 32, "x" * 100_000),
    sealed(BOB, b"3" * 32),
)


def fill(log):
    with log.writing() as writer:
        writer.keep([ADA, BOB], [FIRST, SECOND, OTHER])


def test_an_empty_vault_knows_nobody(place):
    """A new ledger has no persons, and answers for as many as one asks for."""
    log = place.create()
    assert log.erasures() == 0
    assert log.erased() == b""
    assert log.kept([b"1" * 32]) == log.kept([]) == {}
    with log.writing() as writer:
        assert (writer.last_person(), writer.persons([ADA.digest])) == (0, {})
        assert (writer.erasures(), writer.kept([b"1" * 32])) == (0, {})
        assert writer.ledger_id == log.ledger_id


def test_what_is_kept_comes_back(place):
    """Persons are found by their digests, and texts by their commitments, within and after."""
    log = place.create()
    with log.writing() as writer:
        writer.keep([ADA], [FIRST])
        writer.keep([BOB], [SECOND, OTHER])
        assert writer.kept([FIRST.commitment]) == {FIRST.commitment: Kept(ADA, FIRST.sealed)}
        assert writer.last_person() == 2
    with log.writing() as writer:
        assert writer.persons([BOB.digest, b"?" * 32]) == {BOB.digest: BOB}
    for reader in (log, place.reader()):
        assert reader.kept([b"?" * 32, *(each.commitment for each in (FIRST, SECOND, OTHER))]) == {
            FIRST.commitment: Kept(ADA, FIRST.sealed),
            SECOND.commitment: Kept(ADA, SECOND.sealed),
            OTHER.commitment: Kept(BOB, OTHER.sealed),
        }
        assert reader.texts_of(1) == [FIRST, SECOND]
        assert reader.texts_of(3) == []
        assert reader.persons([ADA.digest]) == {ADA.digest: ADA}


def test_a_text_that_is_kept_stays_as_it_is(place):
    """A commitment is kept once, whoever brings it again, and however often."""
    log = place.create()
    fill(log)
    with log.writing() as writer:
        writer.keep([], [FIRST._replace(sealed=b"other"), FIRST])
    assert log.kept([FIRST.commitment]) == {FIRST.commitment: Kept(ADA, FIRST.sealed)}


def test_many_persons_are_found_at_once(place):
    """One may ask for more persons and texts than one statement takes values."""
    log = place.create()
    persons = [person(f"p{number}", number) for number in range(1, 2_001)]
    texts = [sealed(each, each.salt) for each in persons]
    with log.writing() as writer:
        writer.keep(persons, texts)
        assert set(writer.persons([each.digest for each in persons]).values()) == set(persons)
    assert len(log.kept([each.salt for each in persons])) == 2_000


def _change_and_fail(log):
    with log.writing() as writer:
        writer.keep([person("eve", 3)], [sealed(person("eve", 3), b"4" * 32)])
        writer.erase(ADA)
        writer.register(ERASED, {"person": 1})
        raise ZeroDivisionError


def test_what_is_undone_is_not_kept(place):
    """Persons, texts and erasures of a transaction that raises never were."""
    log = place.create()
    fill(log)
    with pytest.raises(ZeroDivisionError):
        _change_and_fail(log)
    assert log.erasures() == 0
    assert log.kept([FIRST.commitment, b"4" * 32]) == {FIRST.commitment: Kept(ADA, FIRST.sealed)}
    with log.writing() as writer:
        assert writer.last_person() == 2
        assert writer.persons([ADA.digest]) == {ADA.digest: ADA}


def test_it_is_told_who_is_erased_and_not_only_how_many(place):
    """One person or another, or both: each is something else, and the order does not count."""
    log = place.create()
    fill(log)
    told = [log.erased()]
    for one in (ADA, BOB):
        with suppress(ZeroDivisionError), log.writing() as writer:
            writer.erase(one)
            told.append(writer.erased())
            raise ZeroDivisionError
    assert log.erased() == b""
    with log.writing() as writer:
        writer.erase(BOB)
        writer.erase(ADA)
        told.append(writer.erased())
    assert len(set(told)) == 4
    assert log.erased() == place.reader().erased() == told[-1]


def test_nothing_is_left_of_an_erased_person_but_a_number(place):
    """Who is erased is not found any more; the texts stay, and nobody has the key."""
    log = place.create()
    fill(log)
    with log.writing() as writer:
        writer.erase(ADA)
        writer.register(ERASED, {"person": 1})
        writer.register("another", {})
        assert writer.erasures() == 1
    assert log.scrub()
    left = erased(1)
    assert is_erased(left)
    assert not is_erased(BOB)
    assert log.erasures() == place.reader().erasures() == 1
    assert log.kept([FIRST.commitment, OTHER.commitment]) == {
        FIRST.commitment: Kept(left, FIRST.sealed),
        OTHER.commitment: Kept(BOB, OTHER.sealed),
    }
    with log.writing() as writer:
        assert writer.persons([ADA.digest, BOB.digest]) == {BOB.digest: BOB}
        assert writer.last_person() == 2
        writer.keep([person("ada", 3)], [])
        assert writer.persons([ADA.digest]) == {ADA.digest: person("ada", 3)}
        writer.erase(BOB)


def test_the_quarantine_stays_as_it_is_when_somebody_is_erased(place):
    """Lines keep their numbers and their bytes, and the next one gets the next number."""
    log = place.create()
    fill(log)
    with log.writing() as writer:
        for number in range(1, 6):
            writer.hold("bad-json", "f", number, "r", b"%d" % number * 9_000)
        writer.release(5)
        writer.release(2)
    before = log.quarantine_rows()
    with log.writing() as writer:
        writer.erase(ADA)
        assert writer.hold("bad-json", "f", 6, "r", b"6") == 6
    assert log.quarantine_rows()[:-1] == before


def test_an_audit_sees_the_vault(place):
    """An audit reads persons by number, and every sealed text."""
    log = place.create()
    fill(log)
    audit = log.audit()
    assert list(audit.persons()) == [ADA, BOB]
    assert sorted(audit.texts()) == sorted([FIRST, SECOND, OTHER])
    assert audit.ledger_id() == log.ledger_id
    audit.close()
