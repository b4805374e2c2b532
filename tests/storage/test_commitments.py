"""What says who somebody is leaves the stored bytes and comes back, whatever texts there are."""

import json

from hypothesis import given
from hypothesis import strategies as st
from known_persons import Texts, in_clear, person, stored

from ledger.domain.events import EVENTS
from ledger.domain.persons import personal_fields, personal_values
from ledger.storage.codec import Codec, canonical, parse_json
from ledger.storage.vault.commitments import (
    MARK,
    commit,
    commitments_in,
    compared,
    sent_text,
    spelled,
)
from ledger.storage.vault.vault import Vault

NAMES = st.sampled_from(("ada", "user:ada", "bob", "group:ops", "user:", "é", "o'\"\\ü", "a b"))
COMMITTED = spelled(commit(person("ada").salt, "ada")).decode()
EVIL = st.sampled_from(
    (
        '{"commitment":0',
        '{"commitment":0}',
        f'{{"commitment":"{COMMITTED}"}}',
        f'","x":{{"commitment":"{COMMITTED}","prefix":"user:"}}',
        "\ufdd0" + COMMITTED,
        "ada",
    )
)
TEXTS = st.one_of(EVIL, st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))


@st.composite
def sendable(draw):
    """An event of one of several types, with texts that look like what stands in stored bytes."""
    time = {"time": "2025-01-01T00:00:00Z", "id": "1", "source": "s", "specversion": "1.0"}
    kind = draw(st.sampled_from(("case.updated", "contact.added", "event.reversed")))
    name = draw(NAMES)
    data = {
        "case.updated": {"case": "C", "title": draw(TEXTS), "primary_contact": name},
        "contact.added": {"package": "P", "entitlement": "E", "workspace": "W", "contact": name}
        | {"name": draw(TEXTS), "email": draw(TEXTS)},
        "event.reversed": {"reverses": {"source": "s", "id": "2"}, "reason": draw(TEXTS)}
        | {"authorised_by": draw(st.one_of(NAMES, TEXTS))},
    }[kind]
    return {**time, "type": kind, "data": data, "extra": draw(EVIL)}


def typed(event):
    codec = Codec()
    return codec.typed(codec.receive(json.dumps(event).encode()))


@given(sendable())
def test_any_event_comes_back_as_it_was_sent(event):
    """With the vault the bytes in clear are those that were sent, and else none is there."""
    found = typed(event)
    clear = canonical(parse_json(json.dumps(event).encode()))
    assert in_clear(found) == clear
    state = stored(found)
    assert Vault(Texts(found)).sent(state) == clear
    assert len(commitments_in(state)) == len(found.held) == found.state.count(MARK)
    assert parse_json(Vault().sent(state))["extra"] == event["extra"]


@given(sendable(), sendable())
def test_only_commitments_may_differ(one, other):
    """Stored bytes are compared with what comes again, their commitments apart."""
    first, second = typed(one), typed(other)
    if first.held:
        assert compared(first.state, stored(first)) == commitments_in(stored(first))
    alike = first.state == second.state
    assert (compared(second.state, stored(first)) is not None) == alike


def test_what_is_marked_is_where_it_can_be_replaced():
    """Personal fields are texts of an event itself, sent under their own names."""
    marked = [model for model in EVENTS if personal_fields(model)]
    assert marked
    for model in marked:
        for name, mark in personal_fields(model):
            assert model.model_fields[name].alias is None
            assert mark.of is None or mark.of in model.model_fields


def test_whose_a_field_is():
    """A contact's name is the contact's; `user:` is no part of an id; a group is nobody."""
    codec = Codec()
    data = {"package": "P", "entitlement": "E", "workspace": "W"}
    data |= {"contact": "user:ada", "name": "user:friendly", "email": ""}
    envelope = {"type": "contact.added", "time": "2025-01-01T00:00:00Z", "specversion": "1.0"}
    sent = {**envelope, "id": "1", "source": "s", "data": data}
    event = codec.typed(codec.receive(json.dumps(sent).encode())).event
    assert [tuple(value) for value in personal_values(event, personal_fields(type(event)))] == [
        ("contact", "ada", "user:", "ada"),
        ("name", "ada", "", "user:friendly"),
    ]


def test_what_is_sent_on_of_the_erased_is_distinct():
    """Two texts that are erased are two texts."""
    one, other = commit(person("ada").salt, "ada"), commit(person("bob").salt, "bob")
    assert sent_text(one) != sent_text(other)
    assert sent_text(one).startswith("(erased:")
