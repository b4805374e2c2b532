"""The short way to the stored bytes of plain facts is the long way, byte for byte."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import worlds

from ledger.commands.ingest.parse import prepare
from ledger.commands.sources.lines import Line
from ledger.domain.events import EVENTS
from ledger.domain.values import instants
from ledger.domain.values.instants import canonical_instant, format_instant, parse_instant
from ledger.storage.codec import Codec

SHORT, LONG = Codec(), Codec()
LONG.plain = lambda value: None

NAMES = sorted({name for model in EVENTS for name in model.model_fields})
TEXTS = st.sampled_from(
    (
        *(
            "a",
            "W0",
            "",
            " ",
            "é",
            "\u200b",
            "a\tb",
            "\x85",
            "x" * 200,
            "x" * 201,
            "user:",
            "group:g",
        ),
        *(
            "user:ada",
            "ada",
            "\ufdd0",
            "remote",
            "reactive",
            "other",
            '"\\',
            "2025-01-01",
            "\U0001f600",
        ),
        *(
            "2025-01-01T00:00:00Z",
            "0",
            "-0",
            "00",
            "1.50",
            "1.5",
            "0.000000001",
            "1e2",
            "999999999",
        ),
        *("1000000000", "0.0", ".5", "1.", "-1", "\u0661", "true"),
    )
)
NUMBERS = st.sampled_from(("0", "1", "30", "30.0", "1.5", "-1", "1e2", "999999999", "1000000000"))
VALUES = st.one_of(
    TEXTS.map(json.dumps),
    TEXTS.map(lambda text: json.dumps(text, ensure_ascii=False)),
    NUMBERS,
    st.sampled_from(("null", "true", "false", "[]", "{}", "[1]")),
)
TIMES = st.sampled_from(
    (
        *("2025-03-31T14:00:00Z", "2025-03-31T14:07:09+02:00", "2025-03-31T14:00:00-05:30"),
        *("2025-03-31t14:00:00z", "2025-03-31T14:00:00.5Z", "2025-03-31T14:00:00.000Z"),
        *("2025-W01-1T00:00:00Z", "2025-02-30T00:00:00Z", "1899-12-31T23:59:59Z", "2025-03-31"),
        *("1900-01-01T00:00:00+00:30", "2199-12-31T23:59:59Z", "2200-01-01T00:00:00+01:00"),
        *("2025-03-31T14:00:60Z", "2025-03-31T24:00:00Z", "2025-03-31T14:00:00+24:00"),
        *("2016-12-31T23:59:60Z", "2016-12-31T18:59:60-05:00", "2017-01-01T00:59:60.5+01:00"),
    )
)
FACTS = [model for model in EVENTS if model.is_fact]


def said(codec, raw):
    """All that is found out about the bytes of a line."""
    return prepare(codec, Line("f", 1, raw))


@st.composite
def lines(draw):
    """An event with the fields of its type, mostly, each with whatever value."""
    model = draw(st.sampled_from(FACTS))
    fields = [
        name
        for name, field in model.model_fields.items()
        if draw(st.integers(0, 9)) < (10 if field.is_required() else 4)
    ]
    if draw(st.integers(0, 9)) == 9:
        fields.append(draw(st.sampled_from([name for name in NAMES if name not in fields])))
    data = {name: draw(plausible(model, name)) for name in draw(st.permutations(fields))}
    parts = {
        "specversion": '"1.0"',
        "id": draw(mostly('"e1"')),
        "source": draw(mostly('"urn:s"')),
        "type": json.dumps(model.type_name),
        "time": draw(mostly('"2025-03-31T14:07:09+02:00"', TIMES.map(json.dumps))),
        "data": "{" + ",".join(f'"{name}":{value}' for name, value in data.items()) + "}",
    }
    if draw(st.integers(0, 9)) == 9:
        parts[draw(st.sampled_from(("subject", "traceparent", "specversion", "data")))] = draw(
            VALUES
        )
    if draw(st.integers(0, 19)) == 19:
        del parts[draw(st.sampled_from(list(parts)))]
    return ("{" + ",".join(f'"{name}":{value}' for name, value in parts.items()) + "}").encode()


@st.composite
def mostly(draw, fitting, others=VALUES):
    """The value that fits, and now and then any other."""
    return draw(others) if draw(st.integers(0, 11)) == 11 else fitting


def plausible(model, name):
    """A value that suits a field, mostly."""
    fitting = {"minutes": "30", "hours": '"1.5"', "credits": "2", "quantity": "1", "final": "true"}
    fitting |= {"support_type": '"reactive"', "mode": '"remote"', "score": "1", "findings": "3"}
    fitting |= {"quality_index": '"0.5"', "starts_at": '"2025-01-01T00:00:00Z"', "charge": "0.5"}
    return mostly(fitting.get(name, '"W0"'))


@settings(max_examples=settings.default.max_examples * 40)
@given(raw=lines())
def test_a_plain_fact_comes_to_what_its_envelope_and_its_model_make_of_it(raw):
    """What the short way lets through has the key, bytes, stream and persons of the long one."""
    assert said(SHORT, raw) == said(LONG, raw)


@given(events=worlds())
def test_events_of_a_world_are_prepared_alike_by_the_short_way(events):
    """And most facts take it: a case that is opened, labour, credits, courses."""
    for event in events:
        raw = json.dumps(event).encode()
        assert said(SHORT, raw) == said(LONG, raw)


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.type_name)
def test_the_short_way_is_open_to_facts_without_rules_of_their_own(model):
    """A type whose fields depend on each other is left to its model, and so is every term."""
    rules = model.__pydantic_decorators__.model_validators
    assert (model.type_name in SHORT._plainly._models) == (not rules)


@settings(max_examples=settings.default.max_examples * 10)
@given(time=TIMES, junk=st.text("0123456789-+:TZ. ", max_size=3), at=st.integers(0, 25))
def test_an_instant_that_is_read_quickly_is_the_one_that_is_read_slowly(time, junk, at):
    """Also where characters of it are other ones."""
    text = time[:at] + junk + time[at + len(junk) :]
    slow = read(instants._parsed, text)
    assert read(parse_instant, text) == slow
    written = slow if isinstance(slow, str) else format_instant(slow)
    assert read(canonical_instant, text) == written


def read(reader, text):
    """What a reader makes of a text, or the sentence with which it refuses it."""
    try:
        return reader(text)
    except ValueError as wrong:
        return str(wrong)
