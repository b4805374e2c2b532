"""Envelopes: what each attribute takes, at its very edge, and the one spelling that is kept."""

from decimal import Decimal

import pytest

from ledger.domain.envelope import Envelope, read_envelope

SENT = {
    "specversion": "1.0", "id": "i", "source": "s", "type": "t", "time": "2025-01-01T00:00:00Z",
    "data": {"a": 1},
}  # fmt: skip
LONGEST = "x" * 200


def why(**changed):
    """Why an envelope is refused; nothing where it is not."""
    found = read_envelope(
        {name: value for name, value in {**SENT, **changed}.items() if value != "-"}
    )
    return "" if isinstance(found, Envelope) else found.reason


def kept(**changed):
    found = read_envelope({**SENT, **changed})
    assert isinstance(found, Envelope), found
    return found.attributes


def test_an_event_is_read_whole():
    found = read_envelope(SENT)
    assert (found.source, found.id, found.type, found.data) == ("s", "i", "t", {"a": 1})
    assert (found.time, found.key) == (1_735_689_600 * 10**9, "s\x1fi")
    assert found.attributes == {name: value for name, value in SENT.items() if name != "data"}


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_each_of_the_core_has_to_be_given_as_a_text(name):
    for nothing in ("-", None):
        assert why(**{name: nothing}) == f"{name} must be given"
    assert why(**{name: ""}) == f"{name} is empty"
    assert "not a text" in why(**{name: 1})
    assert "not a text" in why(**{name: True})
    for control in ("\x00", "\x1f", "\x7f", "\x9f", "\n"):
        assert "control character" in why(**{name: f"a{control}"})


def test_all_that_is_missing_is_named():
    assert why(id="-", time=None, type="-") == "id and time and type must be given"
    assert why(data="-") == why(data=None) == "data must be given"
    assert "a list, not a JSON object" in why(data=[])
    assert "an event is a JSON object, not a list" in read_envelope([]).reason
    assert read_envelope(7).code == "not-a-cloudevent"


@pytest.mark.parametrize("name", ["id", "source"])
def test_an_identifier_has_at_most_200_characters(name):
    assert why(**{name: LONGEST}) == ""
    assert why(**{name: LONGEST + "x"}) == f"{name} has more than 200 characters"
    assert why(**{name: "\u00e9\u00a0\ud83d\ude00"}) == ""
    assert why(type=LONGEST + "x") == ""
    assert why(source=LONGEST, id=LONGEST) == ""
    assert why(source=LONGEST, id=LONGEST + "x") == "id has more than 200 characters"
    assert why(source=LONGEST + "x", id=LONGEST + "x") == "source has more than 200 characters"


@pytest.mark.parametrize("version", ["1", "1.0.0", "0.3", "1.1", " 1.0"])
def test_another_version_is_not_accepted(version):
    assert 'only "1.0" is accepted' in why(specversion=version)


@pytest.mark.parametrize("given,accepted", [
    ("application/json", True), ("a/b; c=d", True), ('a/b;c="d e";f=g ', True), ("a/b ", True),
    ("application", False), ("a/", False), ("/b", False), ("a/b;", False), ("a/b; c", False),
    ("a /b", False), ('a/b; c="d', False), ("a/b\u00e9", False), ("", False), (1, False),
])  # fmt: skip
def test_a_media_type_is_one(given, accepted):
    assert (why(datacontenttype=given) == "") == accepted


@pytest.mark.parametrize(
    "given,one", [
        (None, "-"), ("", ""), ("a", "a"), (True, True), (False, False), (0, 0), (-0, 0),
        (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31)), (Decimal("1.0"), 1), (Decimal("0E+9"), 0),
        (Decimal("2147483647.0"), 2**31 - 1), (Decimal(-2147483648), -(2**31)),
        (Decimal("1E+3"), 1000),
    ],
)  # fmt: skip
def test_an_extension_is_a_text_a_flag_or_a_whole_number_of_32_bits(given, one):
    found = kept(ext1=given).get("ext1", "-")
    assert (found, type(found)) == (one, type(one))


@pytest.mark.parametrize(
    "given", [
        2**31, -(2**31) - 1, 1.5, Decimal("1.5"), Decimal("2147483648.0"), Decimal("1E+999999999"),
        Decimal("NaN"), Decimal("Infinity"), [], {}, "a\x00", "a\x9f",
    ],
)  # fmt: skip
def test_anything_else_is_none(given):
    assert why(ext1=given) != ""


@pytest.mark.parametrize("name", ["Ext", "ext-1", "ext_1", "", "ext.1", "\u00e9"])
def test_a_name_of_an_attribute_is_of_small_letters_and_digits(name):
    assert "other characters than a-z and 0-9" in why(**{name: None})
    assert "other characters than a-z and 0-9" in why(**{name: "a"})


def test_data_has_to_be_json():
    assert why(data_base64=None) == ""
    assert "data_base64 is not accepted" in why(data_base64="eA==")
    assert "data_base64" not in kept(data_base64=None)


@pytest.mark.parametrize("sent,one", [
    ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
    ("2025-01-01t00:00:00z", "2025-01-01T00:00:00Z"),
    ("2025-01-01T02:00:00+02:00", "2025-01-01T00:00:00Z"),
    ("2025-01-01T00:00:00.000Z", "2025-01-01T00:00:00Z"),
    ("2025-01-01T00:00:00.500Z", "2025-01-01T00:00:00.5Z"),
    ("2025-01-01T00:00:00-00:00", "2025-01-01T00:00:00Z"),
])  # fmt: skip
def test_a_time_has_one_spelling(sent, one):
    assert kept(time=sent)["time"] == one


def test_a_time_that_is_none_says_why():
    for wrong in ("2025-02-29T00:00:00Z", "2025-01-01", "2025-01-01T00:00:00.0000000001Z"):
        assert why(time=wrong).startswith(f"time is '{wrong}': ")
