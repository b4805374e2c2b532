"""The envelope: what CloudEvents 1.0 allows is read, all else is refused in one sentence."""

import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.domain.envelope import Envelope, read_envelope
from ledger.domain.refusals import Refusal

GOOD = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test",
    "type": "case.closed",
    "time": "2025-01-10T09:00:00+01:00",
    "data": {"case": "C"},
}


def conformance(shared, name):
    """The cases of the standard's own suite, none where they are not here."""
    if shared is None:
        return []
    found = shared / "data" / "cloudevents_conformance" / name
    return json.loads(found.read_text("utf-8"))["tests"]


def reason(**changes):
    refused = read_envelope({**GOOD, **changes})
    assert isinstance(refused, Refusal), changes
    assert refused.code == "not-a-cloudevent"
    assert refused.waits_for is None
    return refused.reason


def test_an_envelope_is_read_into_one_spelling():
    """The time is in UTC, nulls are left out, whole numbers are int."""
    read = read_envelope({**GOOD, "subject": None, "extra": Decimal("1E1"), "flag": False})
    assert read == Envelope(
        source="urn:test",
        id="1",
        type="case.closed",
        time=1_736_496_000_000_000_000,
        attributes={
            "specversion": "1.0",
            "id": "1",
            "source": "urn:test",
            "type": "case.closed",
            "time": "2025-01-10T08:00:00Z",
            "extra": 10,
            "flag": False,
        },
        data={"case": "C"},
    )
    assert read.key == "urn:test\x1f1"


def test_what_the_standard_calls_invalid_is_refused_even_with_all_that_we_require(shared):
    """No invalid event of the conformance suite becomes valid by our time, data and type."""
    for case in conformance(shared, "invalid-events.json"):
        without = {key: value for key, value in GOOD.items() if key in {"time", "data"}}
        event = without | case["event"]
        refused = read_envelope(event)
        assert isinstance(refused, Refusal), case["id"]
        assert refused.code == "not-a-cloudevent"


def test_what_the_standard_calls_valid_needs_only_our_time_and_data(shared):
    """Every valid event of the conformance suite is read once it has a time and an object."""
    for case in conformance(shared, "valid-events.json"):
        event = {**case["event"], "data": {"case": "C"}}
        if event.get("time") is None:
            assert read_envelope(event).reason == "time must be given"
            event["time"] = GOOD["time"]
        assert isinstance(read_envelope(event), Envelope), case["id"]


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time", "data"])
def test_each_required_attribute_must_be_given(name):
    """Absent and null are the same: missing."""
    without = {key: value for key, value in GOOD.items() if key != name}
    assert read_envelope(without).reason == f"{name} must be given"
    assert reason(**{name: None}) == f"{name} must be given"


@pytest.mark.parametrize(
    "changes,word",
    [
        ({"specversion": "1.1"}, "specversion"),
        ({"specversion": "1.0 "}, "specversion"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\x00"}, "id"),
        ({"id": "a\x9f"}, "id"),
        ({"source": ""}, "source"),
        ({"source": "x" * 201}, "source"),
        ({"source": True}, "source"),
        ({"type": ""}, "type"),
        ({"type": ["case.closed"]}, "type"),
        ({"time": 1_736_496_000}, "time"),
        ({"time": "yesterday"}, "time"),
        ({"time": "1899-12-31T23:59:59Z"}, "time"),
        ({"time": "2200-01-01T00:00:00Z"}, "time"),
        ({"time": "2025-01-10T09:00:60Z"}, "time"),
        ({"data": []}, "data"),
        ({"data": "text"}, "data"),
        ({"data_base64": "e30="}, "data_base64"),
        ({"datacontenttype": "json"}, "datacontenttype"),
        ({"datacontenttype": ""}, "datacontenttype"),
        ({"dataschema": ""}, "dataschema"),
        ({"subject": ""}, "subject"),
        ({"subject": 5}, "subject"),
        ({"Upper": "x"}, "Upper"),
        ({"dotted.name": None}, "dotted.name"),
        ({"": "x"}, "name"),
        ({"é": "x"}, "é"),
        ({"extra": Decimal("1.5")}, "extra"),
        ({"extra": 2**31}, "extra"),
        ({"extra": -(2**31) - 1}, "extra"),
        ({"extra": Decimal("1E+999999999")}, "extra"),
        ({"extra": 10**5000}, "extra"),
        ({"extra": {}}, "extra"),
        ({"extra": [1]}, "extra"),
        ({"extra": "a\tb"}, "extra"),
    ],
)
def test_what_is_wrong_is_named(changes, word):
    """The sentence names the attribute, and stands on one line."""
    assert word in reason(**changes)
    assert "\n" not in reason(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "x" * 200},
        {"id": "007"},
        {"id": "\u200b"},
        {"source": "#fragment"},
        {"datacontenttype": "application/json; charset=utf-8"},
        {"datacontenttype": 'application/vnd.x+json;a="b;c"'},
        {"extra": -(2**31)},
        {"extra": Decimal("-0.0")},
        {"extra": ""},
        {"data": {}},
        {"data_base64": None},
        {"time": "2025-01-10t09:00:00.123456789z"},
    ],
)
def test_what_is_unusual_and_right_is_read(changes):
    """The envelope is strict, and no stricter than the standard and the contract."""
    assert isinstance(read_envelope({**GOOD, **changes}), Envelope)


@pytest.mark.parametrize(
    "spelled",
    [
        "2016-12-31T23:59:59.999999999Z",
        "2016-12-31T23:59:60Z",
        "2016-12-31t23:59:60.5z",
        "2016-12-31T23:59:60.000000000Z",
        "2016-12-31T18:59:60-05:00",
        "2017-01-01T05:29:60+05:30",
        "2017-01-01T23:58:60.999999999+23:59",
    ],
)
def test_a_leap_second_is_the_last_nanosecond_of_its_minute(spelled):
    """In any zone, with decimals or without: it is one instant, and has one spelling."""
    read = read_envelope({**GOOD, "time": spelled})
    assert read.time == 1_483_228_800 * 10**9 - 1
    assert read.attributes["time"] == "2016-12-31T23:59:59.999999999Z"


@pytest.mark.parametrize(
    "spelled",
    [
        *("2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+01:00"),
        *("2016-12-31T00:00:60Z", "2016-12-31T23:60:60Z", "2016-12-31T24:59:60Z"),
        *("2016-12-31T23:59:61Z", "2016-12-31T23:59:60", "2016-12-31T23:59:60.1234567890Z"),
        *("1899-12-31T23:59:60Z", "2200-12-31T23:59:60Z", "2016-02-30T23:59:60Z"),
    ],
)
def test_no_other_second_has_the_number_60(spelled):
    """It is the end of a day of UTC, with all else that an instant needs."""
    assert reason(time=spelled).startswith("time is ")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@example({"extra": Decimal("Infinity")})
@given(st.dictionaries(st.sampled_from([*GOOD, "extra", "data_base64"]) | st.text(), JSON_VALUES))
def test_any_object_is_read_or_refused(changes):
    """No value from outside is a bug of ours: it is read, or refused in one line."""
    read = read_envelope({**GOOD, **changes})
    assert isinstance(read, Envelope) or (
        read.code == "not-a-cloudevent" and "\n" not in read.reason and len(read.reason) < 400
    )
