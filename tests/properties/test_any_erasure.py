"""Erasing persons changes who is named, and nothing else: for any history, and any of them."""

import json

import worlds
from drawing import a_question, examples
from hypothesis import assume, given
from hypothesis import strategies as st
from playing import (
    Clock,
    a_folder,
    a_ledger,
    ask_everything,
    but_for_positions,
    in_bytes,
    played,
    send,
)

from ledger import Ledger
from ledger.errors import NotFound
from ledger.proof.forms import new_key

PERSONS = ("ada", "bob", "eve", "lea", "leo", "mia", "tom")
GRIDS = ("cases", "education", "contacts", "engagements", "credits", "assessments")
KEY = new_key("ledger.example", bytes(range(32)))


def personal(ledger, names):
    """What grids and roles say, as it has to look once these persons are erased; no order kept."""

    def masked(value, field=""):
        if isinstance(value, dict):
            return {name: masked(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [masked(item, field) for item in value]
        prefix = "user:" if isinstance(value, str) and value.startswith("user:") else ""
        gone = isinstance(value, str) and value.removeprefix("user:") in names
        return f"{prefix}(erased)" if gone else value

    found = {}
    for view in GRIDS:
        answer = masked(ledger.ask(view, which="all"))
        rows = sorted(json.dumps(row) for row in answer.pop("rows"))
        found[view] = ({key: answer[key] for key in answer if key != "as_of"}, rows)
    walked = list(ledger.replay().events)
    found["replay"] = [masked(event) for event in walked]
    return found


def erase(ledger, names):
    """Erase those who are named in any event; return them."""
    gone = []
    for name in names:
        try:
            ledger.erase(name, "asked for")
            gone.append(name)
        except NotFound:
            continue
    return gone


@examples(0.5)
@given(
    events=worlds.worlds(),
    names=st.lists(st.sampled_from(PERSONS), min_size=1, unique=True),
    data=st.data(),
)
def test_only_who_is_named_changes(events, names, data):
    """Rows, root, proofs and answers are those of before, and grids say (erased) for the names."""
    with played(events) as ledger:
        last = ledger.position
        assume(last)
        asked = a_question(data, ledger, events)
        checkpoint = ledger.seal(KEY).checkpoint
        position = data.draw(st.integers(1, last))
        rows, root = ledger.log.read(0, limit=10**6), ledger.check()["root"]
        answers, proof = in_bytes(ask_everything(ledger, **asked)), ledger.prove(position)
        expected = personal(ledger, names)
        gone = erase(ledger, names)
        assert ledger.log.read(0, limit=10**6) == rows
        assert ledger.prove(position, checkpoint) == proof
        assert in_bytes(ask_everything(ledger, **asked)) == answers
        assert personal(ledger, []) == expected
        found = ledger.check(books=True, checkpoints=[checkpoint], keys=[KEY.verifier])
        assert found["damage"] == []
        assert found["root"] == root
        assert ledger.log.erasures() == len(gone)


@examples(0.2)
@given(events=worlds.worlds(), names=st.lists(st.sampled_from(PERSONS), unique=True))
def test_what_is_sent_again_is_a_duplicate(events, names):
    """Events of those who are erased are known when they come again, and are not taken in anew."""
    with a_ledger() as ledger:
        first = send(ledger, events)
        erase(ledger, names)
        again = send(ledger, events)
        assert (again.appended, again.refused) == (0, first.refused)


@examples(0.2)
@given(
    events=worlds.worlds(),
    names=st.lists(st.sampled_from(PERSONS), min_size=1, unique=True),
    data=st.data(),
)
def test_an_export_after_it_counts_the_same(events, names, data):
    """A ledger that is made from what is left has the same numbers, and names nobody erased."""
    with played(events) as ledger, a_ledger() as other, a_folder() as folder:
        asked = a_question(data, ledger, events) | {"known_at": None}
        gone = erase(ledger, names)
        exported = list(ledger.cloudevents(everything=True))
        for name in gone:
            assert not any(f'"{name}"'.encode() in line for line in exported)
            assert not any(f'"user:{name}"'.encode() in line for line in exported)
        file = folder / "export.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in exported))
        other.ingest([str(file)])
        assert other.position == ledger.position
        given_there, given_here = (ask_everything(each, **asked) for each in (other, ledger))
        assert but_for_positions(given_there) == but_for_positions(given_here)


@examples(0.2)
@given(events=worlds.worlds(), names=st.lists(st.sampled_from(PERSONS), unique=True))
def test_no_name_comes_back_into_the_books(events, names):
    """One who has the ledger open while another erases keeps no name, in answers or in books."""
    with a_folder() as folder:
        url = f"sqlite:///{folder}/l.db"
        with played(events, url) as ledger, Ledger.open(url, clock=Clock()) as reader:
            expected = personal(reader, names)
            gone = erase(ledger, names)
            assert personal(reader, []) == expected
            assert reader.rebuild(check=True)["differences"] == []
            for file in folder.glob("l.db-books*"):
                content = file.read_bytes()
                for name in gone:
                    assert f"user:{name}".encode() not in content
                    assert f"\x1f{name}".encode() not in content
