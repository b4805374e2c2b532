"""The codec: equal values have equal bytes, the golden bytes stay, and what is odd is refused."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_persons import Texts, in_clear, stored

from ledger.domain.envelope import Envelope
from ledger.domain.events import BY_NAME, EVENTS
from ledger.domain.events.cases import CaseFact, CaseLabourRecorded
from ledger.domain.events.fields import PersonName, Positive
from ledger.domain.refusals import Refusal
from ledger.domain.values.quantities import MINUTE, parse_quantity
from ledger.errors import Damaged
from ledger.storage.codec import Codec, Data, Typed, canonical, parse_json
from ledger.storage.log import StoredRow
from ledger.storage.vault.commitments import MARK
from ledger.storage.vault.vault import Vault

GOLDEN = Path(__file__).with_name("golden")


class CaseLabourLogged(CaseFact):
    """Labour as an older version could have had it: in hours. Only these tests know it."""

    type_name: ClassVar[str] = "case.labour_logged"

    hours: Positive
    engineer: PersonName | None = None


def _in_minutes(data: Data) -> Data:
    hours = data.pop("hours")
    return {**data, "minutes": parse_quantity(hours) // MINUTE}


WITH_AN_OLD_TYPE = Codec(
    events={**BY_NAME, "case.labour_logged": CaseLabourLogged},
    upcasts={"case.labour_logged": ("case.labour_recorded", _in_minutes)},
)


def golden(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


def typed(raw: bytes, codec: Codec | None = None) -> Typed | Refusal:
    codec = codec or Codec()
    envelope = codec.receive(raw)
    return envelope if isinstance(envelope, Refusal) else codec.typed(envelope)


def event(type_name: str, data: str, time: str = "2025-03-31T14:00:00Z") -> bytes:
    return (
        f'{{"specversion":"1.0","id":"1","source":"s","type":"{type_name}","time":"{time}",'
        f'"data":{data}}}'
    ).encode()


def test_every_type_has_golden_bytes():
    """There is a golden line of every event type, in the order of the types."""
    types = [json.loads(line)["type"] for line in golden("events.jsonl")]
    assert types == [model.type_name for model in EVENTS]


def test_stored_bytes_are_those_of_the_golden_lines():
    """Each golden line is stored as the golden bytes, with commitments to what says who it is."""
    lines = [(typed(line), line) for line in golden("events.jsonl")]
    assert [stored(found) for found, _ in lines] == golden("stored.jsonl")
    assert [in_clear(found) for found, _ in lines] == golden("events.jsonl")


@pytest.mark.parametrize("state", golden("stored.jsonl"), ids=lambda state: json.loads(state)["id"])
def test_golden_bytes_are_read_as_they_are(state):
    """What was once stored reads as its type, and as the event that was sent."""
    sent = next(
        line for line in golden("events.jsonl") if json.loads(line)["id"] == json.loads(state)["id"]
    )
    found = typed(sent)
    assert isinstance(found, Typed)
    assert set(json.loads(sent)["data"]) == set(json.loads(state)["data"])
    vault = Vault(Texts(found))
    for codec, stands in [(Codec(vault=vault), state), (Codec(), sent)]:
        envelope, read = codec.decode(found.envelope.type, stands)
        assert type(read) is BY_NAME[envelope.type]
        assert read == found.event
    assert (envelope, read) == (found.envelope, found.event)


@pytest.mark.parametrize("state", golden("stored.jsonl"), ids=lambda state: json.loads(state)["id"])
def test_what_is_erased_reads_as_its_type(state):
    """Without the vault, and with one that was emptied, an event is as sound, and names nobody."""
    type_name = json.loads(state)["type"]
    texts = Texts(*map(typed, golden("events.jsonl")))
    texts.erase()
    _, without = Codec().decode(type_name, state)
    _, emptied = Codec(vault=Vault(texts)).decode(type_name, state)
    assert without == emptied
    read = without.model_dump_json().encode()
    assert read.count("\ufdd0".encode()) == state.count(MARK)


def test_equal_texts_of_a_person_are_equal_once_more_when_erased():
    """Two events of one person name one nobody, and those of two persons two of them."""
    lines = [
        event("case.updated", f'{{"case":"C","primary_contact":"{name}"}}')
        for name in ("ada", "user:ada", "ada", "bob")
    ]
    read = [Codec().decode("case.updated", stored(typed(line)))[1] for line in lines]
    first, prefixed, again, other = (found.primary_contact for found in read)
    assert first == again != other
    assert prefixed == f"user:{first}"


@pytest.mark.parametrize("state", golden("events.jsonl"), ids=lambda state: json.loads(state)["id"])
def test_another_spelling_has_the_same_bytes(state):
    """Order of keys, blanks, escapes, nulls and the spelling of the time make no difference."""
    value = dict(reversed(json.loads(state).items()))
    value["data"] = dict(reversed(value["data"].items()))
    value["data"] = {"case": None, **value["data"]} if "case" in value["data"] else value["data"]
    value["time"] = value["time"].replace("T12:", "t21:").replace("Z", "+09:00")
    value["comexampleabsent"] = None
    found = typed(json.dumps(value, indent=2).encode())
    assert isinstance(found, Typed)
    assert in_clear(found) == state


@pytest.mark.parametrize("sent", ["12.50", '"12.5"', "1.25e1", '"12.500000000"', "125E-1"])
def test_a_quantity_has_one_spelling(sent):
    """However a decimal is sent, it is stored as one text."""
    data = '{"package":"P","entitlement":"E","workspace":"W","reason":"r","credits":%s}'
    found = typed(event("credit.refunded", data % sent))
    assert isinstance(found, Typed)
    assert b'"credits":"12.5"' in found.state


def test_a_null_that_clears_is_not_absent():
    """A null is stored where it clears, and only there."""
    clearing = typed(event("case.reassigned", '{"case":"C","package":null}'))
    other = typed(event("case.reassigned", '{"case":"C","package":null,"workspace":null}'))
    plain = typed(event("case.closed", '{"case":"C","reason":null}'))
    assert isinstance(clearing, Typed)
    assert isinstance(other, Typed)
    assert isinstance(plain, Typed)
    assert b'"data":{"case":"C","package":null}' in clearing.state
    assert clearing.state != other.state
    assert b'"data":{"case":"C"}' in plain.state


def test_old_events_are_read_through_their_upcast():
    """An older version is stored as it was sent, and read as the newest, in and out."""
    old = golden("upcasts.jsonl")
    for state, minutes in zip(old, [90, 3], strict=True):
        found = typed(state, WITH_AN_OLD_TYPE)
        assert isinstance(found, Typed)
        assert in_clear(found) == state
        assert found.envelope.type == "case.labour_logged"
        _, read = WITH_AN_OLD_TYPE.decode("case.labour_logged", state)
        assert read == found.event
        assert isinstance(read, CaseLabourRecorded)
        assert read.minutes == minutes
    assert not WITH_AN_OLD_TYPE.is_term("case.labour_logged")


def test_an_old_event_that_its_upcast_cannot_carry_is_refused():
    """What the newest type does not take is no data of the old one, either."""
    found = typed(event("case.labour_logged", '{"case":"C","hours":"0.001"}'), WITH_AN_OLD_TYPE)
    assert isinstance(found, Refusal)
    assert found.code == "invalid-data"


def test_damage_names_the_position():
    """Stored bytes that are not what the codec writes say where they are."""
    state = golden("events.jsonl")[0]
    for broken, topic in [
        (state[:-1], "workspace.created"),
        (state, "case.opened"),
        (state.replace(b'"customer":"contoso",', b""), "workspace.created"),
        (state.replace(b"workspace.created", b"workspace.lost"), "workspace.lost"),
        (state.replace(b'"1.0"', b'"0.3"'), "workspace.created"),
    ]:
        with pytest.raises(Damaged, match="position 17"):
            Codec().recorded(StoredRow(17, "workspace:W", 1, topic, broken, 5))


def test_a_recorded_event_has_its_dates_and_its_place():
    """What comes out of the log knows when it took effect, when it was recorded, and where."""
    state = golden("events.jsonl")[0]
    recorded = Codec().recorded(StoredRow(17, "workspace:W", 1, "workspace.created", state, 5))
    assert (recorded.position, recorded.recorded_at, recorded.stream) == (17, 5, "workspace:W")
    assert recorded.effective_at == 1_743_422_400 * 10**9
    assert (recorded.source, recorded.id) == ("urn:golden", "workspace.created")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abxy"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abxy"), json_values, max_size=4))
def test_canonical_json_is_what_any_json_library_writes(value):
    """Canonical bytes are those of `json.dumps` with sorted keys, no blanks and no escapes."""
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert canonical(value) == plain.encode()
    assert parse_json(canonical(value)) == value


@given(st.binary(max_size=40))
def test_any_bytes_get_a_verdict(raw):
    """No bytes break the codec."""
    assert isinstance(Codec().receive(raw), Refusal | Envelope)


@given(
    st.sampled_from(golden("events.jsonl")),
    st.integers(0, 10_000),
    st.sampled_from(list(b'{}[]",:0189.eE-+ntfZ\\ \x00\xff')),
)
def test_a_golden_line_with_one_byte_changed_gets_a_verdict(state, place, byte):
    """One wrong byte makes a refusal or another sound event, never a failure of ours."""
    changed = bytearray(state)
    changed[place % len(changed)] = byte
    found = typed(bytes(changed))
    if isinstance(found, Typed):
        again = typed(in_clear(found))
        assert isinstance(again, Typed)
        assert (again.state, again.held) == (found.state, found.held)
