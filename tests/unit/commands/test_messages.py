"""Messages of a broker: in structured mode, as a batch, and in binary mode; nothing is lost."""

import json
from base64 import b64decode

import pytest

from ledger.commands.sources.messages import Message, lines_of

BODY = b'{"a": 1.50}'


def lines(body=BODY, **headers):
    """The (number, content, code) of what is judged of a message."""
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    found = list(lines_of(Message(7, body, named, None), "nats://x"))
    assert {(line.file, line.number) for line in found} <= {("nats://x", 7)}
    return [(line.raw, line.refused and line.refused.code) for line in found]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content_type": "application/json"},
        {"content_type": "application/cloudevents+json; charset=utf-8", "ce_specversion": "1.0"},
        {"Content_Type": " APPLICATION/CloudEvents+json ", "ce_specversion": "1.0"},
        {"other": "ce-id"},
    ],
)
def test_the_body_is_the_event_where_it_says_so_or_nothing_says_otherwise(headers):
    assert lines(**headers) == [(BODY, None)]


@pytest.mark.parametrize(
    "body,found",
    [
        (b'[{"a": 1}, 2]', [(b'{"a": 1}', None), (b"2", None)]),
        (b' [ "\xc3\xa9" ] ', [('"é"'.encode(), None)]),
        (b"[]", []),
        (b'{"a": 1}', [(b'{"a": 1}', "bad-json")]),
        (b"[1", [(b"[1", "bad-json")]),
        (b"[\xff]", [(b"[\xff]", "bad-json")]),
        (b"", [(b"", "bad-json")]),
    ],
)
def test_a_batch_is_its_elements_or_one_line_where_it_is_none(body, found):
    assert lines(body, content_type="application/cloudevents-batch+json") == found


def binary(body=BODY, **headers):
    """The event of binary mode, as JSON."""
    ((raw, code),) = lines(body, ce_specversion="1.0", **headers)
    assert code is None
    return json.loads(raw, parse_float=str), raw


def test_in_binary_mode_headers_are_the_attributes_and_the_body_is_the_data():
    """Whatever the letters of a name; what is written in percent is read; other headers are not."""
    found, raw = binary(CE_Id="a%20b", Ce_Source="urn:x", nats_msg_id="no", ce_name="%C3%A9")
    assert found == {
        "specversion": "1.0", "id": "a b", "source": "urn:x", "name": "é", "data": {"a": "1.50"},
    }  # fmt: skip
    assert raw.endswith(b', "data": {"a": 1.50}}')


@pytest.mark.parametrize(
    "media_type,is_json",
    [
        (None, True),
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/x+json", True),
        ("text/plain", False),
        ("application/jsonx", False),
        ("application/json-seq", False),
    ],
)
def test_a_body_that_is_json_stays_as_it_is_and_another_loses_no_byte(media_type, is_json):
    headers = {} if media_type is None else {"content_type": media_type}
    found, _ = binary(**headers)
    assert found.get("datacontenttype") == media_type
    assert ("data" in found, "data_base64" in found) == (is_json, not is_json)
    if not is_json:
        assert b64decode(found["data_base64"]) == BODY


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"{} {}", b"\xff", b"[Infinity]"])
def test_a_body_that_says_it_is_json_and_is_none_loses_no_byte(body):
    found, _ = binary(body, content_type="application/json")
    assert b64decode(found["data_base64"]) == body
