"""The file of a ledger after an erasure: nothing of what was overwritten, or left, lies in it."""

import random
import re
import sqlite3

import pytest
from files import make
from known_persons import person

from ledger.storage.log import Intake, Log
from ledger.storage.vault.rows import ERASED

NAMED = re.compile(rb"lovelace-[0-9]+!")


def wait_and_leave(log: Log, chance: random.Random) -> set[bytes]:
    """Lines of many sizes come, change why they wait, and leave; return what still waits."""
    waiting: dict[int, bytes] = {}
    for turn in range(40):
        with log.writing() as writer:
            for each in range(chance.randint(0, 15)):
                raw = b"lovelace-%d!" % (turn * 100 + each)
                raw += b"x" * chance.choice((5, 50, 300, 900, 2_000, 9_000))
                reason = "r" * chance.randint(1, 200)
                waiting[writer.hold("bad-json", "f", 1, reason, raw)] = raw
            for number, raw in list(waiting.items()):
                lot = chance.random()
                if lot < 0.15:
                    writer.release(number)
                    del waiting[number]
                elif lot < 0.3:
                    writer.hold("bad-json", "f", 1, "r" * chance.randint(1, 700), raw)
    return {raw[: raw.index(b"!") + 1] for raw in waiting.values()}


@pytest.mark.parametrize("seed", [13, 24, 31])
def test_lines_that_left_the_quarantine_leave_nothing(tmp_path, seed):
    """Pages that were divided and joined keep no copy of a row that is gone.

    Seed 13 is one where, without more than `secure_delete`, they would.
    """
    path = tmp_path / "l.db"
    log = make(path)
    waiting = wait_and_leave(log, random.Random(seed))
    with log.writing() as writer:
        writer.keep([person("ada")], [])
        writer.erase(person("ada"))
        writer.register(ERASED, {"person": 1})
    assert log.scrub()
    assert set(NAMED.findall(path.read_bytes())) == waiting
    log.close()


def begin_and_end(log: Log, chance: random.Random) -> set[bytes]:
    """Files with names of many sizes are begun, go on and are done; return what is under way."""
    names: set[str] = set()
    for turn in range(40):
        with log.writing() as writer:
            for each in range(chance.randint(0, 15)):
                name = f"lovelace-{turn * 100 + each}!" + "x" * chance.choice((5, 50, 300, 2_000))
                names.add(name)
                writer.keep_intake(Intake(name, 1, 9, bytes(32), bytes(32), 1, 0, 0))
            for name in sorted(names):
                lot = chance.random()
                if lot < 0.15:
                    writer.drop_intake(name)
                    names.remove(name)
                elif lot < 0.4:
                    lines = chance.getrandbits(40)
                    writer.keep_intake(Intake(name, lines, 9, bytes(32), bytes(32), lines, 0, 0))
    return {name[: name.index("!") + 1].encode() for name in names}


@pytest.mark.parametrize("seed", [5, 20, 31])
def test_names_of_files_that_are_done_leave_nothing(tmp_path, seed):
    """As lines that left the quarantine do; without more than `secure_delete`, they would."""
    path = tmp_path / "l.db"
    log = make(path)
    under_way = begin_and_end(log, random.Random(seed))
    with log.writing() as writer:
        writer.keep([person("ada")], [])
        writer.erase(person("ada"))
        writer.register(ERASED, {"person": 1})
    assert log.scrub()
    assert set(NAMED.findall(path.read_bytes())) == under_way
    log.close()


def test_the_row_of_a_person_lies_nowhere(tmp_path):
    """Of many persons, those who are erased leave no digest, salt or key, and the others do."""
    path = tmp_path / "l.db"
    log = make(path)
    persons = [person(f"p{number}", number) for number in range(1, 701)]
    chance = random.Random(7)
    for start in range(0, 700, 35):
        with log.writing() as writer:
            writer.keep(persons[start : start + 35], [])
    gone = chance.sample(persons, 300)
    for start in range(0, 300, 60):
        with log.writing() as writer:
            for each in gone[start : start + 60]:
                writer.erase(each)
    assert log.scrub()
    content = path.read_bytes()
    for each in persons:
        there = {part in content for part in each[1:]}
        assert there == {each not in gone}
    log.close()


def test_the_database_guards_the_vault(tmp_path):
    """Persons are erased and never else changed; what is kept of them is never changed."""
    path = tmp_path / "l.db"
    log = make(path)
    with log.writing() as writer:
        writer.keep([person("ada")], [])
    log.close()
    file = sqlite3.connect(path)
    for statement in (
        "UPDATE persons SET salt = zeroblob(32)",
        "UPDATE persons SET key = randomblob(32), salt = zeroblob(32), digest = zeroblob(32)",
        "UPDATE persons SET number = 2",
        "DELETE FROM persons",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="a person is never"):
            file.execute(statement)
    file.execute("INSERT INTO personal VALUES (zeroblob(32), 1, x'00')")
    for statement in ("UPDATE personal SET sealed = x'01'", "DELETE FROM personal"):
        with pytest.raises(sqlite3.IntegrityError, match="what is kept of a person is never"):
            file.execute(statement)
    file.close()
