"""An event over several lines is one event, or one refusal, and it swallows no other."""

import io
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sending import FOUNDATION, Desk, contract, opening, package, workspace

from ledger.commands.sources.inputs import Source
from ledger.commands.sources.lines import EVENT_LIMIT, lines_of
from ledger.errors import UsageError

EVENTS = [json.loads(raw) for raw in FOUNDATION]
TRICKY = opening("C", title='}{"]\\[\\\\"')


def pretty(raw, indent=2):
    return json.dumps(json.loads(raw), indent=indent).encode()


def read(content):
    """Return (number, raw) of the lines of standard input."""
    return [(line.number, line.raw) for line in Source(["-"], io.BytesIO(content))]


def came(content):
    """Return how many events of an input are recorded, and how many wait."""
    desk = Desk()
    receipt = desk.send(lines=list(Source(["-"], io.BytesIO(content))))
    return receipt.appended, receipt.refused


@pytest.mark.parametrize("indent", [2, 0, "\t", 9])
@pytest.mark.parametrize("between", [b"\n", b"\r\n", b"\n\n", b"", b" ", b"\n \n"])
def test_events_one_after_the_other_are_one_each(indent, between):
    """However they are indented, and whatever stands between them."""
    content = between.join(pretty(raw, indent) for raw in (*FOUNDATION, TRICKY))
    assert came(content) == came(b"\xef\xbb\xbf" + content + b"\n") == (5, 0)
    assert came(content.replace(b"\n", b"\r\n")) == (5, 0)


def test_it_has_the_number_of_its_first_line_and_its_own_bytes():
    first, second = pretty(FOUNDATION[0]), pretty(FOUNDATION[1])
    content = FOUNDATION[2] + b"\n\n" + first + b"\n" + second.replace(b"\n", b"\r\n") + b"\r\n"
    assert read(content) == [
        (1, FOUNDATION[2]),
        (3, first),
        (4 + first.count(b"\n"), second.replace(b"\n", b"\r\n")),
    ]


@pytest.mark.parametrize(
    "printed",
    [
        b'{ "specversion": "1.0"\n, "id": "w", "source": "s"\n, "type": "workspace.created"\n'
        b', "time": "2025-01-01T00:00:00Z"\n, "data": {"workspace": "W", "customer": "c"\n'
        b'  , "name": "}{" } }',
        b'{"specversion": "1.0", "id": "w", "source": "s", "type": "workspace.created",\n'
        b'"time": "2025-01-01T00:00:00Z", "data":\n{"workspace": "W", "customer": "c",'
        b' "name": "n"}\n}',
    ],
)
def test_other_hands_break_lines_elsewhere(printed):
    assert came(printed) == came(printed + b"\n") == (1, 0)
    assert came(printed + b"\n" + opening("C")) == (2, 0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace(b'"1.0",', b'"1.0"'),
        lambda text: text.replace(b'"1.0",', b'"1.0",,'),
        lambda text: text.replace(b'"1.0"', b'"1.0'),
        lambda text: text.replace(b'"specversion"', b"specversion"),
        lambda text: text.replace(b"\n}", b",\n}"),
        lambda text: text.replace(b'"1.0"', b"'1.0'"),
        lambda text: text.replace(b'"1.0"', b"NaN"),
        lambda text: text.replace(b'"1.0"', b'"1.0\0\xff"'),
        lambda text: text[:-20],
        lambda text: text[:-1],
        lambda text: text + b"]",
    ],
)
def test_a_spoilt_one_is_one_refusal(spoil):
    """Alone, and before others, spread or not: those are recorded."""
    spoilt = spoil(pretty(FOUNDATION[0]))
    assert came(spoilt) == came(spoilt + b"\n") == (0, 1)
    others = [workspace(), contract()]
    assert came(b"\n".join([spoilt, *others])) == (2, 1)
    assert came(b"\n".join([*map(pretty, others), spoilt])) == (2, 1)
    assert came(b"\n".join([spoilt, *map(pretty, others)])) == (2, 1)


def test_a_line_that_is_torn_anywhere_swallows_no_event():
    """The one behind it is recorded, and the torn one waits alone."""
    whole = package(
        lines=[{"entitlement": "E", "service": "other", "class": "benefit", "name": "e"}]
    )
    behind = [workspace(), contract(), opening("C"), opening("D")]
    for place in range(1, len(whole)):
        content = b"\n".join([whole[:place], *behind])
        assert [raw for _, raw in read(content)] == [whole[:place], *behind], whole[:place]


def test_a_line_that_is_torn_before_what_is_no_event_waits_alone():
    for torn in (b'{"a": 1', b'{"a', b"{]", b'{"a": "b"'):
        assert read(torn + b"\nhello\n[2]\n{}") == [
            (1, torn),
            (2, b"hello"),
            (3, b"[2]"),
            (4, b"{}"),
        ]


def test_an_array_behind_lines_is_one_refusal():
    content = FOUNDATION[0] + b"\n" + json.dumps(EVENTS, indent=2).encode()
    assert came(content) == (1, 1)
    assert came(json.dumps(EVENTS, indent=2).encode()) == (4, 0)


def test_two_events_on_one_line_are_one_refusal():
    assert came(opening("C") + opening("D") + b"\n" + opening("E")) == (1, 1)


ANY = st.sampled_from([*FOUNDATION, b"{", b"}", b"[", b"{}", b'{"a":', b'"', b"x", b'{"a":[{', b""])


@given(st.lists(ANY, max_size=9))
@settings(max_examples=300)
def test_nothing_but_blanks_is_ever_lost(raws):
    content = b"\n".join([FOUNDATION[0], *raws])
    assert b"".join(b"".join(raw for _, raw in read(content)).split()) == b"".join(content.split())


@given(st.lists(st.sampled_from(FOUNDATION), min_size=1), st.lists(st.booleans(), min_size=9))
def test_however_the_lines_of_an_input_are_broken_its_events_are_the_same(raws, spread):
    """Spread and plain ones mixed, in any order."""
    printed = (pretty(raw) if how else raw for raw, how in zip(raws, spread * 9, strict=False))
    found = [json.loads(raw) for _, raw in read(b"\n".join(printed))]
    assert found == [json.loads(raw) for raw in raws]


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":[\n' + b"{\n},\n" * 50_000,
        b'{\n"a":\n' * 25_000,
        b"{\n" * 100_000,
        b'{"a": 1\n' * 25_000,
        b'{"a"\n' * 25_000,
        b'{"a":[\n' + b'"x",\n' * 50_000,
        b'{"a": ' + b"[\n" * 100_000,
        b"[" * EVENT_LIMIT + b"\n" + b"{" * EVENT_LIMIT,
    ],
)
def test_no_input_takes_long(content):
    """Very many marks, open or torn: each line is looked at once."""
    begun = time.process_time()
    assert b"".join(b"".join(raw for _, raw in read(content)).split()) == b"".join(content.split())
    assert time.process_time() - begun < 5


def test_a_spread_event_has_the_limits_of_a_line(monkeypatch):
    monkeypatch.setattr("ledger.commands.sources.lines.LINE_LIMIT", 1_000)
    monkeypatch.setattr("ledger.commands.sources.contents._CHUNK", 100)
    long = FOUNDATION[0] + b'\n{"a": [\n' + b"1,\n" * 1_000
    found = []
    with pytest.raises(Exception, match="line 2 is longer than"):
        found.extend(Source(["-"], io.BytesIO(long)))


@pytest.mark.parametrize("line", [b"", b'"a":['])
def test_an_event_left_open_for_many_lines_takes_no_object_for_each(line):
    """The memory for it is some times its bytes, and it is one refusal, of these very bytes."""
    raw = b"\n".join([b"{", *[line] * 20_000])
    pieces = (raw[at : at + 999] for at in range(0, len(raw), 999))
    tracemalloc.start()
    found = [(read.number, read.raw) for read in lines_of("-", pieces)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(1, raw)]
    assert peak < 5 * len(raw)


def test_blank_lines_of_more_than_an_event_may_have_end_it():
    """Their line ends count; what comes after them is read line by line."""
    found = read(b"{\n" + b"\n" * (EVENT_LIMIT + 99) + FOUNDATION[0] + b"\n[2]")
    assert [(at, raw[:3]) for at, raw in found[:1]] == [(1, b"{\n\n")]
    assert EVENT_LIMIT < len(found[0][1]) < EVENT_LIMIT + 9
    assert found[1:] == [(2 + EVENT_LIMIT + 99, FOUNDATION[0]), (3 + EVENT_LIMIT + 99, b"[2]")]


def test_the_ends_of_lines_count_towards_the_limit_of_a_line(monkeypatch):
    monkeypatch.setattr("ledger.commands.sources.lines.LINE_LIMIT", 1_000)
    pieces = iter([b"{\n", *[b"1\n"] * 400])
    assert [line.raw[:3] for line in lines_of("-", pieces)] == [b"{\n1"]
    with pytest.raises(UsageError, match="line 1 is longer"):
        list(lines_of("-", iter([b"{\n", *[b"1\n"] * 600])))
