"""The codec refuses what is no event of ours, in one sentence that says what is wrong."""

import pytest

from ledger.domain.refusals import Refusal
from ledger.storage.codec import Codec


def _refused(type_name: str, data: str) -> Refusal:
    codec = Codec()
    envelope = codec.receive(
        f'{{"specversion":"1.0","id":"1","source":"s","type":"{type_name}",'
        f'"time":"2025-03-31T14:00:00Z","data":{data}}}'.encode()
    )
    assert not isinstance(envelope, Refusal), envelope
    found = codec.typed(envelope)
    assert isinstance(found, Refusal), found
    return found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"not json",
        b'{"a":1}{"b":2}',
        b'{"a":1,}',
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\n"}',
        b'{"a":1e99999999999999999999999}',
        b'{"a":' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
    ],
    ids=repr,
)
def test_no_json_is_refused_in_one_sentence(raw):
    """Whatever the bytes are, they make one plain sentence, and nothing breaks."""
    found = Codec().receive(raw)
    assert isinstance(found, Refusal)
    assert found.code == "bad-json"
    assert "\n" not in found.reason
    assert "nternal" not in found.reason


@pytest.mark.parametrize(
    "type_name, data, reason",
    [
        ("case.opened", "{}", "data.case: this field is required (and 3 more)"),
        ("case.closed", '{"case":7}', "data.case: a text is expected"),
        ("case.closed", '{"case":""}', "data.case: it is empty"),
        ("case.closed", '{"case":"a\\u0085b"}', "data.case: it has no control characters"),
        (
            "case.closed",
            '{"case":"%s"}' % ("x" * 201),
            "data.case: it has at most 200 characters",
        ),
        (
            "case.closed",
            '{"case":"C","why":"x"}',
            "data.why: the type case.closed has no such field",
        ),
        (
            "case.labour_recorded",
            '{"case":"C","minutes":1.5}',
            "data.minutes: a whole number such as 30",
        ),
        (
            "credit.refunded",
            '{"package":"P","entitlement":"E","workspace":"W","reason":"r","credits":1e400}',
            "data.credits: a quantity is smaller than 1000000000",
        ),
        (
            "contract.terminated",
            '{"contract":"K","on":"2025-02-30","reason":"r"}',
            "data.on: there is no such day as 2025-02-30",
        ),
        (
            "role.granted",
            '{"principal":"ada","role":"workspace_admin","scope":"workspace:W"}',
            "data.principal: it is written as user:ID or group:ID",
        ),
        (
            "workshop.scheduled",
            '{"engagement":"E","workspace":"W","package":"P","entitlement":"S","title":"t",'
            '"quantity":1,"starts_at":"2016-12-31T23:59:60+01:00"}',
            "data.starts_at: only a leap second, 23:59:60 in UTC, has the number 60",
        ),
        (
            "case.shared",
            '{"case":"C"}',
            "data: give exactly one of user and group",
        ),
        (
            "workshop.delivered",
            '{"engagement":"E","hours":1,"final":"yes"}',
            "data.final: it is true or false",
        ),
        (
            "package.purchased",
            '{"contract":"K","package":"P","kind":"addon","name":"n","starts_on":"2025-01-01",'
            '"ends_on":"2025-12-31","entitlements":[{"entitlement":"E","service":"dse",'
            '"entitlement_class":"benefit","name":"n"}]}',
            "data.entitlements[0].class: this field is required (and 1 more)",
        ),
    ],
)
def test_wrong_data_is_refused_with_its_field(type_name, data, reason):
    """A refusal of data names the field, and says in one sentence what it should be."""
    assert _refused(type_name, data) == Refusal("invalid-data", reason)


def test_an_unknown_type_is_refused():
    """A type that does not exist is refused before its data is looked at."""
    assert _refused("case.exploded", "{}").code == "unknown-type"
