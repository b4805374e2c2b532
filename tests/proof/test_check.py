"""The check: a whole ledger passes, and whatever is done behind its back is found, and where."""

import json
import sqlite3
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sessions import envelope, foundation, openings
from tampering import behind, copy_of, forget_seals, hash_anew, take_apart

from ledger import Ledger
from ledger.errors import CpodError
from ledger.proof.forms import new_key

KEY = new_key("ledger.example", bytes(range(32)))
EVENTS = 24
SEALED = (9, 20)


def ingest(ledger, folder, events):
    file = folder / "events.jsonl"
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events), "utf-8")
    ledger.ingest([str(file)], batch_size=3)


def named(learner, number):
    return envelope(number, "course.started", workspace="W", learner=learner, item="I")


def build(url, folder):
    """A ledger with a reversal, a held line, and seals over 9 and 20 of its 24 events.

    Of three persons whom events name, the second is erased.
    """
    reverses = {"source": "urn:desk", "id": "e12"}
    reversal = envelope(
        90, "event.reversed", reverses=reverses, reason="wrong", authorised_by="ada"
    )
    waiting = envelope(91, "contract.mapped", contract="K9", workspace="W")
    with Ledger.create(url) as ledger:
        ingest(ledger, folder, [*foundation(), *openings(10, 5)])
        notes = [ledger.seal(KEY).checkpoint]
        ingest(ledger, folder, [*openings(20, 10), reversal, waiting])
        notes.append(ledger.seal(KEY).checkpoint)
        ingest(ledger, folder, [*openings(40, 2), named("bob", 50), named("eve", 51)])
        ledger.erase("bob", "asked for")
        with ledger.log.writing() as writer:
            writer.register("note", {"by": "ada"})
        assert ledger.position == EVENTS
    return notes


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A ledger that nobody touched, its checkpoints, and a folder for copies."""
    folder = tmp_path_factory.mktemp("whole")
    notes = build(f"sqlite:///{folder}/whole.db", folder)
    with sqlite3.connect(folder / "whole.db") as file:
        file.execute("PRAGMA journal_mode = DELETE")
    return folder / "whole.db", notes, folder


def check(path, notes=(), books=False):
    with Ledger.open(f"sqlite:///{path}") as ledger:
        return ledger.check(books=books, checkpoints=notes, keys=[KEY.verifier] if notes else [])


def located(found):
    """The first event that is itself seen to be wrong; a seal may say that one before it is."""
    return min(
        one["position"]
        for one in found["damage"]
        if one["position"] is not None and one["until"] is None
    )


def whats(claims):
    return [claim["what"] for claim in claims]


@pytest.mark.parametrize("backend", ["memory:", "sqlite"])
def test_a_whole_ledger_passes(tmp_path, backend):
    """What nobody touched is whole, on every backend, and all that can be proved is proved."""
    url = backend if backend == "memory:" else f"sqlite:///{tmp_path}/a.db"
    key = [KEY.verifier]
    with Ledger.create(url) as ledger:
        empty = ledger.check(books=True)
        assert (empty["ok"], empty["position"]) == (True, 0)
        ingest(ledger, tmp_path, [*foundation(), *openings(10, 30)])
        note = ledger.seal(KEY).checkpoint
        found = ledger.check(books=True, checkpoints=[note], keys=key)
        assert found["damage"] == []
        assert (found["ok"], found["first_bad"], found["good_until"]) == (True, None, 34)
        assert (found["sealed_until"], found["kept_elsewhere_until"]) == (34, 34)
        assert whats(found["not_proved"]) == ["witness", "aside"]
        assert len(found["proved"]) == 17


def test_what_is_not_proved_is_said(whole):
    """The events after the last seal, and that no checkpoint was given, are named."""
    path, notes, _ = whole
    found = check(path)
    assert found["ok"]
    open_claims = {claim["what"]: claim for claim in found["not_proved"]}
    assert set(open_claims) == {"elsewhere", "unsealed", "witness", "erased", "aside", "books"}
    assert (open_claims["unsealed"]["first"], open_claims["unsealed"]["last"]) == (21, 24)
    given_claims = {claim["what"]: claim for claim in check(path, notes[:1])["not_proved"]}
    assert given_claims["tail"] == {"what": "tail", "first": 10, "last": 24}


KEPT_OF_ADA = "(SELECT * FROM personal WHERE person = 1)"
HASHED = ("originator_id", "originator_version", "topic", "state", "recorded_at")
COLUMNS = (
    *(("events", "position", name) for name in ("position", *HASHED, "event_key", "is_term")),
    *(("nodes", "position", name) for name in ("position", "hashes")),
    *(("counter", "one", name) for name in ("last_position", "last_recorded_at")),
    *(("homes", "subject", name) for name in ("subject", "stream")),
    *(("seals", "number", name) for name in ("number", "size", "verifier_key", "checkpoint")),
    *(("quarantine", "number", name) for name in ("digest", "raw")),
    *(("persons", "number", name) for name in ("number", "digest", "salt", "key")),
    *(("personal", "commitment", name) for name in ("commitment", "person")),
    *((KEPT_OF_ADA, "commitment", name) for name in ("commitment", "person", "sealed")),
)


def flip(file, table, key, column, data):
    """Flip bits of one byte of one value, whatever its type; return the row's key."""
    rows = file.execute(f"SELECT {key}, {column}, typeof({column}) FROM {table}").fetchall()
    row, value, kind = data.draw(st.sampled_from(rows))
    bits = data.draw(st.integers(1, 255))
    if kind == "integer":
        table = "personal" if table == KEPT_OF_ADA else table
        changed = value ^ (bits << 8 * data.draw(st.integers(0, 6)))
        file.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, row))
        return row
    raw = bytearray(value.encode() if kind == "text" else value)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= bits
    put = "CAST(? AS TEXT)" if kind == "text" else "?"
    table = "personal" if table == KEPT_OF_ADA else table
    file.execute(f"UPDATE {table} SET {column} = {put} WHERE {key} = ?", (bytes(raw), row))
    return row


@pytest.mark.parametrize("table,key,column", COLUMNS)
@settings(max_examples=settings.default.max_examples * 2 // 5)
@given(st.data())
def test_any_byte_of_any_column(whole, table, key, column, data):
    """One byte changed in whatever is stored is found; of an event, at that very event."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    try:
        with behind(tried) as file:
            row = flip(file, table, key, column, data)
    except sqlite3.IntegrityError:
        assume(False)
    found = check(tried)
    assert not found["ok"]
    if table == "events" and column in HASHED:
        assert (found["first_bad"], found["good_until"]) == (row, row - 1)


@given(st.data())
def test_rows_deleted(whole, data):
    """Any rows that are gone are found, and the first of them is named."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    gone = data.draw(st.sets(st.integers(1, EVENTS), min_size=1))
    with behind(tried) as file:
        take_apart(file)
        for table in data.draw(st.sampled_from([("events",), ("nodes",), ("events", "nodes")])):
            marks = [(position,) for position in gone]
            file.executemany(f"DELETE FROM {table} WHERE position = ?", marks)
    found = check(tried)
    assert (found["ok"], located(found)) == (False, min(gone))
    assert found["first_bad"] <= min(gone)


@given(st.data())
def test_hashes_cut_off_or_added(whole, data):
    """A piece of hashes that ends elsewhere than it did is found, also inside of the next one."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        if data.draw(st.booleans()):
            take_apart(file)
        rows = file.execute("SELECT position, hashes FROM nodes").fetchall()
        position, piece = data.draw(st.sampled_from(rows))
        longer = piece + bytes(data.draw(st.integers(1, 100)))
        shorter = piece[: data.draw(st.integers(0, len(piece) - 1))]
        changed = data.draw(st.sampled_from([longer, shorter]))
        file.execute("UPDATE nodes SET hashes = ? WHERE position = ?", (changed, position))
    found = check(tried)
    assert whats(found["damage"]) == ["hashes"] * len(found["damage"])
    assert found["first_bad"] >= position


@given(st.data())
def test_rows_swapped(whole, data):
    """Two events that changed places are found, even with their hashes taken along."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    one, other = sorted(data.draw(st.sets(st.integers(1, EVENTS), min_size=2, max_size=2)))
    with behind(tried) as file:
        for table in data.draw(st.sampled_from([("events",), ("events", "nodes")])):
            for old, new in ((one, -1), (other, one), (-1, other)):
                move = f"UPDATE {table} SET position = ? WHERE position = ?"
                file.execute(move, (new, old))
    found = check(tried)
    assert (found["ok"], located(found)) == (False, one)
    assert found["first_bad"] <= one


INSERT = (
    "INSERT INTO events SELECT ?, originator_id, originator_version + 100, topic, state,"
    " recorded_at, event_key || '!', is_term FROM events WHERE position = ?"
)


@given(st.integers(1, EVENTS), st.sampled_from([EVENTS + 1, EVENTS + 7, 0, -4, 2**62]))
def test_rows_inserted(whole, of, at):
    """An event put in where there was none is found."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        file.execute(INSERT, (at, of))
    found = check(tried)
    assert not found["ok"]
    assert found["first_bad"] == min(at, EVENTS + 1)


@given(st.integers(1, EVENTS - 1))
def test_a_truncated_ledger(whole, left):
    """A ledger cut at its end is found by its counter, else by its seals, else by one elsewhere."""
    path, notes, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        for table in ("events", "nodes"):
            file.execute(f"DELETE FROM {table} WHERE position > ?", (left,))
    assert check(tried)["first_bad"] == left + 1
    with behind(tried) as file:
        hash_anew(file)
        file.execute("DELETE FROM homes")
    by_seals = check(tried)
    assert not by_seals["ok"]
    with behind(tried) as file:
        forget_seals(file, above=left)
    found = check(tried, notes)
    if left < SEALED[1]:
        assert (found["ok"], found["first_bad"]) == (False, left + 1)
        sealed = [damage for damage in found["damage"] if damage["what"] == "sealed"]
        assert sealed
        assert found["good_until"] == left


@given(st.integers(1, EVENTS), st.data())
def test_one_who_makes_every_hash_anew(whole, position, data):
    """A change with all hashes made to fit is found by a checkpoint from elsewhere alone."""
    path, notes, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        (stamp,) = file.execute(
            "SELECT recorded_at FROM events WHERE position = ?", (position,)
        ).fetchone()
        same = "UPDATE events SET recorded_at = ? WHERE recorded_at = ?"
        file.execute(same, (stamp + data.draw(st.sampled_from([-1, 1])), stamp))
        (first,) = file.execute(
            "SELECT min(position) FROM events WHERE recorded_at IN (?, ?)", (stamp - 1, stamp + 1)
        ).fetchone()
        hash_anew(file)
    kept = check(tried)
    assert kept["ok"] == (first > SEALED[1])  # the seals in the ledger show it
    with behind(tried) as file:
        forget_seals(file)
    alone = check(tried)
    assert alone["ok"]  # nothing in the file itself shows it
    assert "elsewhere" in whats(alone["not_proved"])
    found = check(tried, notes)
    assert found["ok"] == (first > SEALED[1])
    if not found["ok"]:
        (damage,) = [one for one in found["damage"] if one["position"] == found["first_bad"]][:1]
        assert damage["position"] <= first <= damage["until"]
        assert found["good_until"] == (0 if first <= SEALED[0] else SEALED[0])


def test_a_damaged_hash_leaves_the_events_good(whole):
    """Where only a stored hash is damaged, the seal still shows that the events are right."""
    path, notes, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        take_apart(file)
    assert check(tried)["ok"]
    with behind(tried) as file:
        file.execute("UPDATE nodes SET hashes = zeroblob(length(hashes)) WHERE position = 8")
    found = check(tried, notes)
    assert (set(whats(found["damage"])), found["first_bad"]) == ({"hashes"}, 8)
    assert found["kept_elsewhere_until"] == 20


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER events_no_update",
        "DROP TRIGGER seals_no_delete",
        "DROP INDEX terms",
        "CREATE TRIGGER evil AFTER INSERT ON events BEGIN DELETE FROM seals; END",
        "CREATE TABLE mine (a)",
    ],
)
def test_guards_that_are_gone_or_added(whole, statement):
    """A ledger without its guards, or with somebody else's, is not as it was made."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    with sqlite3.connect(tried) as file:
        file.execute(statement)
    found = check(tried)
    assert whats(found["damage"]) == ["database"]
    assert found["good_until"] == EVENTS


@pytest.mark.parametrize("table", ["seals", "register"])
def test_entries_at_the_end_that_are_gone(whole, table):
    """The last seal, or the last entry of the register, does not go unnoticed."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        file.execute(f"DELETE FROM {table} WHERE number = (SELECT max(number) FROM {table})")
    assert whats(check(tried)["damage"]) == ["database"]


@given(st.data())
def test_any_byte_of_the_file(whole, data):
    """A byte of the file itself that is changed is found, or changes nothing that is stored."""
    path, notes, folder = whole
    tried = copy_of(path, folder)
    content = bytearray(tried.read_bytes())
    at = data.draw(st.integers(100, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    tried.write_bytes(content)
    found = {"ok": False}
    with suppress(CpodError):
        found = check(tried, notes)
    if found["ok"]:
        assert events_of(tried) == events_of(path)


def events_of(path):
    file = sqlite3.connect(path)
    try:
        return file.execute("SELECT * FROM events ORDER BY position").fetchall()
    finally:
        file.close()


@pytest.mark.parametrize(
    "statement,what",
    [
        ("DELETE FROM postings WHERE rowid = 1", "rebuilt"),
        ("UPDATE postings SET whole = whole + 1 WHERE rowid = 2", "rebuilt"),
        ("DELETE FROM subject_events WHERE position = 6", "once"),
        ("DELETE FROM reversals", "reversals"),
        ("DELETE FROM placed", "conservation"),
        ("DELETE FROM postings", "conservation"),
        ("UPDATE placed SET package = 'P2' WHERE package = 'P'", "conservation"),
    ],
)
def test_books_that_are_not_what_the_events_say(whole, statement, what):
    """Books with a row changed or lost break the law that this row is under."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    assert check(tried, books=True)["ok"]
    with sqlite3.connect(f"{tried}-books") as books:
        books.execute(statement)
    books.close()
    found = check(tried, books=True)
    assert not found["ok"]
    assert {"rebuilt", what} <= set(whats(found["damage"]))


def test_the_command_says_it_all(cpod, whole, tmp_path):
    """The command prints what is proved and what is not, and exits 6 on damage with its place."""
    path, notes, folder = whole
    (tmp_path / "vkey").write_text(f"{KEY.verifier}\n")
    for name, note in zip(("june", "july"), notes, strict=True):
        (tmp_path / name).write_bytes(note)
    url = ("--ledger", f"sqlite:///{path}")
    good = cpod("check", *url)
    assert good.exit == 0
    assert "whole: 24 events" in good.out
    assert "Events 21 to 24 are under no seal" in good.out
    tried = copy_of(path, folder)
    with behind(tried) as file:
        file.execute("UPDATE events SET topic = 'case.closed' WHERE position = 15")
    url = ("--ledger", f"sqlite:///{tried}")
    bad = cpod("check", *url, "--checkpoint", "june", "--checkpoint", "july", "--key", "vkey")
    assert bad.exit == 6
    assert "position 15: the event is not the one that was hashed" in bad.out
    assert "The first bad position is 15." in bad.out
    assert "Events 1 to 14 are good by their hashes." in bad.out
    assert cpod("check", *url, "--format", "json").json["first_bad"] == 15


@pytest.mark.parametrize(
    "words,code",
    [
        (["--checkpoint", "july"], 2),
        (["--key", "vkey"], 2),
        (["--checkpoint", "missing", "--key", "vkey"], 2),
        (["--as", "ada"], 3),
        (["--ledger", "sqlite:///nowhere.db"], 4),
    ],
)
def test_wrong_usage_of_check(cpod, whole, tmp_path, words, code):
    """What is missing is wrong usage, and nobody but the operator checks."""
    path, notes, _ = whole
    (tmp_path / "vkey").write_text(f"{KEY.verifier}\n")
    (tmp_path / "july").write_bytes(notes[1])
    assert cpod("check", "--ledger", f"sqlite:///{path}", *words).exit == code


def test_a_checkpoint_of_another_key_is_no_proof(cpod, whole, tmp_path):
    """A checkpoint that the key given did not sign is damage, not an argument."""
    path, notes, _ = whole
    (tmp_path / "july").write_bytes(notes[1])
    other = str(new_key("ledger.example", bytes(32)).verifier)
    ran = cpod("check", "--ledger", f"sqlite:///{path}", "--checkpoint", "july", "--key", other)
    assert ran.exit == 6
    assert "none of the keys" in ran.out


@pytest.mark.parametrize(
    "statement,reason",
    [
        ("DELETE FROM personal WHERE person = 1", "gone"),
        ("DELETE FROM personal WHERE person = 2", "gone"),
        ("DELETE FROM persons WHERE number = 3", "who is not there"),
        ("DELETE FROM persons WHERE number = 2", "person 2 is gone"),
        ("INSERT INTO personal VALUES (randomblob(32), 2, x'00')", "that no event names"),
        (
            "INSERT INTO persons VALUES (4, randomblob(32), randomblob(32), randomblob(32))",
            "nothing is kept of person 4",
        ),
        (
            "UPDATE persons SET digest = randomblob(32) WHERE number = 1",
            "found by another id",
        ),
        (
            "UPDATE persons SET salt = zeroblob(32), key = zeroblob(32),"
            " digest = CAST(zeroblob(31) || x'01' AS BLOB) WHERE number = 1",
            "not those that the register names",
        ),
        (
            "DELETE FROM register WHERE what = 'erased'",
            "not those that the register names",
        ),
        (
            "UPDATE persons SET salt = (SELECT salt FROM persons WHERE number = 3),"
            " key = (SELECT key FROM persons WHERE number = 3) WHERE number = 1",
            "cannot be opened",
        ),
    ],
)
def test_whatever_is_done_to_the_vault(whole, statement, reason):
    """Persons and texts that are gone, made up, exchanged, or erased by nobody are found."""
    path, _, folder = whole
    tried = copy_of(path, folder)
    with behind(tried) as file:
        assert file.execute(statement).rowcount >= 1
    found = check(tried)
    assert not found["ok"]
    assert any(one["what"] == "vault" and reason in one["reason"] for one in found["damage"])
