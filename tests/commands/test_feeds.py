"""Messages of a broker, in binary mode as the binding for NATS has it: what becomes their line."""

import json

import pytest

from ledger.commands.ingest.parse import prepare
from ledger.commands.sources.messages import Message, lines_of
from ledger.storage.codec import Codec

CLOSING = {
    "specversion": "1.0",
    "id": "e",
    "source": "urn:desk",
    "type": "case.closed",
    "time": "2025-03-01T10:00:00Z",
}
HEADERS = [(f"ce-{name}", value) for name, value in CLOSING.items()]
BODY = b'{"case": "C"}'
WHOLE = json.dumps(CLOSING | {"data": {"case": "C"}}).encode()


def judged(headers, body=BODY):
    """Return the line of a message, and what its bytes say."""
    [line] = lines_of(Message(7, body, headers, None), "nats://b/S")
    assert (line.file, line.number) == ("nats://b/S", 7)
    return line, prepare(Codec(), line)


def state(headers, body=BODY):
    _, prepared = judged(headers, body)
    assert prepared.refusal is None, prepared.refusal
    return prepared.state


def refused(headers, body=BODY):
    line, prepared = judged(headers, body)
    again = prepare(Codec(), line._replace(refused=None))  # as the quarantine tries it again
    assert again.refusal is not None
    return prepared.refusal.code, line.raw


def with_team(written):
    return json.loads(state([*HEADERS, ("ce-team", written)]))["team"]


def test_a_binary_message_is_what_the_structured_one_is():
    assert state(HEADERS) == state([], WHOLE)
    assert state([(name.upper(), value) for name, value in HEADERS]) == state([], WHOLE)
    typed = {**CLOSING, "datacontenttype": "application/json", "data": {"case": "C"}}
    for name in ("content-type", "ce-datacontenttype", "Ce-DataContentType"):
        assert state([*HEADERS, (name, "application/json")]) == state(
            [], json.dumps(typed).encode()
        )


@pytest.mark.parametrize(
    "written, meant",
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("Euro € 😀", "Euro € 😀"),
        ("%e2%82%ac%41", "€A"),
        ("100%25", "100%"),
        ("%2541", "%41"),
        ("%zz 5%", "%zz 5%"),
        ('"a b"', "a b"),
        (r'"a \"b\" \\ c%20d"', 'a "b" \\ c d'),
        ('"', '"'),
        ("", ""),
        ("a+b", "a+b"),
    ],
)
def test_values_are_taken_out_of_quotes_and_decoded_once(written, meant):
    assert with_team(written) == meant


def test_an_extension_is_a_text_whatever_it_was():
    """The headers do not say of what type a value is: a number of structured mode is another."""
    assert with_team("5") == "5"
    assert with_team("true") == "true"


@pytest.mark.parametrize("written", ["%FF", "%C0%A0", "%ED%A0%80", "\udce9", "%E2%82", "a%80b"])
def test_a_header_that_is_no_utf_8_is_refused_as_it_came(written):
    """Each byte of it is kept, and it stays refused when it is tried again."""
    code, raw = refused([*HEADERS, ("ce-team", written)])
    assert code == "bad-json"
    with pytest.raises(UnicodeDecodeError):
        raw.decode()


def test_a_header_that_came_twice_is_refused():
    """Nobody can say which counts; in capitals or not it is the same."""
    for name in ("ce-id", "CE-ID", "ce-team"):
        code, raw = refused([*HEADERS, ("ce-team", "a"), (name, "other")])
        assert (code, b"other" in raw) == ("bad-json", True)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_a_message_without_a_header_that_it_needs_is_refused_with_those_it_has(name):
    """Also without the version: that it has headers of CloudEvents says what it is."""
    code, raw = refused([pair for pair in HEADERS if pair[0] != f"ce-{name}"])
    assert code == "not-a-cloudevent"
    assert json.loads(raw).keys() == CLOSING.keys() - {name} | {"data"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("ce-time", "yesterday"),
        ("ce-specversion", "0.3"),
        ("ce-id", ""),
        ("ce-data", "5"),
        ("ce-data_base64", "5"),
        ("ce-My_Team", "5"),
        ("ce-", "5"),
        ("ce-team\udcff", "5"),
    ],
)
def test_headers_that_no_event_has_are_refused(wrong):
    refused([pair for pair in HEADERS if pair[0] != wrong[0]] + [wrong])


@pytest.mark.parametrize(
    "body", [b'{"case": "\xe9"}', b"\xff\xfe", b"", b"no json", b'{"case": "C"}{}', b"NaN"]
)
def test_a_body_that_is_no_json_in_utf_8_is_refused_and_kept(body):
    """Whatever its type says of an encoding."""
    for kind in ([], [("content-type", "application/json; charset=iso-8859-1")]):
        code, raw = refused([*HEADERS, *kind], body)
        assert code == "not-a-cloudevent"
        assert "data_base64" in json.loads(raw)


def test_a_body_of_another_type_is_refused():
    for name in ("content-type", "ce-datacontenttype"):
        assert refused([*HEADERS, (name, "text/plain")])[0] == "not-a-cloudevent"
        state([*HEADERS, (name, "application/vnd.desk+json; charset=UTF-8")])


@pytest.mark.parametrize(
    "kind", ["application/cloudevents+json; charset=UTF-8", "APPLICATION/cloudevents"]
)
def test_a_structured_message_is_its_body_whatever_headers_it_has(kind):
    line, prepared = judged([*HEADERS, ("Content-Type", kind)], WHOLE)
    assert (line.raw, prepared.refusal) == (WHOLE, None)
    assert judged([("x-trace", "1"), ("content-type", "application/json")], WHOLE)[0].raw == WHOLE


def test_another_format_of_events_is_refused_by_its_name():
    line, prepared = judged([("content-type", "application/cloudevents+avro")], b"\x00\x01")
    assert prepared.refusal.code == "bad-json"
    assert "application/cloudevents+avro" in prepared.refusal.reason
    assert line.raw == b"\x00\x01"


def test_a_batch_is_an_event_for_each_element():
    sent = Message(
        7,
        b"[" + WHOLE + b", " + WHOLE + b"]",
        [("content-type", "application/cloudevents-batch+json")],
        None,
    )
    assert [line.raw for line in lines_of(sent, "f")] == [WHOLE, WHOLE]
