"""Lines as long as lines may be, and very many of them: bounded time for each, and no growth."""

import gc
import json
import random
import time
import tracemalloc
from decimal import Decimal

import pytest
from mutations import EVENTS, RAW
from sending import Desk, counts, event

from ledger.commands.ingest.parse import prepare
from ledger.commands.sources.json_batch import spans
from ledger.commands.sources.lines import EVENT_LIMIT, Line
from ledger.domain.values.quantities import SCALE, parse_quantity
from ledger.storage.codec import Codec

MANY = EVENT_LIMIT - 2_000
SECONDS = 5
"""Processor time that one line of the largest size may take, on a slow machine."""


def closing(**given):
    return event("case.closed", {"case": "C"}, **given)


def adjusting(written):
    data = {"package": "P", "entitlement": "E", "reason": "r", "approved_by": "a", "quantity": 7}
    return event("entitlement.adjusted", data).replace(b"7", written.encode(), 1)


def listing(count, entitlement):
    data = {"contract": "K", "package": "P", "kind": "addon", "name": "n"}
    data |= {"starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    return event("package.purchased", data | {"entitlements": [entitlement] * count})


LONGEST = {
    "deep lists": (b"[" * MANY, "bad-json"),
    "deep objects": (b'{"a":' * (MANY // 5), "bad-json"),
    "digits": (b"9" * MANY, "bad-json"),
    "escapes": (b'"' + b'\\"' * (MANY // 2), "bad-json"),
    "keys": (b"{" + b",".join(b'"%d":1' % n for n in range(MANY // 12)) + b"}", "not-a-cloudevent"),
    "attributes": (closing(**{f"a{n}": 1 for n in range(60_000)}), None),
    "parameters": (closing(datacontenttype="a/b" + ";a=b" * (MANY // 4)), None),
    "blanks": (closing(datacontenttype="a/b" + " " * MANY + "x"), "not-a-cloudevent"),
    "quotes": (closing(datacontenttype='a/b;a="' + "\\" * (MANY // 2)), "not-a-cloudevent"),
    "a time": (closing(time="2025-01-01T00:00:00." + "1" * MANY), "not-a-cloudevent"),
    "zeros": (adjusting("1." + "0" * MANY), None),
    "decimals": (adjusting("1." + "7" * MANY), "invalid-data"),
    "small": (adjusting("1e-99999999"), "invalid-data"),
    "large": (adjusting("1e99999999"), "invalid-data"),
    "faults": (listing(200_000, 0), "invalid-data"),
    "twice": (listing(10_000, {"entitlement": "E", "service": "other"}), "invalid-data"),
}


@pytest.mark.parametrize("raw, code", LONGEST.values(), ids=LONGEST)
def test_the_longest_lines_have_their_verdict_in_bounded_time(raw, code):
    assert len(raw) <= EVENT_LIMIT
    begun = time.process_time()
    refusal = prepare(Codec(), Line("f", 1, raw)).refusal
    assert time.process_time() - begun < SECONDS
    assert (refusal and refusal.code) == code
    assert refusal is None or len(refusal.reason) < 500


def test_a_number_with_many_zeros_is_the_number_that_it_is():
    """Nor does the limit that Python has for digits ever show."""
    assert parse_quantity(Decimal("1." + "0" * 100_000)) == SCALE
    assert parse_quantity(Decimal("0.0000000010" + "0" * 100_000)) == SCALE // 10**9
    with pytest.raises(ValueError, match="at most 9 decimals"):
        parse_quantity(Decimal("1." + "0" * 100_000 + "1"))


@pytest.mark.parametrize("end", ["", "\\", '"', '"]', "]"])
def test_a_deep_batch_with_a_text_that_never_ends_is_refused_in_bounded_time(end):
    """Each quote used to be looked at from there to the end: hours for a few megabytes."""
    begun = time.process_time()
    with pytest.raises(ValueError, match="the list has no end"):
        spans("[" + "[" * 2_000 + '"' + '\\"' * 500_000 + end)
    assert time.process_time() - begun < SECONDS


def scrambled(chance):
    """Return one event, changed without any help, so that nothing remembers what was drawn."""
    raw = bytearray(chance.choice(EVENTS))
    if chance.random() < 0.3:
        tree = json.loads(raw)
        name = chance.choice(list(tree["data"]))
        tree["data"][name] = "@"
        raw = bytearray(json.dumps(tree).replace('"@"', chance.choice(RAW)).encode())
    for _ in range(chance.randrange(3)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def rounds(chance, count):
    for _ in range(count):
        desk = Desk()
        counts(desk.send(*(scrambled(chance) for _ in range(100))))
        desk.ledger.close()


@pytest.mark.deep
def test_memory_does_not_grow_over_many_rounds_of_broken_lines():
    """What is remembered between two ledgers (zones, days) is bounded: it is full early on."""
    chance = random.Random(20251126)
    rounds(chance, 150)
    gc.collect()
    tracemalloc.start()
    try:
        rounds(chance, 20)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        rounds(chance, 200)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 300_000
