"""Input that is nearly right: events of every type, changed as senders and foes change them."""

import gzip
import json
from pathlib import Path

from compressing import WAYS, checked_zstd
from hypothesis import strategies as st

GOLDEN = Path(__file__).with_name("storage") / "golden" / "events.jsonl"
EVENTS = tuple(GOLDEN.read_bytes().splitlines())
"""One event of each type."""

RAW = (
    *("null", "true", "[]", "{}", '""', "0", "-0", "-1", "1.5", "1e9", "999999999.999999999"),
    *("1e400", "-1e-400", "1E+99999999999999999999", "0.1234567891", "NaN", "-Infinity", "01"),
    *("9" * 5_000, "0." + "3" * 5_000, "1e" + "9" * 400, str(2**63), str(-(2**64)), "2147483648"),
    *('"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u001f"', '"\\u202e\\u0301\\ufeff"'),
    *('"' + "x" * 201 + '"', '"' + "é" * 70_000 + '"', '"2025-02-30"', '"9999-12-31"'),
    *('"0001-01-01"', '"2025-01-01T00:00:00Z"', '"2199-12-31T23:59:59.999999999-23:59"'),
    *('"1900-01-01T00:00:00+23:59"', '"2025-06-30T23:59:60Z"', '"Europe/Lutetia"', '"../../etc"'),
    *('"٣"', '"1_0"', '"1e5"', '"+1"', '" 1"', '"user:"', '"customer:\\u0007"', '"1,5"'),
    *("[" * 600 + "]" * 600, '{"a":' * 300 + "1" + "}" * 300, "[" * 3_000, '{"a":' * 3_000),
    *('"\\x"', "'a'", "undefined", '"', "/* a */ 1", '{"a":1,"a":2}', '[{"entitlement":null}]'),
)
"""What may stand where a value stood: JSON, and what only looks like it."""

_MARK = "\u2603mark\u2603"


def _paths(value, path=()):
    """Yield where each value of a tree is."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(item, (*path, key))


def _changed(tree, path, change):
    """Return a copy of a tree in which the one who holds a value was changed."""
    copy = json.loads(json.dumps(tree))
    holder = copy
    for step in path[:-1]:
        holder = holder[step]
    change(holder, path[-1])
    return copy


@st.composite
def replaced(draw):
    """An event of which one value is something else, gone, or said twice."""
    tree = json.loads(draw(st.sampled_from(EVENTS)))
    path = draw(st.sampled_from([path for path in _paths(tree) if path]))
    how = draw(st.sampled_from(("raw", "text", "gone", "twice", "renamed", "json")))
    if how == "gone":
        return json.dumps(_changed(tree, path, lambda holder, key: holder.pop(key))).encode()
    if how == "renamed":
        name = draw(st.text(max_size=8) | st.sampled_from(("Data", "data ", "__class__", "model_")))
        tree = _changed(tree, path, lambda holder, key: _rename(holder, key, name))
        return json.dumps(tree).encode()
    if how in {"text", "json"}:
        value = draw(st.text() if how == "text" else _JSON)
        tree = _changed(tree, path, lambda holder, key: holder.__setitem__(key, value))
        return json.dumps(tree, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    text = json.dumps(_changed(tree, path, lambda holder, key: holder.__setitem__(key, _MARK)))
    raw = draw(st.sampled_from(RAW))
    if how == "twice" and isinstance(path[-1], str):
        raw = f"1,{json.dumps(path[-1])}:{raw}"
    return text.replace(json.dumps(_MARK), raw).encode()


def _rename(holder, key, name):
    if isinstance(holder, dict):
        holder[name] = holder.pop(key)
    else:
        holder.append(name)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


_EVENTS = st.sampled_from(EVENTS)


@st.composite
def damaged(draw, whole=_EVENTS):
    """Bytes of which some were flipped, cut out, put in, or said again."""
    content = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        match draw(st.sampled_from(("flip", "cut", "put", "again", "end"))):
            case "flip" if start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del content[start:end]
            case "put":
                content[start:start] = draw(st.binary(max_size=8))
            case "again":
                content[start:start] = content[start:end]
            case _:
                del content[start:]
    return bytes(content)


@st.composite
def moved(draw):
    """A well-formed event under another id or time: new, a duplicate or a conflict."""
    tree = json.loads(draw(st.sampled_from(EVENTS)))
    tree["id"] = draw(st.sampled_from((tree["id"], "a", "b", "\u00e9", "e\u0301")))
    tree["time"] = draw(
        st.sampled_from((tree["time"], "1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999999Z"))
    )
    return json.dumps(tree).encode()


lines = st.one_of(
    st.sampled_from(EVENTS), moved(), replaced(), damaged(), damaged(replaced()), st.binary()
)
"""One line, right or wrong; it may hold ends of lines, and then it is several."""


@st.composite
def inputs(draw):
    """The bytes of a whole input: lines or a batch, compressed or not, whole or not."""
    raws = draw(st.lists(lines, max_size=8))
    if draw(st.integers(0, 3)) == 0:
        ends = draw(st.sampled_from((b"]", b",]", b"", b"]]", b"] ]", b"]\n\x00")))
        content = b"[" + draw(st.sampled_from((b",", b" ,\n", b";"))).join(raws) + ends
    else:
        content = draw(st.sampled_from((b"\n", b"\r\n", b"\n\n \n", b"\r"))).join(raws)
    content = draw(st.sampled_from((b"", b"", b"\xef\xbb\xbf", b" \n\t", b"\xff\xfe"))) + content
    match draw(st.integers(0, 7)):
        case 0:
            return draw(st.sampled_from(list(WAYS.values())))(content)
        case 1:
            packed = gzip.compress(content, mtime=0) + gzip.compress(content[:50], mtime=0)
            return draw(damaged(st.just(packed)))
        case 2:
            return draw(damaged(st.just(checked_zstd(content))))
    return content
